"""A message read: its intent, its sentiment and its emotion, by rules first and small linear models after.

Each model is softmax regression over hashed words (English alone), named measures and the vector of the built-in
embedding table, which holds many languages: what it learned from English carries over, weaker. `weights.npz` is
written by `tools/train_understanding.py`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from parley.chat.quoting.meaning import SentenceEmbedder
from parley.chat.understanding.feelings import Feelings
from parley.chat.understanding.intents import INTENTS, SMALL_TALK, SPOKEN, Intent, ruled_intent
from parley.chat.understanding.measures import asks, buckets_of, dense_of, speaks_of_self, vectors_of

Sentiment = Literal["negative", "neutral", "positive"]
Emotion = Literal["anger", "joy", "optimism", "sadness", "none"]
SENTIMENTS: tuple[Sentiment, ...] = ("negative", "neutral", "positive")
EMOTIONS: tuple[Emotion, ...] = ("anger", "joy", "optimism", "sadness", "none")

_LONGEST_TALK = 120
_LIKELY = 0.6
_LEAST_EMOTION = 0.4
_SAID = 3.0
"""Tweets taught the models; a word that names an emotion says more in a customer's message than in one of those."""
_LONGEST_FEEDBACK = 300


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message was taken for. `sure`: 0 to 1, of the intent; `sentiment_score`: -1 to 1.

    `personal`: the feeling is the writer's, not that of what is asked about. `spoken`: nothing need be looked up,
    which only rules decide: what a model takes for small talk may be a question ("what are black holes").
    """

    intent: Intent
    sentiment: Sentiment
    emotion: Emotion
    sure: float
    sentiment_score: float
    personal: bool
    spoken: bool


@dataclass(frozen=True, slots=True)
class Head:
    """One model: `words` (buckets, classes) in steps of `scale`, `rest` (measures and vector, classes), `bias`."""

    labels: tuple[str, ...]
    words: NDArray[np.int8] | None
    scale: float
    rest: NDArray[np.float32]
    bias: NDArray[np.float32]

    def measured(
        self, places: NDArray[np.int32], dense: NDArray[np.float32], vector: NDArray[np.float32]
    ) -> dict[str, float]:
        """Return the probability of each label.

        Args:
            places, dense, vector: what `measures` makes of a text.
        """
        return self.probabilities(places, np.concatenate([dense, vector]))

    def probabilities(self, places: NDArray[np.int32], rest: NDArray[np.float32]) -> dict[str, float]:
        """Return the probability of each label."""
        scores = rest @ self.rest + self.bias
        if self.words is not None:
            scores = scores + self.words[places].sum(axis=0, dtype=np.int32) * np.float32(
                self.scale / len(places) ** 0.5
            )
        odds = np.exp(scores - scores.max())
        return dict(zip(self.labels, (odds / odds.sum()).tolist(), strict=True))


def read_message(text: str, language: str, embedder: SentenceEmbedder, *, first: bool = True) -> Reading:
    """Read a message; about half a millisecond of processor time.

    Args:
        language: ISO 639-1, or "und".
        embedder: the built-in table, on whose vectors the models were trained.
        first: nothing was said before it.
    """
    dense, feelings = dense_of(text, language)
    rest = np.concatenate([dense, vectors_of([text], embedder)[0]])
    english = language in ("en", "und")
    places = buckets_of(text) if english else np.zeros(1, np.int32)
    sentiment = heads()["sentiment" if english else "sentiment_any"].probabilities(places, rest)
    emotion = heads()["emotion" if english else "emotion_any"].probabilities(places, rest)
    felt = _sentiment(sentiment)
    intent, sure = ruled_intent(text, language, first=first), 1.0
    if intent is None:
        weighed = heads()["intent" if english else "intent_any"].probabilities(places, rest)
        intent, sure = _weighed_intent(text, language, weighed, feelings, felt)
    return Reading(
        intent=intent,
        sentiment=felt,
        emotion=_emotion(emotion, felt, feelings, intent),
        sure=sure,
        sentiment_score=round(sentiment["positive"] - sentiment["negative"], 4),
        personal=_is_personal(text, language, feelings),
        spoken=intent in SPOKEN and sure == 1.0,
    )


def _is_personal(text: str, language: str, feelings: Feelings) -> bool:
    """Whoever feels something speaks of themselves, or aloud, or uses strong words without asking anything.

    Who asks how something is done tells of no trouble, though they say "I" and what it is about is one.
    """
    strong = feelings.counts["anger"] + feelings.counts["sadness"] + feelings.counts["joy"] > 0
    if speaks_of_self(text, language):
        return strong or _ASKS_HOW.match(text) is None
    return strong and (not asks(text, language) or "!" in text or "！" in text)


def _sentiment(weighed: Mapping[str, float]) -> Sentiment:
    return max(SENTIMENTS, key=lambda label: weighed[label])


def _emotion(weighed: Mapping[str, float], felt: Sentiment, feelings: Feelings, intent: Intent) -> Emotion:
    """Return the likeliest emotion that goes with the sentiment; none where nothing says that anything is felt."""
    if felt == "neutral" or intent in SMALL_TALK:
        return "none"
    fitting = ("anger", "sadness") if felt == "negative" else ("joy", "optimism")
    said = {label: weighed[label] * _SAID ** min(2.0, feelings.counts[label]) for label in fitting}
    best: Emotion = max((emotion for emotion in EMOTIONS if emotion in fitting), key=lambda label: said[label])
    named = sum(feelings.counts[kind] for kind in ("anger", "sadness", "joy", "optimism"))
    return best if named or weighed[best] >= _LEAST_EMOTION else "none"


def _weighed_intent(
    text: str, language: str, weighed: Mapping[str, float], feelings: Feelings, felt: Sentiment
) -> tuple[Intent, float]:
    """Return the likeliest intent; when in doubt a question: one unanswered is worse than one searched in vain."""
    best: Intent = max((intent for intent in INTENTS if intent in weighed), key=lambda label: weighed[label])
    asking = asks(text, language)
    english = language in ("en", "und")
    if best in SMALL_TALK and (not english or weighed[best] < _LIKELY or len(text) > _LONGEST_TALK):
        best = "question"
    troubled = feelings.counts["problem"] > 0 or feelings.counts["anger"] > 0
    if best == "command" and (weighed[best] < _LIKELY or (not english and (asking or troubled or felt == "negative"))):
        best = "question"
    if best in ("question", "complaint") and not asking and len(text) <= _LONGEST_FEEDBACK:
        if felt == "positive" and not troubled:
            told = _tells_of_liking(text, language, feelings)
            return ("feedback", 1 - weighed["question"]) if told else ("question", weighed["question"])
        if felt == "negative" or troubled:
            return "complaint", max(weighed["complaint"], 0.5)
    own = speaks_of_self(text, language) or felt == "negative"
    if asking and best == "complaint" and not troubled and (not english or not own or weighed[best] < _LIKELY):
        return "question", weighed["question"]
    return best, weighed[best]


def _tells_of_liking(text: str, language: str, feelings: Feelings) -> bool:
    """A search may be for the best of something; who likes something says who, or what, or says it aloud."""
    if not any(feelings.counts[kind] for kind in ("joy", "optimism", "positive")):
        return False
    if language not in ("en", "und"):
        return True
    return speaks_of_self(text, language) or _ADDRESSES.search(text) is not None or "!" in text


# "How is it possible that ..." is not among them.
_HOW = (
    r"how (?:do|does|can|could|should|would|may|must|to)\b",
    r"what (?:should|do|can|must|are the (?:steps|ways)|is the (?:best|right|proper|correct|easiest|recommended))\b",
    r"(?:where (?:do|can|should)|(?:can|could|may|should) (?:i|we)|is (?:it possible|there (?:a|any) way))\b",
    r"cómo (?:puedo|podemos|podría|hago|debo|se)\b|(?:puedo|podemos)\b",
    r"comment (?:puis|peut|pouvons|je|faire|on)\b|(?:est-ce que je|puis-je|peut-on)\b",
    r"wie \w+ (?:ich|wir|man)\b|(?:kann|können|darf) (?:ich|wir|man)\b",
    r"como (?:posso|podemos|faço|devo|se|eu)\b|come (?:posso|possiamo|faccio|devo|si)\b|posso\b",
    r"hoe (?:kan|moet|\w+ ik)\b|(?:kan|mag|moet) ik\b|как (?:мне|нам|можно|я)\b",
    r"(?:我|我们)?(?:该|要|应该|可以)?(?:如何|怎么|怎样)",
)
_ASKS_HOW = re.compile(rf"[¿\s]*(?:{'|'.join(_HOW)})[^.!?。！？\n]*[.?。？]?\s*\Z", re.IGNORECASE)
_ADDRESSES = re.compile(r"\b(?:you|your|yours|this|that|it|it's|bot|answers?)\b", re.IGNORECASE)


def _optional(data: Mapping[str, NDArray[np.int8]], name: str) -> NDArray[np.int8] | None:
    return data.get(name)


@cache
def heads() -> Mapping[str, Head]:
    """Return the models that ship with the package, by name."""
    with files("parley.chat.understanding").joinpath("weights.npz").open("rb") as file:
        data = np.load(file)
        names: Sequence[str] = data["names"].tolist()
        return {
            name: Head(
                labels=tuple(data[f"{name}.labels"].tolist()),
                words=_optional(data, f"{name}.words"),
                scale=float(data[f"{name}.scale"]),
                rest=data[f"{name}.rest"].astype(np.float32),
                bias=data[f"{name}.bias"].astype(np.float32),
            )
            for name in names
        }


@cache
def trained_on() -> str:
    """Return the name of the embedding table that the models were trained with."""
    with files("parley.chat.understanding").joinpath("weights.npz").open("rb") as file:
        return str(np.load(file)["embedder"])
