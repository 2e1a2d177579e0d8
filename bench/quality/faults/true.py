"""True sentences as models write them: as they stand, introduced, joined, reworded."""

import random
import re

from bench.quality.faults.statements import lower

INTRODUCTIONS = (
    "According to the report, {}", "According to the document, {}", "The document states that {}",
    "The source says that {}", "As the passage explains, {}", "Based on the provided information, {}",
    "As stated in the documentation, {}", "The text notes that {}", "In the article on {title}, it says that {}",
    "It is reported that {}", "According to the article, {}", "Regarding your question, {}", "In short, {}",
    "The authors write that {}", "According to the filing, {}", "As described in {title}, {}", "In fact, {}",
    "The sources indicate that {}", "We learn that {}", "To answer your question: {}", "Yes, {}", "Notably, {}",
)  # fmt: skip
UNTUNED = (
    "As mentioned in the text, {}", "According to this page, {}", "The material provided shows that {}",
    "From the sources it follows that {}", "Per the documentation, {}", "It should be noted that {}",
    "One of the passages mentions that {}", "The report also points out that {}", "As far as the documents go, {}",
    "Here is what the manual says: {}", "On this point the guide is clear: {}", "It is worth noting that {}",
)  # fmt: skip
INTRODUCTIONS_OF = {
    "es": ("Según el informe, {}", "El documento indica que {}", "De acuerdo con el texto, {}"),
    "de": ("Laut dem Bericht gilt: {}", "Dem Dokument zufolge: {}", "Im Text heißt es: {}"),
    "hi": ("रिपोर्ट के अनुसार, {}", "दस्तावेज़ के अनुसार, {}"),
    "ar": ("وفقا للتقرير، {}", "بحسب الوثيقة، {}"),
    "zh": ("根据报告，{}", "文件指出，{}"),
}
_AND = {"en": "and", "es": "y", "de": "und", "hi": "और", "ar": "و", "zh": "并且"}
_SYNONYMS = {
    "large": "big", "began": "started", "begin": "start", "however": "though", "many": "numerous", "also": "too",
    "often": "frequently", "usually": "normally", "several": "some", "because": "since", "important": "significant",
    "called": "named", "used": "employed", "helped": "aided", "built": "constructed", "shows": "demonstrates",
    "about": "around", "located": "situated", "obtain": "get", "major": "main", "allowed": "permitted", "use": "employ",
    "need": "require", "show": "demonstrate", "people": "persons", "made": "produced", "created": "made",
    "area": "region", "became": "turned into", "includes": "contains", "including": "such as", "provide": "give",
    "provided": "gave",
}  # fmt: skip
_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def introduce(sentence: str, language: str, title: str, dice: random.Random, *, untuned: bool) -> str:
    """Put words in front that say where it is from."""
    if language == "en":
        known = UNTUNED if untuned else INTRODUCTIONS
        usable = [text for text in known if title or "{title}" not in text]
        return dice.choice(usable).replace("{title}", title).format(lower(sentence))
    return dice.choice(INTRODUCTIONS_OF[language]).format(sentence)


def join(first: str, second: str, language: str) -> str:
    """Make one sentence of two."""
    head = first.rstrip(".。। ")
    if language == "zh":
        return f"{head}，并且{second}"
    tail = lower(second) if language == "en" else second
    return f"{head}{',' if language == 'en' else ''} {_AND[language]} {tail}"


def touch(sentence: str, dice: random.Random) -> str:
    """Change what says nothing: quotation marks, dashes, the closing stop."""
    text = sentence.replace("'", "’").replace('"', "“") if dice.random() < 0.5 else sentence
    text = text.replace(" – ", " - ").replace("—", " - ") if dice.random() < 0.5 else text
    return text[:-1] if dice.random() < 0.3 else text


def reword(sentence: str) -> str:
    """Say the same with other words: synonyms, a moved clause, no parenthesis, small numbers the other way."""
    text = re.sub(r" \([^)]*\)", "", sentence)
    opening = re.match(r"(In|During|After|By|Since|On|At) ([^,]{3,40}), (\w)(.*)\.$", text)
    if opening and not re.search(r"\b(?:and|but|which|who)\b", opening[4]):
        text = f"{opening[3].upper()}{opening[4]} {opening[1].lower()} {opening[2]}."
    text = "".join(_SYNONYMS.get(word, word) for word in re.split(r"(\W+)", text))
    return re.sub(r"(?<= )(?:[2-9]|1[0-2])(?= [a-z])", lambda match: _SMALL[int(match.group())], text)
