"""Subtitles (vtt, srt): what is said, without numbers and times."""

import re
from collections.abc import Iterator
from html import unescape

from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.source_file import Parsed, SourceFile

_TIME = re.compile(r"\s*(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"<[^>]*>|\{\\[^}]*\}")
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
# Cues are put together to paragraphs of at least so many characters, ending with a sentence.
PARAGRAPH_CHARS = 400


def parse(file: SourceFile) -> Parsed:
    return Parsed(_blocks(file.text().replace("\r\n", "\n").replace("\r", "\n")))


def _blocks(text: str) -> Iterator[Block]:
    held: list[str] = []
    size = 0
    before = speaker = ""
    for cue in re.split(r"\n[ \t]*\n", text):
        name, words = _cue(cue)
        # Rolling captions repeat a line until it has scrolled away.
        if not words or words == before:
            continue
        held.append(f"{name}: {words}" if name and name != speaker else words)
        before, speaker = words, name or speaker
        size += len(words)
        if size >= PARAGRAPH_CHARS and words.endswith(_SENTENCE_ENDS):
            yield Block("paragraph", "\n".join(held))
            held, size = [], 0
    if held:
        yield Block("paragraph", "\n".join(held))


def _cue(cue: str) -> tuple[str, str]:
    """Who speaks, where it says so, and what; nothing for a header, a note or a style."""
    lines = cue.strip("\n").split("\n")
    times = next((index for index, line in enumerate(lines) if _TIME.match(line)), None)
    if times is None:
        return "", ""
    spoken = " ".join(lines[times + 1 :])
    voice = _VOICE.search(spoken)
    return voice.group(1).strip() if voice else "", " ".join(unescape(_TAG.sub("", spoken)).split())
