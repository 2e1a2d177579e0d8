"""Whether a message is small talk, a question about documents, or a command to Parley: light and in many languages."""

import re
from typing import Literal

Intent = Literal["small_talk", "question", "command"]

# Whole phrases, lower case, without punctuation. A message made of these alone is small talk.
_SPACED = """
hi; hello; hey; hiya; howdy; greetings; good morning; good afternoon; good evening; good day; good night; how are you;
how are you doing; how are you today; how is it going; how's it going; what's up; nice to meet you; who are you;
what are you; what is your name; what's your name; what can you do; can you help; can you help me; help; help me;
are you a bot; are you human; are you real; are you there; thanks; thank you; thank you so much; many thanks; thx; ty;
cheers; great; perfect; awesome; cool; nice; ok; okay; got it; i see; bye; goodbye; see you; see you later; sorry;
well done; good job; good bot; you're welcome; welcome; yes; no; yep; nope; sure; please; lol; haha; there; all;
everyone; team; again; friend; bot; parley; a lot; so much; very much; very; for your help; for the help; that helps;
that helped; that helped a lot; good; test; testing;
hola; buenos días; buenas; buenas tardes; buenas noches; qué tal; cómo estás; quién eres; gracias; muchas gracias;
adiós; hasta luego; vale; perfecto; genial; de nada; ayuda; sí; por favor;
hallo; guten tag; guten morgen; guten abend; gute nacht; moin; servus; grüß gott; wie geht's; wie geht es dir;
wie geht es ihnen; wer bist du; danke; danke schön; vielen dank; tschüss; auf wiedersehen; super; alles klar; bitte;
hilfe; ja; nein;
bonjour; salut; bonsoir; coucou; ça va; comment ça va; comment allez-vous; comment vas-tu; qui es-tu; merci;
merci beaucoup; au revoir; à bientôt; parfait; d'accord; de rien; aide; oui; non; s'il vous plaît;
olá; oi; bom dia; boa tarde; boa noite; tudo bem; quem é você; obrigado; obrigada; muito obrigado; muito obrigada;
tchau; até logo; perfeito; ajuda; sim; não;
ciao; salve; buongiorno; buonasera; buonanotte; come stai; come va; chi sei; grazie; grazie mille; arrivederci; prego;
aiuto; sì; per favore;
hoi; goedemorgen; goedemiddag; goedenavond; dank je; dank je wel; dank u; dank u wel; bedankt; tot ziens; doei; nee;
hoe gaat het; wie ben je; prima; alsjeblieft;
merhaba; selam; günaydın; iyi günler; iyi akşamlar; iyi geceler; nasılsın; nasılsınız; kimsin; teşekkürler;
teşekkür ederim; çok teşekkürler; sağ ol; sağol; görüşürüz; hoşça kal; hoşçakal; tamam; evet; hayır; lütfen;
नमस्ते; नमस्कार; हैलो; हेलो; हाय; सुप्रभात; शुभ रात्रि; शुभ संध्या; आप कैसे हैं; कैसे हो; आप कौन हैं; धन्यवाद; शुक्रिया;
बहुत धन्यवाद; अलविदा; ठीक है; हाँ; नहीं;
مرحبا; أهلا; أهلا وسهلا; السلام عليكم; صباح الخير; مساء الخير; كيف حالك; من أنت; شكرا; شكرا جزيلا; مع السلامة; حسنا;
نعم; لا;
привет; здравствуйте; добрый день; добрый вечер; доброе утро; как дела; кто ты; спасибо; пока; до свидания; хорошо;
да; нет
"""
_UNSPACED = """
你好; 你好吗; 您好; 嗨; 哈喽; 早上好; 早安; 下午好; 晚上好; 晚安;
你是谁; 谢谢; 谢谢你; 多谢; 感谢; 再见; 拜拜; 好; 好的; 是; 是的; 不;
こんにちは; こんばんは; おはよう; おはようございます; やあ; 元気ですか; お元気ですか; あなたは誰ですか;
ありがとう; ありがとうございます;
ありがとうございました; さようなら; またね; はい; いいえ; 了解; 了解です;
谢谢您; 안녕; 안녕하세요; 안녕하십니까; 반갑습니다; 감사합니다; 고마워; 고마워요; 고맙습니다; 안녕히 계세요;
안녕히 가세요; 잘 가; 또 봐요; 네; 아니요; 알겠습니다; 누구세요
"""
_MAX_CHARS = 120
_LONGEST_PHRASE = 6
_COMMAND = re.compile(r"\s*/[a-z][\w-]*(?:\s|$)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_][\w'’\u0900-\u097f-]*")


def _phrases(table: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in table.split(";"))


_SMALL_TALK = _phrases(_SPACED) | _phrases(_UNSPACED)


def classify_intent(text: str, language: str = "und") -> Intent:
    """Return what a message is. When in doubt it is a question: one unanswered is worse than one searched in vain.

    `command` is a message that begins with a slash and a word; `small_talk` one made of greetings, thanks and the like
    alone. `language` is not needed so far: people greet in one language and ask in another.
    """
    if _COMMAND.match(text):
        return "command"
    if len(text) > _MAX_CHARS:
        return "question"
    words = [word.group().lower().replace("’", "'") for word in _WORD.finditer(text)]
    return "small_talk" if _made_of_phrases(words) else "question"


def _made_of_phrases(words: list[str]) -> bool:
    """Tell whether the words fall into known phrases, the longest first."""
    place = 0
    while place < len(words):
        longest = min(_LONGEST_PHRASE, len(words) - place)
        taken = next((n for n in range(longest, 0, -1) if " ".join(words[place : place + n]) in _SMALL_TALK), 0)
        if not taken:
            return False
        place += taken
    return True
