"""All quality benchmarks in turn: retrieval beside BM25, quoted answers, whole answers with planted faults, the support
check layer by layer.

    python -m bench.quality --data-set FOLDER

Each runs in a process of its own, for a process can hold one Parley.
"""

import argparse
import subprocess
import sys
from pathlib import Path

PARTS = ("bench.quality.retrieval", "bench.quality.answers", "bench.quality.planted", "bench.quality.faults")


def main() -> int:
    """Run the parts; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True, help="the folder with the labelled collections")
    data_set = str(parser.parse_args().data_set)
    failed = 0
    for part in PARTS:
        sys.stdout.write(f"\n== {part}\n")
        sys.stdout.flush()
        failed |= subprocess.run([sys.executable, "-m", part, "--data-set", data_set], check=False).returncode
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())
