"""A message in numbers, for the linear models that weigh it: its words, what they feel like, how it is written."""

import re
import zlib
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from parley.chat.quoting.meaning import SentenceEmbedder
from parley.chat.understanding.feelings import KINDS, Feelings, feelings_of
from parley.kit.analysis import MARKS

BUCKETS = 1 << 13
VECTOR = 256
_WORD = re.compile(rf"[\w{MARKS}'’]+|[?!]")
_NUMBER = re.compile(r"\d")
_QUESTION = re.compile(r"[?？؟](?:\W|$)")
_MOST_CHARACTERS = 1_000
_MOST_WORDS = 120

# Words that ask, as they begin a question; in languages without blanks, or where they stand late, anywhere.
_ASKING = {
    "en": "what who whom whose which when where why how is are was were do does did can could will would should may "
    "has have am shall tell show explain describe list give compare",
    "es": "qué quién quiénes cuál cuáles cuándo dónde adónde por cómo cuánto cuánta cuántos cuántas es hay puedo puede",
    "fr": "que quoi qui quel quelle quels quelles quand où pourquoi comment combien est-ce puis-je peut-on y",
    "de": "was wer wen wem wessen welche welcher welches welchen wann wo wohin woher warum wieso weshalb wie ist sind "
    "kann können gibt muss darf womit wofür wodurch",
    "pt": "que quem qual quais quando onde aonde como quanto quanta quantos quantas o por é posso pode há",
    "it": "che chi cosa quale quali quando dove perché come quanto quanta quanti quante è posso può c'è qual",
    "nl": "wat wie welke welk wanneer waar waarom hoe hoeveel is zijn kan mag moet waarmee",
    "ru": "что кто кого кому чем какой какая какое какие когда где куда откуда почему зачем как сколько чей можно "
    "есть ли",
    "tr": "ne kim kimin hangi nerede nereye neden niçin niye nasıl kaç mı mi mu mü zaman",
    "ar": "ما ماذا من متى أين لماذا كيف كم أي هل",
    "hi": "क्या कौन किस किसने कब कहाँ कहां क्यों कैसे कितना कितने कितनी किसका",
    "zh": "什么 谁 哪 何时 为什么 为何 如何 怎么 怎样 多少 几 吗",
    "ja": "何 誰 どこ いつ なぜ どの どれ どう どのよう いくつ いくら ですか ますか どうして",
    "ko": "무엇 뭐 누구 어디 언제 왜 어떻게 어떤 어느 몇 얼마 나요 습니까 까요 인가요",
}
_ANYWHERE = frozenset({"zh", "ja", "ko", "hi", "tr", "ru", "ar"})
_LIST_OF_FIRST_PERSON = (
    "i my me we our mi me mis nosotros je j mon ma mes nous ich mein meine meinen wir mir mich eu meu minha nós "
    "io mio mia ik mijn wij me я мой моя моё мои мне мы меня нам ben benim bana beni أنا أنني لي मैं मेरा मेरी "
    "मेरे मुझे हम हमारा"
)
_FIRST_PERSON = frozenset(_LIST_OF_FIRST_PERSON.split())
_OWN_SIGNS = {
    "zh": ("我",),
    "ja": ("私", "僕", "うち"),
    "ko": ("나는", "나의", "제 ", "제가", "저는", "내 ", "내가", "우리"),
}
DENSE_NAMES = (
    *KINDS, "balance", "valence", "pleasant", "unpleasant", "question_mark", "asks", "exclamations", "capitals",
    "first_person", "length", "number", "ellipsis",
)  # fmt: skip
ENGLISH_ONLY = ("valence", "pleasant", "unpleasant")


def buckets_of(text: str) -> NDArray[np.int32]:
    """Return the places of a text's words, pairs and triples of words in the hashed vocabulary, each once."""
    words = [_NUMBER.sub("0", word) for word in _WORD.findall(text[:_MOST_CHARACTERS].lower().replace("’", "'"))]
    words = ["^", *words[:_MOST_WORDS], "$"]
    grams = {*words, *map(" ".join, pairwise(words))}
    grams.update(map(" ".join, zip(words, words[1:], words[2:], strict=False)))
    return np.unique(np.fromiter((zlib.crc32(gram.encode()) % BUCKETS for gram in grams), np.int32, len(grams)))


def dense_of(text: str, language: str) -> tuple[NDArray[np.float32], Feelings]:
    """Return the named measures of a text (`DENSE_NAMES`), all about 0 to 1, and the feelings among them."""
    text = text[:_MOST_CHARACTERS]
    feelings = feelings_of(text, language)
    letters = [char for char in text if char.isalpha()]
    words = text.lower().split()
    values = [
        *(min(3.0, feelings.counts[kind]) / 2 for kind in KINDS),
        max(-3.0, min(3.0, feelings.balance)) / 3,
        feelings.valence,
        min(8.0, feelings.pleasant) / 4,
        min(8.0, feelings.unpleasant) / 4,
        float(_QUESTION.search(text) is not None),
        float(asks(text, language)),
        min(3, text.count("!") + text.count("！")) / 3,
        sum(char.isupper() for char in letters) / len(letters) if len(letters) > 5 else 0.0,
        float(speaks_of_self(text, language)),
        min(60, len(words)) / 60,
        float(any(char.isdigit() for char in text)),
        float("..." in text or "…" in text),
    ]
    return np.asarray(values, np.float32), feelings


def asks(text: str, language: str) -> bool:
    """Tell whether a message is put as a question: a question mark, or a word that asks where such words stand."""
    if _QUESTION.search(text):
        return True
    words = [word.strip(".,!¡¿:;\"'()") for word in text.lower().split()]
    known = _asking(language)
    if not words or not known:
        return False
    if language in ("zh", "ja", "ko"):
        return any(word in text for word in known)
    return not known.isdisjoint(words if language in _ANYWHERE else words[:1])


def speaks_of_self(text: str, language: str) -> bool:
    """Tell whether the writer speaks of themselves."""
    if language in _OWN_SIGNS:
        return any(sign in text for sign in _OWN_SIGNS[language])
    return not _FIRST_PERSON.isdisjoint(re.split(r"[\s'’,.!?]+", text.lower()))


@cache
def _asking(language: str) -> frozenset[str]:
    return frozenset(_ASKING.get(language, _ASKING["en"] if language == "und" else "").split())


def vectors_of(texts: list[str], embedder: SentenceEmbedder) -> NDArray[np.float32]:
    """Return the texts' vectors, scaled so that a component is about as large as the other measures."""
    return embedder.embed_documents([text[:_MOST_CHARACTERS] for text in texts]) * np.float32(2.0)
