"""How soon Parley is there: start to first page, idle memory, `parley --help`, installed size.

usage: python -m bench.first_page [--installed-size] [--json]
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.measuring import median, report, tree_rss
from tests.support.network import closed_environment
from tests.support.server import parley_program, running_parley
from tests.support.waiting import wait_for

ROOT = Path(__file__).resolve().parent.parent
SETTLE_SECONDS = 5
RUNS = 5


def help_seconds() -> float:
    """Return the median time of `parley --help`."""
    seconds: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run([parley_program(), "--help"], env=closed_environment(), capture_output=True, check=True)
        seconds.append(time.perf_counter() - began)
    return median(seconds)


def start() -> tuple[float, float]:
    """Return seconds until the first page was served, and idle MiB of the process tree some seconds later."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as data:
        began = time.perf_counter()
        with running_parley(Path(data) / "data") as server:
            assert server.client.get("/").is_success
            seconds = time.perf_counter() - began
            settled = time.monotonic() + SETTLE_SECONDS
            wait_for(lambda: time.monotonic() > settled, "settling", SETTLE_SECONDS + 1)
            return seconds, tree_rss(server.process.pid) / 2**20


def _folder_bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def installed_bytes() -> int:
    """Install what running needs (no development groups) into a new environment and return its size with the app's."""
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    with tempfile.TemporaryDirectory(prefix="parley-size-") as folder:
        environment = os.environ | {"UV_PROJECT_ENVIRONMENT": folder, "UV_LINK_MODE": "copy"}
        subprocess.run([uv, "sync", "--quiet", "--no-dev", "--locked"], cwd=ROOT, env=environment, check=True)
        return _folder_bytes(Path(folder)) + _folder_bytes(ROOT / "src" / "parley")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--installed-size", action="store_true", help="Also install into a new environment.")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    starts = [start() for _ in range(3)]
    figures: dict[str, Any] = {
        "start to first page, s (median of 3)": median([seconds for seconds, _ in starts]),
        "idle RSS of the process tree, MiB": median([rss for _, rss in starts]),
        f"parley --help, s (median of {RUNS})": help_seconds(),
    }
    if arguments.installed_size:
        figures["installed size, MB"] = installed_bytes() / 1e6
    report("Start", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
