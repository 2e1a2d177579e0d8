"""What Parley says of its own without looking anything up, in the reader's language."""

_SMALL_TALK = {
    "en": "Hello. Ask me something about your documents.",
    "es": "Hola. Pregúntame algo sobre tus documentos.",
    "de": "Hallo. Frag mich etwas zu deinen Dokumenten.",
    "fr": "Bonjour. Posez-moi une question sur vos documents.",
    "pt": "Olá. Pergunte-me algo sobre os seus documentos.",
    "it": "Ciao. Chiedimi qualcosa sui tuoi documenti.",
    "hi": "नमस्ते। अपने दस्तावेज़ों के बारे में कुछ पूछिए।",
    "ar": "مرحبا. اسألني شيئا عن مستنداتك.",
    "zh": "您好。请问我有关您文档的问题。",
    "ja": "こんにちは。文書について質問してください。",
}


def small_talk(language: str) -> str:
    """The answer to a greeting and the like. English where the language is not known."""
    return _SMALL_TALK.get(language, _SMALL_TALK["en"])
