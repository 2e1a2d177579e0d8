"""The whole test command: style, types, layers, tests of every kind. Sets up what it needs and says what it did.

usage: python tools/check.py [--list] [STEP...]      exit status 1 if anything failed

Steps run in lanes at once, for tests of a server wait more than they work; what a step printed is shown when it ends.
The browser tests come last, on their own.
The last line is the sum of all tests: `N passed, N failed`.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from build_web import build_web, install_packages, run_npm
from find_browser import find_or_install_browser

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
STEP_SECONDS = 2400
# About half of the time of all tests without a browser.
SERVER_ROOMS = ("api", "cli", "knowledge")
VITEST_COUNT = re.compile(r"^\s*Tests\s+(?:(\d+) failed\s*\|\s*)?(?:(\d+) passed)?", re.M)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(slots=True)
class Step:
    """A named command; `report` is where pytest writes its counts."""

    name: str
    about: str
    command: Sequence[str]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict[str, str])
    report: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended."""

    name: str
    ok: bool
    seconds: float
    passed: int = 0
    failed: int = 0


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name + (".exe" if os.name == "nt" else "")))


def _pytest(name: str, about: str, reports: Path, *arguments: str, **environment: str) -> Step:
    report = reports / f"{name}.xml"
    # A folder of its own: runs beside this one tidy up the folder that pytest would share with them.
    own = (f"--junitxml={report}", f"--basetemp={reports / name}", "--durations=5")
    command = (sys.executable, "-m", "pytest", *own, *arguments)
    return Step(name, about, command, environment=environment, report=report)


def _npm(name: str, about: str, script: str) -> Step:
    return Step(name, about, (sys.executable, __file__, "--npm", script))


def make_lanes(reports: Path, browser: str) -> tuple[list[list[Step]], list[Step]]:
    """Return the steps of the lanes that run at once, and of what follows them."""
    postgres = ("--database=postgres", "--ignore=tests/e2e", "tests")
    others = [f"--ignore=tests/{name}" for name in ("e2e", *SERVER_ROOMS)]
    rooms = [f"tests/{name}" for name in SERVER_ROOMS]
    style = [
        Step("lint", "ruff: rules", (_tool("ruff"), "check", ".")),
        Step("format", "ruff: format", (_tool("ruff"), "format", "--check", ".")),
        Step("layers", "import-linter: arrows between rooms", (_tool("lint-imports"), "--no-logo")),
        Step("scope", "tenant scope, unit of work", (sys.executable, "tools/lint_scope.py")),
        Step("types", "pyright, strict", (_tool("pyright"),), environment={"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}),
        _npm("web-types", "tsc, strict", "check"),
        _npm("web-tests", "Vitest", "test"),
        _pytest("postgres", "pytest: what uses a store, on PostgreSQL", reports, *postgres),
    ]
    unit = [_pytest("unit", "pytest: unit, contract, architecture, docs", reports, *others, "tests")]
    server = [_pytest("server", f"pytest: {', '.join(SERVER_ROOMS)}", reports, *rooms)]
    last = [_pytest("browser", "Playwright on a real browser", reports, "tests/e2e", PARLEY_TEST_BROWSER=browser)]
    return [style, unit, server], last


def _counts(step: Step, output: str) -> tuple[int, int]:
    """Return how many tests passed and failed, as the step's runner reported."""
    if step.report is not None and step.report.exists():
        suites = ElementTree.parse(step.report).getroot().iter("testsuite")  # noqa: S314  (pytest wrote it just now)
        total = failed = 0
        for suite in suites:
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            total += int(suite.get("tests", 0)) - int(suite.get("skipped", 0))
        return total - failed, failed
    found = VITEST_COUNT.search(COLOUR.sub("", output)) if step.name == "web-tests" else None
    return (int(found[2] or 0), int(found[1] or 0)) if found else (0, 0)


def run_step(step: Step, talking: threading.Lock) -> Outcome:
    """Run one step and print what it said."""
    began = time.monotonic()
    try:
        done = subprocess.run(
            step.command,
            cwd=step.folder,
            env=os.environ | step.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=STEP_SECONDS,
            check=False,
        )
        output, status = done.stdout.decode("utf-8", "replace"), done.returncode
    except subprocess.TimeoutExpired as error:
        output, status = f"{(error.stdout or b'').decode('utf-8', 'replace')}\nnot over in {STEP_SECONDS} s", 1
    passed, failed = _counts(step, output)
    outcome = Outcome(step.name, status == 0, time.monotonic() - began, passed, failed)
    with talking:
        print(f"──── {step.name}: {step.about} ({'ok' if outcome.ok else 'FAILED'}, {outcome.seconds:.0f} s)")
        print(output.rstrip() or "(nothing to say)", flush=True)
    return outcome


def run_lanes(lanes: Sequence[Sequence[Step]], talking: threading.Lock) -> list[Outcome]:
    """Run the lanes at once, the steps of a lane one after another; returns outcomes in the lanes' order."""
    found: list[list[Outcome]] = [[] for _ in lanes]

    def work(lane: Sequence[Step], into: list[Outcome]) -> None:
        into.extend(run_step(step, talking) for step in lane)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(lanes, found, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcome for outcomes in found for outcome in outcomes]


def _summarise(outcomes: Sequence[Outcome]) -> int:
    print("\n──── summary")
    for outcome in outcomes:
        tests = f"{outcome.passed} passed, {outcome.failed} failed" if outcome.passed or outcome.failed else ""
        print(f"{'ok    ' if outcome.ok else 'FAILED'} {outcome.name:10} {outcome.seconds:6.0f} s  {tests}")
    bad = [outcome.name for outcome in outcomes if not outcome.ok]
    print(f"failed steps: {', '.join(bad)}" if bad else "every step is ok")
    print(f"{sum(o.passed for o in outcomes)} passed, {sum(o.failed for o in outcomes)} failed", flush=True)
    return 1 if bad else 0


def check(wanted: Sequence[str]) -> int:
    """Set up, run the wanted steps (all if none is named), and return the exit status."""
    needs_browser = not wanted or "browser" in wanted
    print(build_web(ROOT), flush=True)
    install_packages(WEB)
    browser = find_or_install_browser() if needs_browser else ""
    if needs_browser:
        print(f"Browser tests use {browser}", flush=True)
    talking = threading.Lock()
    with tempfile.TemporaryDirectory(prefix="parley-check-") as reports:
        lanes, last = make_lanes(Path(reports), browser)
        chosen = [[step for step in lane if not wanted or step.name in wanted] for lane in (*lanes, last)]
        outcomes = run_lanes(chosen[:-1], talking)
        return _summarise([*outcomes, *run_lanes(chosen[-1:], talking)])


def main(arguments: Sequence[str]) -> int:
    """Read the command line."""
    if arguments[:1] == ["--npm"]:
        return run_npm(["run", "--silent", *arguments[1:]], WEB)
    lanes, last = make_lanes(Path(), "")
    steps = [step for lane in (*lanes, last) for step in lane]
    if "--list" in arguments:
        print("\n".join(f"{step.name:10} {step.about}" for step in steps))
        return 0
    unknown = set(arguments) - {step.name for step in steps}
    if unknown:
        print(f"no such step: {', '.join(sorted(unknown))}; --list names them", file=sys.stderr)
        return 2
    return check(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
