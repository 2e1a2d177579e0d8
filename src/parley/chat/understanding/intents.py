"""What a message is for, as far as rules can tell: commands, a wish for a person, greetings; the rest is weighed."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from parley.chat.quoting.intent import classify_intent

Intent = Literal[
    "question",
    "complaint",
    "feedback",
    "command",
    "handover",
    "greeting",
    "thanks",
    "goodbye",
    "small_talk",
    "unclear",
]
INTENTS: tuple[Intent, ...] = (
    "question", "complaint", "feedback", "command", "handover", "greeting", "thanks", "goodbye", "small_talk",
    "unclear",
)  # fmt: skip
SMALL_TALK: frozenset[str] = frozenset({"greeting", "thanks", "goodbye", "small_talk"})
SPOKEN: frozenset[str] = SMALL_TALK | {"handover", "unclear"}
"""What is answered without looking anything up."""

_LONGEST_WISH = 240
_SIGNS_ONLY = re.compile(r"[\W_]*\Z")
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
_SENTENCE = re.compile(r"[.!?;。！？؟।\n]+")

# Who wants a person says so with a word for speaking, being put through or wanting, and then a word for a person.
_WISHES = {
    "en": (
        r"(?:\b(?:speak|speaking|talk|talking|chat|connect|connected|transfer (?:me|us|this)|transferred|put|get|"
        r"escalate|forward|pass|hand|switch|reach|contact|call)\b[^,.]{0,24}?"
        r"|\b(?:i|we) (?:really |just |only )?(?:want|need|demand|would like|prefer|wish)|\bi'd (?:like|rather have)|"
        r"\bgive me|\bget me|\bis there|\bare there any|\bcan (?:i|you) (?:have|get me))"
        r"\s*(?:(?:to|with|through|me|us|over|on|for|in touch|hold of|of|have|see)\s+){0,4}"
        r"(?:(?:a|an|the|some|your|one of your|any|another|real|actual|live|human|customer|support|service|sales|"
        r"proper|other|qualified|physical|flesh and blood)\s+){0,5}"
        r"(?:human(?: being)?s?|persons?|people|agents?|representatives?|reps?|operators?|someone(?: real| else)?|"
        r"somebody(?: real| else)?|supervisors?|managers?|staff(?: member)?|employees?|advisors?|advisers?|"
        r"customer (?:service|care|support)|support (?:team|staff|person)|(?:tech )?support|team member|real one|"
        r"service desk|helpdesk|help desk|receptionist|associate)\b(?! (?:of|portal|page|article|document|file|in the))"
    ),
    "es": (
        r"\b(?:hablar|hablo|hable|chatear|comunicar(?:me|se)?|comun[ií]que\w*|comun[ií]ca\w*|contactar|conect\w+|"
        r"transfi[eé]r\w+|transferir\w*|p[aá]s[ae]\w*|ponga?me|p[oó]ngame|atienda|atender\w*|quiero|necesito|"
        r"quisiera|hay)\b[^.?!]{0,30}?\b(?:persona|humano|agente|operador|operadora|alguien|representante|asesora?|"
        r"supervisora?|encargad[oa]|ser humano|emplead[oa]|responsable|atenci[oó]n al cliente)\b"
    ),
    "fr": (
        r"\b(?:parler|parle|discuter|joindre|contacter|transf[eé]r\w+|mettez|passez|mettre en (?:relation|contact)|"
        r"veux|voudrais|souhaite|aimerais|besoin)\b[^.?!]{0,30}?\b(?:personne|humaine?|agent|op[eé]rateur|"
        r"op[eé]ratrice|quelqu.un|conseill[eè]re?|repr[eé]sentante?|responsable|superviseur|[eê]tre humain|"
        r"employ[eé]e?|service client)\b"
    ),
    "de": (
        r"(?:\b(?:sprechen|spreche|reden|telefonieren|verbinden|verbinde|verbindet|durchstellen|weiterleiten|"
        r"kontaktieren|erreichen|erreiche|brauche|m[oö]chte|will|gibt es)\b[^.?!]{0,40}?\b(?:mensch(?:en)?|person|"
        r"mitarbeiter(?:in|n)?|berater(?:in)?|jemande[mn]|jemand|vorgesetzten?|kundenservice|kundendienst|"
        r"kundenberater(?:in)?|ansprechpartner(?:in)?|support|sachbearbeiter(?:in)?)\b"
        r"|\b(?:mensch(?:en)?|person|mitarbeiter(?:in|n)?|berater(?:in)?|jemandem|vorgesetzten|kundenservice|"
        r"kundendienst|ansprechpartner(?:in)?|support)\b[^.?!]{0,20}?\b(?:sprechen|reden|verbinden|verbunden|"
        r"erreichen|verbinde|durchstellen|weiterleiten|telefonieren)\b)"
    ),
    "pt": (
        r"\b(?:falar|fale|falo|conversar|contat[ao]r|transf[ei]r\w*|me pass[ae]|passe|conect\w+|quero|preciso|gostaria|"
        r"tem algu[eé]m|h[aá] algu[eé]m|chamar?)\b[^.?!]{0,30}?\b(?:pessoa|humano|humana|agente|atendente|operador|"
        r"operadora|algu[eé]m|representante|supervisora?|gerente|ser humano|funcion[aá]ri[oa]|respons[aá]vel|suporte "
        r"humano|atendimento humano)\b"
    ),
    "it": (
        r"\b(?:parlare|parlo|parli|contattare|passat?emi|mi passi|passami|collegat\w*|trasferi\w+|mettermi|metter[mt]i|"
        r"vorrei|voglio|ho bisogno|serve|c'[eè])\b[^.?!]{0,30}?\b(?:persona|umano|umana|agente|operatore|operatrice|"
        r"qualcuno|rappresentante|consulente|supervisore|responsabile|essere umano|addett[oa]|impiegat[oa]|"
        r"assistenza clienti|servizio clienti)\b"
    ),
    "nl": (
        r"(?:\b(?:spreken|spreek|praten|praat|bellen|doorverbinden|verbind|doorschakelen|contact|wil|nodig|is er)\b"
        r"[^.?!]{0,40}?\b(?:mens|persoon|medewerker|medewerkster|iemand|klantenservice|leidinggevende|manager|"
        r"vertegenwoordiger|adviseur|helpdesk)\b|\b(?:mens|persoon|medewerker|iemand|klantenservice|leidinggevende)\b"
        r"[^.?!]{0,20}?\b(?:spreken|praten|doorverbonden|doorverbinden|doorschakelen|bellen)\b)"
    ),
    "ru": (
        r"(?:поговорить|говорить|общаться|пообщаться|соедин\w+|свяж\w+|связаться|переключ\w+|переведи\w*|позови\w*|"
        r"позвать|нужен|нужна|хочу|дайте|есть ли|можно)\b[^.?!]{0,30}?\b(?:человек\w*|оператор\w*|менеджер\w*|"
        r"сотрудник\w*|специалист\w*|консультант\w*|кем-то|кем-нибудь|кого-нибудь|живым|живой|живого|руководител\w*|"
        r"поддержк\w*|представител\w*)"
    ),
    "tr": (
        r"(?:insan\w*|kişi\w*|temsilci\w*|yetkili\w*|birisi\w*|biri\w*|operatör\w*|danışman\w*|müdür\w*|çalışan\w*|"
        r"müşteri hizmetleri\w*|canlı destek\w*)\b[^.?!]{0,30}?(?:konuş\w*|görüş\w*|bağla\w*|aktar\w*|ulaş\w*|"
        r"istiyorum|yönlendir\w*|var mı|lazım|iletişim\w*)"
    ),
    "ar": (
        r"(?:أتحدث|اتحدث|التحدث|أتكلم|اتكلم|التكلم|الكلام|أكلم|اكلم|أحكي|حولني|حولوني|تحويلي|توصيلي|وصلني|أريد|اريد|"
        r"أحتاج|التواصل|أتواصل|هل يوجد|ممكن)[^.?!؟]{0,30}?(?:شخص|إنسان|انسان|موظف|موظفة|بشري|ممثل|مسؤول|مشرف|"
        r"خدمة العملاء|مدير|أحد|احد|مندوب)"
    ),
    "hi": (
        r"(?:इंसान|इन्सान|व्यक्ति|आदमी|एजेंट|प्रतिनिधि|किसी से|किसी असली|ऑपरेटर|मैनेजर|कर्मचारी|अधिकारी|कस्टमर केयर|ग्राहक सेवा|"
        r"सुपरवाइजर|सुपरवाइज़र)[^.?!।]{0,30}?(?:बात|बोलना|जोड़|कनेक्ट|संपर्क|मिल|चाहिए|ट्रांसफर|कॉल)"
    ),
    "zh": (
        r"(?:转接?人工|人工(?:客服|服务|坐席)|真人(?:客服|服务)?|(?:找|和|跟|与|要|想|转接?|接|联系|叫).{0,8}"
        r"(?:真人|活人|客服(?:人员|代表)?|经理|主管|工作人员|专员|人工)|(?:和|跟|与)(?:一个)?人(?:说话|聊|谈|对话|沟通))"
    ),
    "ja": (
        r"(?:(?:人間|担当者|オペレーター?|スタッフ|係の人|人|責任者|上司|カスタマーサポート|サポート担当|誰か)(?:の方)?"
        r"(?:と|に|へ).{0,10}(?:話|つな|繋|代わ|変わ|替わ|連絡|相談|取り次|直接)|有人(?:対応|チャット|サポート)|"
        r"(?:人間|担当者|オペレーター?|責任者)を(?:出|呼|お願い))"
    ),
    "ko": (
        r"(?:(?:상담원|상담사|사람|직원|담당자|매니저|관리자|책임자|실제 사람|누군가|고객센터|고객 센터)"
        r"(?:이랑|랑|하고|과|와|에게|한테|으로|로|을|를)?\s?.{0,10}(?:연결|통화|대화|얘기|이야기|말하|말씀|상담하|바꿔|불러|필요)"
        r"|사람\s?상담)"
    ),
}
# A few words that are nothing but a call for somebody.
_CALLS = re.compile(
    r"\W*(?:(?:please|a|an|the|real|live|human|talk to|now)\W+)*(?:human|agent|operator|representative|real person|"
    r"live (?:agent|person|chat|support)|human (?:agent|being|support|help)|customer service|agente|operador|operadora|"
    r"humano|persona real|agent humain|conseiller|op[eé]rateur|mitarbeiter|mensch|atendente|operatore|umano|medewerker|"
    r"оператор|оператора|человек|человека|живой человек|temsilci|müşteri temsilcisi|canlı destek|موظف|خدمة العملاء|"
    r"एजेंट|इंसान|人工|人工客服|真人|客服|转人工|オペレーター|担当者|有人対応|상담원|상담사|상담원 연결)"
    r"(?:\W+(?:please|now|por favor|svp|s'il vous pla[iî]t|bitte|per favore|alsjeblieft|пожалуйста|lütfen))*\W*",
    re.IGNORECASE,
)
# Who asks what such a person does, costs or earns asks a question.
_ABOUT_PERSONS = re.compile(
    r"^\W*(?:who|which|whose|how many|what (?:is|are|does|do|did|was|were|kind)|why|when|where (?:is|was|did)|does|did|"
    r"qui[eé]n|cu[aá]nt\w+|qu[eé] (?:es|hace)|qui\b|combien|wer|wie viele|was (?:ist|macht|sind)|quem|quant\w+|chi|"
    r"кто|сколько|wie\b(?= is)|hoeveel|kaç|من هو|كم|कौन|कितने|谁|多少|誰|何人|누가|몇)\b",
    re.IGNORECASE,
)


def ruled_intent(text: str, language: str, *, first: bool) -> Intent | None:
    """Return the intent where a rule knows it; None where it is to be weighed.

    Args:
        first: nothing was said before; else a lone sign may be an answer to what was said.
    """
    spoken = classify_intent(text)
    if spoken == "command":
        return "command"
    if _SIGNS_ONLY.match(text):
        return "feedback" if _EMOJI.search(text) else "unclear"
    if wants_person(text, language):
        return "handover"
    if spoken == "small_talk":
        return _kind_of_talk(text)
    return "unclear" if first and _is_noise(text) else None


def wants_person(text: str, language: str) -> bool:
    """Tell whether somebody asks to be put through to a person."""
    if len(text) > _LONGEST_WISH:
        return False
    if _CALLS.fullmatch(text):
        return True
    lowered = text.lower().replace("’", "'")
    patterns = [_wish(name) for name in dict.fromkeys((language, "en")) if name in _WISHES]
    if language == "und":
        patterns = [_wish(name) for name in _WISHES]
    return any(
        pattern.search(sentence) and not _ABOUT_PERSONS.match(sentence)
        for sentence in _SENTENCE.split(lowered)
        for pattern in patterns
    )


@cache
def _wish(language: str) -> re.Pattern[str]:
    return re.compile(_WISHES[language])


@cache
def _talk() -> Mapping[str, Intent]:
    found: dict[str, Intent] = {}
    for line in files("parley.chat.understanding").joinpath("sayings.txt").read_text("utf-8").splitlines():
        kind, _, phrases = line.partition(": ")
        for intent in INTENTS:
            if intent == kind:
                found.update(dict.fromkeys((phrase.strip() for phrase in phrases.split(";")), intent))
    return found


_WORDS_OF_TALK = re.compile(r"[^\W_][\w'’\u0900-\u097f-]*")
_ORDER: tuple[Intent, ...] = ("goodbye", "thanks", "greeting")
_LONGEST_SAYING = 4


def _kind_of_talk(text: str) -> Intent:
    """Return which small talk a message made of such phrases is: a goodbye before thanks before a greeting."""
    words = [word.group().lower().replace("’", "'") for word in _WORDS_OF_TALK.finditer(text)]
    known = _talk()
    found = {
        known[phrase]
        for start in range(len(words))
        for end in range(start + 1, min(start + _LONGEST_SAYING, len(words)) + 1)
        if (phrase := " ".join(words[start:end])) in known
    }
    for intent in _ORDER:
        if intent in found:
            return intent
    return "small_talk"


_CONSONANTS = re.compile(r"(?i)^(?:[bcdfghjklmnpqrstvwxz]{5,}|(.)\1{3,}|(?:asdf|qwer|zxcv|hjkl)\w*)$")


def _is_noise(text: str) -> bool:
    """One run of letters that no language writes."""
    stripped = text.strip()
    return " " not in stripped and stripped.islower() and _CONSONANTS.match(stripped) is not None
