"""How an answer sounds to the one who asked: a sentence of courtesy before quotes, an instruction to a model.

Both are words of ours, chosen by what was understood; nothing of the customer's words is in them.
"""

from parley.chat.quoting.courtesies import Courtesy
from parley.chat.understanding.reading import Reading

_INSTRUCTIONS: dict[Courtesy, str] = {
    "angry": "The reader is angry. Begin with one short sentence that apologises for the trouble; promise nothing and "
    "blame nobody. Then answer calmly and to the point.",
    "sad": "The reader is sad or disappointed. Begin with one short, kind sentence; promise nothing. Then answer.",
    "trouble": "The reader reports that something went wrong. Begin with one short sentence of regret; "
    "promise nothing. Then say what the passages say about it, what to do first.",
    "glad": "The reader is pleased. Answer in a friendly way; no sentence about feelings is needed.",
}
_LANGUAGE_NAMES = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "pt": "Portuguese",
    "it": "Italian",
    "nl": "Dutch",
    "hi": "Hindi",
    "ar": "Arabic",
    "ru": "Russian",
    "tr": "Turkish",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
}


def tone_for(reading: Reading) -> Courtesy | None:
    """Return the courtesy that fits a message; None where a plain answer does.

    What a question is about may be sad; only what its writer feels counts.
    """
    if not reading.personal:
        return None
    if reading.emotion == "anger":
        return "angry"
    if reading.emotion == "sadness":
        return "sad"
    if reading.intent == "complaint":
        return "trouble"
    return "glad" if reading.intent == "feedback" and reading.sentiment == "positive" else None


def manner(tone: Courtesy | None, language: str) -> str:
    """Return what a model is told about tone and language, lines of the rules; empty where there is nothing to say."""
    lines = [f"- {_INSTRUCTIONS[tone]}"] if tone else []
    if name := _LANGUAGE_NAMES.get(language):
        lines.append(f"- The question is in {name}: answer in {name}.")
    return "".join(f"{line}\n" for line in lines)
