"""Which language a line is in."""

from collections import Counter
from pathlib import Path

from bench.quality.collections import read_lines
from parley.kit.language_detection import detect_language

LANGUAGES = ("en", "es", "fr", "de", "pt", "it", "nl", "hi", "ar", "ru", "tr", "zh", "ja", "ko")
LENGTHS = ((1, 19), (20, 80), (81, 100_000))


def measure_languages(folder: Path) -> list[str]:
    """Return the lines of the report: share of lines told right by length, and what was taken for what."""
    lines = [item for item in read_lines(folder / "language_id" / "lingua.jsonl") if item["lang"] in LANGUAGES]
    report: list[str] = []
    for shortest, longest in LENGTHS:
        asked = [item for item in lines if shortest <= len(item["text"]) <= longest]
        found = [(item["lang"], detect_language(item["text"])) for item in asked]
        right = sum(language == told for language, told in found)
        mistakes = Counter(pair for pair in found if pair[0] != pair[1])
        shown = ", ".join(f"{language} as {told} {count}" for (language, told), count in mistakes.most_common(12))
        report.append(f"{shortest:3d} to {longest:6d} characters: {right / len(asked):.4f} of {len(asked)}   {shown}")
        by_language = {
            language: sum(told == language for spoken, told in found if spoken == language)
            / max(1, sum(spoken == language for spoken, _ in found))
            for language in LANGUAGES
        }
        report.append("    " + "  ".join(f"{language} {share:.3f}" for language, share in by_language.items()))
    return report
