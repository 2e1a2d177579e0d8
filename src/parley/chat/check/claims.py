"""Which sentences claim nothing to be checked: greetings, lead-ins, questions, words about the answer itself."""

import re

from parley.chat.quoting.intent import classify_intent
from parley.chat.quoting.phrases import is_own_phrase

# What a sentence about the answer itself begins with, and what is a whole sentence of that kind.
_BEGINNINGS = (
    r"i hope (?:this|that|it)|let me know|feel free|please let me|would you like|do you want",
    r"if you (?:have|need|want|would like)\b[^,]{0,40}"
    r"\b(?:questions?|more (?:help|details?|information)|assistance|help)",
    r"is there anything|happy to help|you can ask|i (?:can|could|would be happy to) help",
    r"i (?:do not|don['’]t|did not|didn['’]t|cannot|can['’]t|could not|couldn['’]t|am not able to|am unable to"
    r"|was unable to) (?:\w+ )?(?:have|know|find|see|answer|help|tell|say|determine|provide|locate|access|confirm)",
    r"i am (?:sorry|not sure)|i['’]m (?:not (?:sure|able)|sorry|unable|afraid)|sorry|unfortunately,? i|my apologies",
    r"there is no (?:information|mention|answer|data)",
    r"(?:unfortunately,? )?the (?:provided |given |available )?"
    r"(?:documents?|sources?|passages?|texts?|context|information|materials?|excerpts?)"
    r"(?: (?:provided|given|above|below|cited|you \w+))? "
    r"(?:do(?:es)? not|don't|doesn't|did not|didn't|says? nothing|contains? no|has no|have no|gives? no|makes? no)",
    r"lo siento|no (?:encuentro|puedo|sé)|los documentos no|espero que|não (?:encontro|encontrei|sei)|desculpe",
    r"es tut mir leid|leider (?:kann|finde|konnte) ich|ich (?:kann|konnte|weiß) (?:\w+ )*nicht",
    r"die dokumente (?:enthalten|sagen) (?:nichts|keine)|je (?:ne|suis désolé)|désolé|les documents ne",
    r"mi dispiace|non (?:trovo|so)|क्षमा करें|मुझे (?:खेद|नहीं)|عذرا|لا أجد|لا أعرف",
)
_BEGINS_META = re.compile(
    rf"\W*(?:{'|'.join(_BEGINNINGS)})\b|\W*(?:抱歉|对不起|我(?:不知道|无法|找不到)|申し訳)", re.IGNORECASE
)
_IS_META = re.compile(
    r"\W*(?:sure|certainly|of course|absolutely|great question|good question|understood"
    r"|in summary|to summari[sz]e|in short|in conclusion|for example|based on (?:the|your) [\w ]{0,40})\W*$"
    r"|\W*(?:here (?:is|are)|here's|below (?:is|are)|the following)\b[^.]*:\W*$",
    re.IGNORECASE,
)
_LEAD_IN_CHARS = 160


def claims_nothing(sentence: str, content_words: int) -> bool:
    """Tell whether a sentence holds no claim about the world of the documents.

    Args:
        content_words: how many it has; what has none claims nothing.
    """
    text = sentence.strip()
    if not content_words or text.endswith(("?", "？", "؟")) or is_own_phrase(text):
        return True
    if text.endswith((":", "：")) and len(text) <= _LEAD_IN_CHARS and content_words <= 8 and not re.search(r"\d", text):
        return True
    meta = _BEGINS_META.match(text) or _IS_META.match(text)
    return meta is not None or classify_intent(text) == "small_talk"
