"""How well questions are understood without a model.

usage: python -m bench.quality.understanding --data-set FOLDER [--only followup|language|reading|parts]...
"""

import argparse
import asyncio
import sys
from pathlib import Path

from bench.quality.understanding.followups import measure_follow_ups
from bench.quality.understanding.language import measure_languages
from bench.quality.understanding.parts import measure_parts
from bench.quality.understanding.readings import measure_readings


def measure(part: str, folder: Path) -> list[str]:
    """Return the report of one part."""
    if part == "followup":
        return asyncio.run(measure_follow_ups(folder))
    if part == "parts":
        return asyncio.run(measure_parts(folder))
    if part == "reading":
        return measure_readings(folder)
    return measure_languages(folder)


PARTS = ("followup", "language", "reading", "parts")


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    parser.add_argument("--only", action="append", choices=PARTS)
    options = parser.parse_args()
    for part in options.only or PARTS:
        sys.stdout.write(f"--- {part}\n" + "\n".join(measure(part, options.data_set)) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
