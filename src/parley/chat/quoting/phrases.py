"""What Parley says of its own around quotes, in the reader's language."""

from collections.abc import Sequence
from functools import cache

from parley.chat.quoting.courtesies import all_courtesies
from parley.kit.sentences import split_sentences

_LEAD_IN = {
    "en": "From your documents:",
    "es": "De tus documentos:",
    "de": "Aus deinen Dokumenten:",
    "fr": "D'après vos documents :",
    "pt": "Dos seus documentos:",
    "it": "Dai tuoi documenti:",
    "hi": "आपके दस्तावेज़ों से:",
    "ar": "من مستنداتك:",
    "zh": "摘自您的文档：",
    "ja": "お手元の文書より：",
    "nl": "Uit uw documenten:",
    "ru": "Из ваших документов:",
    "tr": "Belgelerinizden:",
    "ko": "문서에서 찾은 내용:",
}
_ABSTENTION = {
    "en": "I can't find this in your documents. The nearest passages are below.",
    "es": "No encuentro esto en tus documentos. Abajo están los pasajes más cercanos.",
    "de": "Das finde ich in deinen Dokumenten nicht. Die nächstliegenden Stellen stehen unten.",
    "fr": "Je ne trouve pas cela dans vos documents. Les passages les plus proches sont ci-dessous.",
    "pt": "Não encontro isso nos seus documentos. Os trechos mais próximos estão abaixo.",
    "it": "Non trovo questo nei tuoi documenti. I passaggi più vicini sono qui sotto.",
    "hi": "मुझे यह आपके दस्तावेज़ों में नहीं मिला। सबसे निकट के अंश नीचे हैं।",
    "ar": "لا أجد هذا في مستنداتك. أقرب المقاطع موجودة أدناه.",
    "zh": "在您的文档中找不到这个问题的答案。最接近的段落如下。",
    "ja": "お手元の文書には見つかりませんでした。最も近い箇所を以下に示します。",
    "nl": "Ik vind dit niet in uw documenten. De dichtstbijzijnde passages staan hieronder.",
    "ru": "Я не нахожу этого в ваших документах. Ближайшие отрывки приведены ниже.",
    "tr": "Bunu belgelerinizde bulamıyorum. En yakın bölümler aşağıdadır.",
    "ko": "문서에서 이 내용을 찾을 수 없습니다. 가장 가까운 구절은 아래에 있습니다.",
}
_NOTHING = {
    "en": "I can't find anything about this in your documents.",
    "es": "No encuentro nada sobre esto en tus documentos.",
    "de": "Dazu finde ich in deinen Dokumenten nichts.",
    "fr": "Je ne trouve rien à ce sujet dans vos documents.",
    "pt": "Não encontro nada sobre isso nos seus documentos.",
    "it": "Non trovo nulla su questo nei tuoi documenti.",
    "hi": "मुझे आपके दस्तावेज़ों में इसके बारे में कुछ नहीं मिला।",
    "ar": "لا أجد أي شيء عن هذا في مستنداتك.",
    "zh": "在您的文档中找不到相关内容。",
    "ja": "お手元の文書には該当する内容が見つかりませんでした。",
    "nl": "Ik vind hierover niets in uw documenten.",
    "ru": "В ваших документах я ничего об этом не нахожу.",
    "tr": "Belgelerinizde bununla ilgili bir şey bulamıyorum.",
    "ko": "문서에서 이에 관한 내용을 찾을 수 없습니다.",
}
_NOWHERE = {
    "en": "Your documents do not mention {}.",
    "es": "Tus documentos no mencionan {}.",
    "de": "In deinen Dokumenten kommt {} nicht vor.",
    "fr": "Vos documents ne mentionnent pas {}.",
    "pt": "Os seus documentos não mencionam {}.",
    "it": "I tuoi documenti non menzionano {}.",
    "hi": "आपके दस्तावेज़ों में {} का उल्लेख नहीं है।",
    "ar": "لا تذكر مستنداتك {}.",
    "zh": "您的文档中没有提到{}。",
    "ja": "お手元の文書に{}は出てきません。",
    "nl": "In uw documenten komt {} niet voor.",
    "ru": "В ваших документах не упоминается {}.",
    "tr": "Belgelerinizde {} geçmiyor.",
    "ko": "문서에 {} 이(가) 나오지 않습니다.",
}
_PART_MISSING = {
    "en": "I can't find this part in your documents.",
    "es": "No encuentro esta parte en tus documentos.",
    "de": "Diesen Teil finde ich in deinen Dokumenten nicht.",
    "fr": "Je ne trouve pas cette partie dans vos documents.",
    "pt": "Não encontro esta parte nos seus documentos.",
    "it": "Non trovo questa parte nei tuoi documenti.",
    "hi": "यह भाग मुझे आपके दस्तावेज़ों में नहीं मिला।",
    "ar": "لا أجد هذا الجزء في مستنداتك.",
    "zh": "在您的文档中找不到这一部分。",
    "ja": "この部分はお手元の文書には見つかりませんでした。",
    "nl": "Dit deel vind ik niet in uw documenten.",
    "ru": "Эту часть я не нахожу в ваших документах.",
    "tr": "Bu bölümü belgelerinizde bulamıyorum.",
    "ko": "이 부분은 문서에서 찾을 수 없습니다.",
}
_TOLD = {
    "en": "You told me:",
    "es": "Me dijiste:",
    "de": "Das hast du mir gesagt:",
    "fr": "Vous m'avez dit :",
    "pt": "Você me disse:",
    "it": "Mi hai detto:",
    "nl": "Dit heb je me verteld:",
    "ru": "Вы мне говорили:",
    "hi": "आपने मुझे बताया था:",
    "ar": "لقد أخبرتني:",
    "zh": "您告诉过我：",
    "ja": "以前うかがった内容です：",
}
_ASKED = {
    "en": "You asked me:",
    "es": "Me preguntaste:",
    "de": "Das hast du mich gefragt:",
    "fr": "Vous m'avez demandé :",
    "pt": "Você me perguntou:",
    "it": "Mi hai chiesto:",
    "nl": "Dit heb je me gevraagd:",
    "ru": "Вы меня спрашивали:",
    "hi": "आपने मुझसे पूछा था:",
    "ar": "لقد سألتني:",
    "zh": "您问过我：",
    "ja": "以前のご質問です：",
}
_NOTED = {
    "en": "Noted. I'll remember that.",
    "es": "Anotado. Lo recordaré.",
    "de": "Notiert. Das merke ich mir.",
    "fr": "C'est noté. Je m'en souviendrai.",
    "pt": "Anotado. Vou me lembrar disso.",
    "it": "Annotato. Me ne ricorderò.",
    "nl": "Genoteerd. Dat onthoud ik.",
    "ru": "Записано. Я это запомню.",
    "hi": "नोट कर लिया। मैं इसे याद रखूँगा।",
    "ar": "تم التدوين. سأتذكر ذلك.",
    "zh": "已记下。我会记住的。",
    "ja": "承知しました。覚えておきます。",
}
LANGUAGES = frozenset(_LEAD_IN)


def lead_in(language: str) -> str:
    """The words before quotes. English where the language is none of `LANGUAGES`."""
    return _LEAD_IN.get(language, _LEAD_IN["en"])


def told(language: str, *, asked: bool = False) -> str:
    """The words before what the reader said (or asked) earlier."""
    table = _ASKED if asked else _TOLD
    return table.get(language, table["en"])


def noted(language: str) -> str:
    """The words to somebody who told something and asked nothing."""
    return _NOTED.get(language, _NOTED["en"])


def abstention(language: str, nearest: bool = True, unknown: Sequence[str] = ()) -> str:
    """The words of an abstention.

    Args:
        nearest: whether passages are shown below it.
        unknown: names in the question that stand nowhere, which is why.
    """
    table = _ABSTENTION if nearest else _NOTHING
    usual = table.get(language, table["en"])
    if not unknown:
        return usual
    named = _NOWHERE.get(language, _NOWHERE["en"]).format(", ".join(f"“{name}”" for name in unknown))
    below = [usual[start:end] for start, end in split_sentences(usual)][1:]
    return ("" if language in ("zh", "ja") else " ").join([named, *below])


def part_missing(language: str) -> str:
    """The words where one part of a question has no answer."""
    return _PART_MISSING.get(language, _PART_MISSING["en"])


@cache
def _own() -> frozenset[str]:
    tables = (_LEAD_IN, _TOLD, _ASKED, _NOTED, _ABSTENTION, _NOTHING, _PART_MISSING)
    phrases = [phrase for table in tables for phrase in table.values()]
    phrases += all_courtesies()
    return frozenset(phrase[start:end] for phrase in phrases for start, end in split_sentences(phrase)) | {*phrases}


def is_own_phrase(text: str) -> bool:
    """Tell whether a sentence is one of these, so that nobody looks for its source."""
    return text.strip() in _own()
