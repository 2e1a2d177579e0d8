"""Subtitles (vtt, srt): what is said, and at which second; without numbers."""

import re
from collections.abc import Iterator
from html import unescape

from parley.knowledge.parsers.blocks import Block, clean
from parley.knowledge.parsers.source_file import Parsed, SourceFile

_TIME = re.compile(r"\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}\s*-->")
_TITLE = re.compile(r"WEBVTT[ \t]+-?[ \t]*(\S[^\n]{0,300})")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"<[^>]*>|\{\\[^}]*\}")
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
# Cues are put together to paragraphs of at least so many characters, ending with a sentence.
PARAGRAPH_CHARS = 400


def parse(file: SourceFile) -> Parsed:
    text = file.text().replace("\r\n", "\n").replace("\r", "\n")
    title = _TITLE.match(text)
    return Parsed(_blocks(text), unescape(title.group(1)).strip() if title else "")


def _blocks(text: str) -> Iterator[Block]:
    held: list[str] = []
    cues: list[tuple[int, int, int]] = []
    size = 0
    before = speaker = ""
    for cue in re.split(r"\n[ \t]*\n", text):
        second, name, words = _cue(cue)
        # Rolling captions repeat a line until it has scrolled away.
        if not words or words == before:
            continue
        line = f"{name}: {words}" if name and name != speaker else words
        start = sum(map(len, held)) + len(held)
        cues.append((start, start + len(line), second))
        held.append(line)
        before, speaker = words, name or speaker
        size += len(words)
        if size >= PARAGRAPH_CHARS and words.endswith(_SENTENCE_ENDS):
            yield Block("paragraph", "\n".join(held), cues=tuple(cues))
            held, cues, size = [], [], 0
    if held:
        yield Block("paragraph", "\n".join(held), cues=tuple(cues))


def _cue(cue: str) -> tuple[int, str, str]:
    """At which second, who speaks, where it says so, and what; nothing for a header, a note or a style."""
    lines = cue.strip("\n").split("\n")
    times = next(((index, match) for index, line in enumerate(lines) if (match := _TIME.match(line))), None)
    if times is None:
        return 0, "", ""
    hours, minutes, seconds = times[1].groups()
    second = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    spoken = clean(" ".join(lines[times[0] + 1 :]))
    voice = _VOICE.search(spoken)
    return second, voice.group(1).strip() if voice else "", " ".join(unescape(_TAG.sub("", spoken)).split())
