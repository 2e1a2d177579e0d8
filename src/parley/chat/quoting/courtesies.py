"""Sentences of courtesy that may lead an answer, in the reader's language. They claim nothing about documents."""

from typing import Literal

Courtesy = Literal["angry", "sad", "trouble", "glad"]

_TABLES: dict[Courtesy, dict[str, str]] = {
    "angry": {
        "en": "I'm sorry for the trouble this has caused you.",
        "es": "Siento mucho las molestias que esto le ha causado.",
        "fr": "Je suis désolé pour les désagréments que cela vous a causés.",
        "de": "Es tut mir leid, dass Sie solchen Ärger hatten.",
        "pt": "Lamento muito o transtorno que isto lhe causou.",
        "it": "Mi dispiace molto per il disagio che questo le ha causato.",
        "nl": "Het spijt me voor de ergernis die dit u heeft bezorgd.",
        "hi": "इससे आपको हुई परेशानी के लिए मुझे खेद है।",
        "ar": "أعتذر عن الإزعاج الذي سببه لك هذا الأمر.",
        "ru": "Приношу извинения за неприятности, которые это вам доставило.",
        "tr": "Yaşadığınız sıkıntı için özür dilerim.",
        "zh": "很抱歉给您带来了这样的麻烦。",
        "ja": "ご迷惑をおかけして申し訳ございません。",
        "ko": "불편을 드려 대단히 죄송합니다.",
    },
    "sad": {
        "en": "I'm sorry to hear that.",
        "es": "Lamento que sea así.",
        "fr": "Je suis désolé de l'apprendre.",
        "de": "Das tut mir leid zu hören.",
        "pt": "Lamento saber disso.",
        "it": "Mi dispiace sentirlo.",
        "nl": "Wat vervelend om te horen.",
        "hi": "यह जानकर मुझे दुख हुआ।",
        "ar": "يؤسفني سماع ذلك.",
        "ru": "Мне жаль это слышать.",
        "tr": "Bunu duyduğuma üzüldüm.",
        "zh": "听到这个消息我很遗憾。",
        "ja": "それは残念に思います。",
        "ko": "그런 일이 있었다니 유감입니다.",
    },
    "trouble": {
        "en": "I'm sorry that something went wrong.",
        "es": "Siento que algo haya salido mal.",
        "fr": "Je suis désolé que quelque chose se soit mal passé.",
        "de": "Es tut mir leid, dass etwas nicht geklappt hat.",
        "pt": "Lamento que algo tenha corrido mal.",
        "it": "Mi dispiace che qualcosa sia andato storto.",
        "nl": "Het spijt me dat er iets is misgegaan.",
        "hi": "कुछ गड़बड़ हुई, इसके लिए मुझे खेद है।",
        "ar": "يؤسفني أن شيئا ما لم يسر على ما يرام.",
        "ru": "Мне жаль, что что-то пошло не так.",
        "tr": "Bir şeylerin ters gitmesine üzüldüm.",
        "zh": "很抱歉出了问题。",
        "ja": "問題が起きてしまい、申し訳ございません。",
        "ko": "문제가 생겨 죄송합니다.",
    },
    "glad": {
        "en": "I'm glad to hear that.",
        "es": "Me alegra oírlo.",
        "fr": "Je suis ravi de l'entendre.",
        "de": "Das freut mich zu hören.",
        "pt": "Fico contente em saber.",
        "it": "Mi fa piacere sentirlo.",
        "nl": "Fijn om te horen.",
        "hi": "यह सुनकर अच्छा लगा।",
        "ar": "يسعدني سماع ذلك.",
        "ru": "Рад это слышать.",
        "tr": "Bunu duyduğuma sevindim.",
        "zh": "很高兴听到您这么说。",
        "ja": "そう言っていただけて嬉しいです。",
        "ko": "그렇게 말씀해 주시니 기쁩니다.",
    },
}


def courtesy(kind: Courtesy, language: str) -> str:
    """Return the sentence. English where the language is not known."""
    table = _TABLES[kind]
    return table.get(language, table["en"])


def all_courtesies() -> list[str]:
    """Return every such sentence in every language."""
    return [sentence for table in _TABLES.values() for sentence in table.values()]
