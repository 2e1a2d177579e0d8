"""Facts and entities from a person's own words, found by rules: exact spans of the message, nothing made up.

What is not the person's own is left alone: quotes, code, forwarded mail, what the bot has said before. So are questions
and conditions, which state nothing, and secrets, which nobody wants to find on a page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from parley.chat.memory.patterns import ABOUT_THE_PERSON, MemoryKind, Pattern, languages, lifetimes, patterns
from parley.kit.analysis import analyse, is_function_word
from parley.kit.language_detection import detect_language
from parley.kit.sentences import split_sentences

# Whoever writes more than this pastes: a letter, a log, somebody else's story.
LONGEST_MESSAGE = 4000
LONGEST_FACT = 400
MOST_FACTS = 20
LEAST_CONFIDENCE = 0.3
HEDGED = 0.6
_SUBJECT_TERMS = 4
_ENTITY_CONFIDENCE = 0.6
_MASKED = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|^[ \t]*>[^\n]*|“[^”]*”|„[^“”]*[“”]|«[^»]*»|「[^」]*」"
    r"|(?<!\w)\"[^\"\n]{12,}\"(?!\w)|(?<!\w)'[^'\n]{25,}'(?!\w)",
    re.DOTALL | re.MULTILINE,
)
_FORWARDED = re.compile(
    r"^\s*(?:-{2,}\s*(?:original|forwarded|weitergeleitet|mensaje|message)|(?:from|von|de|da|van)\s*:\s*\S+.*\n\s*"
    r"(?:to|sent|date|an|gesendet|para|enviado|à|envoyé)\s*:)",
    re.IGNORECASE | re.MULTILINE,
)
_QUESTION_END = re.compile(r"[?？؟;][\"'”’»)\s]*$")
_QUESTION_START = re.compile(
    r"\s*(?:who|what|when|where|why|how|which|whose|is|are|do|does|did|can|could|should|would|will|was|were|have i|"
    r"am i|wer|was|wann|wo|warum|wie|welche\w*|kann|soll|qué|quién|cuándo|dónde|cómo|por qué|qui|que|quand|où|"
    r"pourquoi|comment|est-ce|quem|quando|onde|como|chi|dove|perché|come|wie|wat|wanneer|waar|hoe|кто|что|когда|где|"
    r"как|почему)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"(?<!\w)(?:if|unless|suppose|imagine|pretend|assume|let's say|would|could|wenn|falls|angenommen|si|imagina|"
    r"supongamos|imagine[z]?|supposons|se|supponiamo|suponha|als|stel|если|अगर|यदि|如果|假如|もし)(?!\w)",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"(?<!\w)(?:maybe|perhaps|probably|possibly|might|i think|i guess|not sure|i suppose|vielleicht|wahrscheinlich|"
    r"ich glaube|quizás?|tal vez|creo que|peut-être|je crois|je pense|talvez|acho que|forse|credo|misschien|ik denk|"
    r"возможно|может быть|кажется|शायद|ربما|可能|也许|たぶん|おそらく)(?!\w)",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"pass(?:word|phrase|code)s?|passwort|kennwort|contraseña|mot de passe|senha|wachtwoord|парол|पासवर्ड|"
    r"كلمة السر|كلمة المرور|密码|密碼|パスワード|비밀번호|\bpin\b|\bcvv\b|\biban\b|api.?key|access.?token|secret key|"
    r"\b(?:\d[ -]?){12,19}\b|\b\d{3}-\d{2}-\d{4}\b|social security",
    re.IGNORECASE,
)
_KIND_DAYS: dict[MemoryKind, int] = {"plan": 180, "possession": 730}
_ENTITY = re.compile(
    r"(?<=[\w,;:'’] )(?:[A-ZÀ-ÖØ-ÞŚŽŠČĆŁ][\w'’-]+)(?: (?:de |van |von |la )?[A-ZÀ-ÖØ-ÞŚŽŠČĆŁ][\w'’-]+)*"
)
_NO_ENTITY = re.compile(
    r"(?:I|I'm|I've|I'd|I'll|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)(?:days?)?$|(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December|English|Also|But|And|The)$"
)
# German writes every noun with a capital: they are no names.
_ENTITY_LANGUAGES = frozenset({"en", "es", "fr", "pt", "it", "nl"})
# The speaker often goes unnamed at the beginning: the sentence begins where it begins.
_OPENING_FREE = frozenset({"ja", "zh", "hi"})
_LETTERS = re.compile(r"[\W_]+")
_TAIL = re.compile(
    r"[\s,;–—-]+(?:(?:and|but|so|und|aber|y|pero|et|mais|e|mas|ma|en|maar|и|но|और|و)[\s,]*)?$", re.IGNORECASE
)
_END_MARKS = " \t\n.,;:!。，；！।"


@dataclass(frozen=True, slots=True)
class Extracted:
    """A fact or an entity: message[start:end] is where it stands. `lifetime` None: it holds until somebody says
    otherwise."""

    kind: MemoryKind
    subject: str
    start: int
    end: int
    text: str
    confidence: float
    lifetime: timedelta | None
    language: str
    origin: Literal["rules", "model"] = "rules"


def extract(message: str, said_before: Sequence[str] = (), language: str | None = None) -> list[Extracted]:
    """Return what a message tells of its author, in the order told.

    Args:
        said_before: what the bot has said in this conversation: who repeats it states nothing of his own.
        language: ISO 639-1 of the message; detected when not given.
    """
    if len(message) > LONGEST_MESSAGE:
        return []
    spoken = _reading(message, language)
    own = own_words(message)
    echoes = [letters(text) for text in said_before]
    found: list[Extracted] = []
    for start, end in split_sentences(own, spoken):
        if states(own[start:end]) and not is_echo(own[start:end], echoes):
            found += _facts(message, own, start, end, spoken)
    return _each_once(found)[:MOST_FACTS]


def only_tells(message: str, said_before: Sequence[str]) -> bool:
    """Tell whether a message says who its author is, or asks to note something, and asks nothing.

    "My card is broken" wants help, though it tells something.

    Args:
        said_before: as `letters` returns it.
    """
    if any(mark in message for mark in "?？؟"):
        return False
    return any(not is_echo(one.text, said_before) for one in extract(message) if one.kind in ABOUT_THE_PERSON)


def own_words(message: str) -> str:
    """Return the message with everything that is quoted, pasted or code blanked out, letter by letter."""
    forwarded = _FORWARDED.search(message)
    kept = message[: forwarded.start()] if forwarded else message
    kept = _MASKED.sub(lambda match: _blank(match.group()), kept)
    return kept + _blank(message[len(kept) :])


def states(sentence: str) -> bool:
    """Tell whether a sentence states something that may be kept: no question, no condition, no secret."""
    if _QUESTION_END.search(sentence) or _QUESTION_START.match(sentence):
        return False
    return not _CONDITION.search(sentence) and not is_secret(sentence)


def is_secret(text: str) -> bool:
    """Tell whether a text seems to hold a password, a card number or the like."""
    return _SECRET.search(text) is not None


def is_echo(sentence: str, said_before: Sequence[str]) -> bool:
    """Tell whether a sentence repeats what was said; `said_before` as `letters` returns it."""
    wanted = letters(sentence)
    return len(wanted) > 8 and any(wanted in said for said in said_before)


def letters(text: str) -> str:
    """Return the letters and digits alone, for comparing."""
    return _LETTERS.sub("", text.casefold())


def lifetime_of(kind: MemoryKind, text: str) -> timedelta | None:
    """Return for how long a statement holds: what is said of today is past tomorrow."""
    days = [days for days, words in lifetimes() if words.search(text)]
    if days and kind not in ("name", "entity"):
        return timedelta(days=max(days))
    return timedelta(days=_KIND_DAYS[kind]) if kind in _KIND_DAYS else None


def subject_of(kind: MemoryKind, about: str, language: str) -> str:
    """Return what a fact is about as a key: its first content words, in index terms."""
    terms = [term for term in analyse(about, language) if not is_function_word(term, language)]
    return " ".join([f"{kind}:", *sorted(dict.fromkeys(terms[:_SUBJECT_TERMS]))])


def _reading(message: str, language: str | None) -> str:
    """Return the language whose patterns are tried. A short line is easily mistaken: its words decide then."""
    found = language or detect_language(message)
    if found in languages() and any(pattern.form.search(message) for pattern in patterns(found)):
        return found
    holding = [one for one in sorted(languages()) if any(pattern.form.search(message) for pattern in patterns(one))]
    return holding[0] if len(holding) == 1 else found


def _facts(message: str, own: str, start: int, end: int, language: str) -> list[Extracted]:
    """Return the facts of one sentence: each reaches from where its pattern begins to where the next one does."""
    taken: list[tuple[int, Pattern, re.Match[str]]] = []
    for pattern in patterns(language):
        matches = list(pattern.form.finditer(own, start, end))
        for match in matches[:1] if language in _OPENING_FREE else matches:
            if all(not (match.start() < other.end() and other.start() < match.end()) for _, _, other in taken):
                taken.append((match.start(), pattern, match))
    taken.sort(key=lambda one: one[0])
    if taken and taken[0][1].kind == "note":
        taken = taken[:1]
    found: list[Extracted] = []
    hedged = HEDGED if _HEDGE.search(own[start:end]) else 1.0
    for number, (begin, pattern, match) in enumerate(taken):
        until = taken[number + 1][0] if number + 1 < len(taken) else end
        begin = start if number == 0 and language in _OPENING_FREE else begin
        fact = _fact(message, begin, until, pattern, match, language, hedged)
        if fact is not None:
            found += [fact, *_entities(message, fact)]
    return found


def _fact(
    message: str, begin: int, until: int, pattern: Pattern, match: re.Match[str], language: str, hedged: float
) -> Extracted | None:
    start = match.end() if pattern.kind == "note" else begin
    text = _TAIL.sub("", message[start:until]).rstrip(_END_MARKS)
    if not text or len(text) > LONGEST_FACT:
        return None
    about = match.groupdict().get("about") or message[match.end() : start + len(text)]
    if not about.strip() and pattern.once is None:
        about = text
    confidence = pattern.confidence * hedged
    if confidence < LEAST_CONFIDENCE:
        return None
    subject = pattern.once or subject_of(pattern.kind, about, language)
    lifetime = lifetime_of(pattern.kind, text)
    return Extracted(pattern.kind, subject, start, start + len(text), text, round(confidence, 3), lifetime, language)


def _entities(message: str, fact: Extracted) -> list[Extracted]:
    """Return the names in a fact."""
    if fact.language not in _ENTITY_LANGUAGES:
        return []
    return [
        Extracted(
            "entity",
            f"entity: {match.group().casefold()}",
            match.start(),
            match.end(),
            match.group(),
            _ENTITY_CONFIDENCE,
            fact.lifetime,
            fact.language,
        )
        for match in _ENTITY.finditer(message, fact.start, fact.end)
        if not _NO_ENTITY.match(match.group())
    ]


def _each_once(found: Sequence[Extracted]) -> list[Extracted]:
    """Of two facts about the same, the later one holds."""
    return list({(one.kind, one.subject): one for one in found}.values())


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
