"""What Parley says of its own without looking anything up, in the reader's language."""

from collections.abc import Mapping

_ASK = {
    "en": "Ask me something about your documents.",
    "es": "Pregúntame algo sobre tus documentos.",
    "de": "Frag mich etwas zu deinen Dokumenten.",
    "fr": "Posez-moi une question sur vos documents.",
    "pt": "Pergunte-me algo sobre os seus documentos.",
    "it": "Chiedimi qualcosa sui tuoi documenti.",
    "nl": "Stel me een vraag over uw documenten.",
    "hi": "अपने दस्तावेज़ों के बारे में कुछ पूछिए।",
    "ar": "اسألني شيئا عن مستنداتك.",
    "ru": "Задайте мне вопрос о ваших документах.",
    "tr": "Bana belgeleriniz hakkında bir soru sorun.",
    "zh": "请问我有关您文档的问题。",
    "ja": "文書について質問してください。",
    "ko": "문서에 대해 질문해 주세요.",
}
_HELLO = {
    "en": "Hello.",
    "es": "Hola.",
    "de": "Hallo.",
    "fr": "Bonjour.",
    "pt": "Olá.",
    "it": "Ciao.",
    "nl": "Hallo.",
    "hi": "नमस्ते।",
    "ar": "مرحبا.",
    "ru": "Здравствуйте.",
    "tr": "Merhaba.",
    "zh": "您好。",
    "ja": "こんにちは。",
    "ko": "안녕하세요.",
}
_WELCOME = {
    "en": "You're welcome.",
    "es": "De nada.",
    "de": "Gern geschehen.",
    "fr": "Je vous en prie.",
    "pt": "De nada.",
    "it": "Prego.",
    "nl": "Graag gedaan.",
    "hi": "आपका स्वागत है।",
    "ar": "على الرحب والسعة.",
    "ru": "Пожалуйста.",
    "tr": "Rica ederim.",
    "zh": "不客气。",
    "ja": "どういたしまして。",
    "ko": "천만에요.",
}
_GOODBYE = {
    "en": "Goodbye.",
    "es": "Hasta luego.",
    "de": "Auf Wiedersehen.",
    "fr": "Au revoir.",
    "pt": "Até logo.",
    "it": "Arrivederci.",
    "nl": "Tot ziens.",
    "hi": "अलविदा।",
    "ar": "مع السلامة.",
    "ru": "До свидания.",
    "tr": "Hoşça kalın.",
    "zh": "再见。",
    "ja": "さようなら。",
    "ko": "안녕히 가세요.",
}
_UNCLEAR = {
    "en": "I did not understand that.",
    "es": "No lo he entendido.",
    "de": "Das habe ich nicht verstanden.",
    "fr": "Je n'ai pas compris.",
    "pt": "Não compreendi.",
    "it": "Non ho capito.",
    "nl": "Dat begreep ik niet.",
    "hi": "मैं यह समझ नहीं पाया।",
    "ar": "لم أفهم ذلك.",
    "ru": "Я не понял.",
    "tr": "Bunu anlayamadım.",
    "zh": "我没有明白。",
    "ja": "理解できませんでした。",
    "ko": "이해하지 못했습니다.",
}
_NOTED = {
    "en": "Thank you for telling me.",
    "es": "Gracias por decírmelo.",
    "de": "Danke für die Rückmeldung.",
    "fr": "Merci pour votre retour.",
    "pt": "Obrigado por me dizer.",
    "it": "Grazie per il riscontro.",
    "nl": "Bedankt voor uw reactie.",
    "hi": "बताने के लिए धन्यवाद।",
    "ar": "شكرا على ملاحظتك.",
    "ru": "Спасибо за отзыв.",
    "tr": "Geri bildiriminiz için teşekkürler.",
    "zh": "感谢您的反馈。",
    "ja": "ご意見ありがとうございます。",
    "ko": "의견 감사합니다.",
}
_NO_PERSON = {
    "en": "I am a program, and I can't hand this chat over to a person: that is not set up here.",
    "es": "Soy un programa y no puedo pasar este chat a una persona: aquí no está configurado.",
    "de": "Ich bin ein Programm und kann diesen Chat keinem Menschen übergeben: Das ist hier nicht eingerichtet.",
    "fr": "Je suis un programme et je ne peux pas vous passer une personne : ce n'est pas configuré ici.",
    "pt": "Sou um programa e não posso passar esta conversa a uma pessoa: isso não está configurado aqui.",
    "it": "Sono un programma e non posso passare questa chat a una persona: qui non è previsto.",
    "nl": "Ik ben een programma en kan deze chat niet aan een mens doorgeven: dat is hier niet ingesteld.",
    "hi": "मैं एक प्रोग्राम हूँ और यह चैट किसी व्यक्ति को नहीं सौंप सकता: यहाँ इसकी व्यवस्था नहीं है।",
    "ar": "أنا برنامج ولا يمكنني تحويل هذه المحادثة إلى شخص: هذا غير مهيأ هنا.",
    "ru": "Я программа и не могу передать этот чат человеку: здесь это не настроено.",
    "tr": "Ben bir programım ve bu sohbeti bir insana aktaramam: burada bu ayarlanmamış.",
    "zh": "我是一个程序，无法将此对话转给人工：这里尚未设置。",
    "ja": "私はプログラムであり、この会話を人に引き継ぐことはできません。ここでは設定されていません。",
    "ko": "저는 프로그램이며 이 대화를 사람에게 넘길 수 없습니다. 여기에는 설정되어 있지 않습니다.",
}
_PERSON_AT = {
    "en": "I am a program. This is how you reach a person:",
    "es": "Soy un programa. Así puede contactar con una persona:",
    "de": "Ich bin ein Programm. So erreichen Sie einen Menschen:",
    "fr": "Je suis un programme. Voici comment joindre une personne :",
    "pt": "Sou um programa. Pode contactar uma pessoa assim:",
    "it": "Sono un programma. Ecco come contattare una persona:",
    "nl": "Ik ben een programma. Zo bereikt u een mens:",
    "hi": "मैं एक प्रोग्राम हूँ। किसी व्यक्ति से संपर्क इस तरह करें:",
    "ar": "أنا برنامج. هكذا يمكنك التواصل مع شخص:",
    "ru": "Я программа. Вот как связаться с человеком:",
    "tr": "Ben bir programım. Bir insana şöyle ulaşabilirsiniz:",
    "zh": "我是一个程序。您可以这样联系人工：",
    "ja": "私はプログラムです。担当者への連絡方法はこちらです：",
    "ko": "저는 프로그램입니다. 사람에게 연락하는 방법은 다음과 같습니다:",
}
_BY_INTENT: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "greeting": (_HELLO, _ASK),
    "thanks": (_WELCOME,),
    "goodbye": (_GOODBYE,),
    "unclear": (_UNCLEAR, _ASK),
    "feedback": (_NOTED,),
}
_OTHER_TALK = (_HELLO, _ASK)
_UNSPACED = frozenset({"zh", "ja"})
LANGUAGES = frozenset(_ASK)


def small_talk(intent: str, language: str) -> str:
    """The answer to a greeting and the like. English where the language is not known."""
    tables = _BY_INTENT.get(intent, _OTHER_TALK)
    blank = "" if language in _UNSPACED else " "
    return blank.join(table.get(language, table["en"]) for table in tables)


def person(language: str, contact: str) -> str:
    """The answer to a wish for a person.

    Args:
        contact: what the bot's owner wrote about reaching one; empty where there is no way.
    """
    table = _PERSON_AT if contact.strip() else _NO_PERSON
    said = table.get(language, table["en"])
    return f"{said}\n\n{contact.strip()}" if contact.strip() else said
