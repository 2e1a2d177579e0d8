"""What messages are for, and how those who write them feel: confusion tables, and how often a question is mistaken.

The models have learned from the training parts of CLINC150 and BANKING77 and, as there is nothing else, from the very
tweets of TweetEval's validation part: its tables here say how well they are remembered. Held-out figures of those come
from folds: `python -m tools.train_understanding`. `messages.txt` was written for this bench.
"""

import time
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bench.quality.collections import read_lines
from bench.quality.understanding.labels import banking_intent, clinc_intent
from bench.quality.understanding.tables import Table
from parley.chat.understanding import EMOTIONS, INTENTS, SENTIMENTS, read_message, tone_for
from parley.chat.understanding.measures import buckets_of, dense_of, vectors_of
from parley.chat.understanding.reading import heads
from parley.kit.language_detection import detect_language
from parley.llm.embedding.table import TableEmbedder

TWEETS = {"sentiment": SENTIMENTS, "emotion": EMOTIONS[:4]}
OWN = Path(__file__).with_name("messages.txt")


def measure_readings(folder: Path, seen_tweets: bool = True) -> list[str]:
    """Return the lines of the report.

    Args:
        folder: as developers see it, or another with files of the same names and fields.
        seen_tweets: whether the models have learned from this folder's tweets.
    """
    embedder = TableEmbedder()
    report = [*_intents(folder, embedder), *_tweets(folder, embedder, seen_tweets), *_own(embedder)]
    return [*report, *_mistaken(folder, embedder), *_cost(folder, embedder)]


def _intents(folder: Path, embedder: TableEmbedder) -> list[str]:
    table, outside = Table(INTENTS), Counter[str]()
    for item in read_lines(folder / "intent" / "clinc150.jsonl"):
        if item["split"] in ("train", "oos_train"):
            continue
        told = read_message(item["text"], "en", embedder).intent
        if item["intent"] == "oos":
            outside[told] += 1
        elif truth := clinc_intent(item["intent"]):
            table.add(truth, told)
    lines = ["intent, CLINC150 but for its training part", *table.lines()]
    lines.append(f"out of scope, told as: {', '.join(f'{name} {count}' for name, count in outside.most_common())}")
    table = Table(INTENTS)
    for item in read_lines(folder / "intent" / "banking77.jsonl"):
        truth = banking_intent(item["intent"])
        if truth and zlib.crc32(item["text"].encode()) % 5 == 0:
            table.add(truth, read_message(item["text"], "en", embedder).intent)
    return [*lines, "", "intent, a fifth of BANKING77 that was not learned from", *table.lines(), ""]


def _tweets(folder: Path, embedder: TableEmbedder, seen: bool) -> list[str]:
    lines: list[str] = []
    for name, labels in TWEETS.items():
        table = Table(labels)
        for item in read_lines(folder / "sentiment" / f"tweeteval_{name}.jsonl"):
            text = clean_tweet(item["text"])
            dense, _ = dense_of(text, "en")
            weighed = heads()[name].measured(buckets_of(text), dense, vectors_of([text], embedder)[0])
            table.add(item["label"], max(weighed, key=lambda label: weighed[label]))
        known = " (learned from these very tweets)" if seen else ""
        lines += [f"{name}, TweetEval, the model alone{known}", *table.lines(), ""]
    return lines


def clean_tweet(text: str) -> str:
    """Undo the escapes that the files were stored with."""
    text = text.replace("\\u2019", "'").replace("\\u002c", ",").replace("\\n", " ").replace('\\"', '"')
    return text.replace("@user", "").strip()


def _own(embedder: TableEmbedder) -> list[str]:
    intents, sentiments, emotions = Table(INTENTS), Table(SENTIMENTS), Table(EMOTIONS)
    wrong: list[str] = []
    for line in OWN.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        language, intent, sentiment, emotion, text = line.split("|", 4)
        found = read_message(text, language, embedder)
        intents.add(intent, found.intent)
        if found.intent != intent:
            wrong.append(f"  {language} {intent} told as {found.intent}: {text}")
        if sentiment != "-":
            sentiments.add(sentiment, found.sentiment)
        if emotion != "-":
            emotions.add(emotion, found.emotion)
    return [
        "messages of this bench in fourteen languages: intent", *intents.lines(), *wrong, "",
        "sentiment", *sentiments.lines(), "", "emotion", *emotions.lines(), "",
    ]  # fmt: skip


def _mistaken(folder: Path, embedder: TableEmbedder) -> list[str]:
    """How often a question that wants an answer from documents is not looked up, or met with a courtesy."""
    asked = [(f"squad_{item['answerable']}", "en", item["question"])
             for item in read_lines(folder / "squad_en" / "questions.jsonl")]  # fmt: skip
    asked += [(f"xquad_{item['lang']}", item["lang"], item["question"])
              for item in read_lines(folder / "xquad" / "questions.jsonl")]  # fmt: skip
    asked += [("helpcentre", "en", line["title"]) for line in read_lines(folder / "helpcentre" / "arduino.jsonl")]
    lines = ["questions about documents: told as something else, not looked up, met with a courtesy"]
    for name in dict.fromkeys(name for name, _, _ in asked):
        own = [read_message(text, language, embedder) for group, language, text in asked if group == name]
        other = sum(reading.intent != "question" for reading in own)
        spoken = sum(reading.spoken for reading in own)
        toned = sum(tone_for(reading) is not None for reading in own)
        lines.append(
            f"  {name:14s}{len(own):6d} {other / len(own):8.4f} {spoken / len(own):8.4f} {toned / len(own):8.4f}"
        )
    return [*lines, ""]


def _cost(folder: Path, embedder: TableEmbedder) -> list[str]:
    texts = [item["question"] for item in read_lines(folder / "squad_en" / "questions.jsonl")][:1000]
    return [f"processor time a message: {_milliseconds(texts, embedder):.3f} ms"]


def _milliseconds(texts: Iterable[str], embedder: TableEmbedder) -> float:
    told = [(text, detect_language(text)) for text in texts]
    began = time.process_time()
    for text, language in told:
        read_message(text, language, embedder)
    return (time.process_time() - began) * 1000 / len(told)
