"""The shape of the code, held by machine: rooms, layers, cycles, sizes, imports that do nothing."""

import ast
import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest
from grimp import build_graph

from tests.support.network import closed_environment
from tests.support.tools import load_tool

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "parley"
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 100
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
lint_scope = load_tool("lint_scope")


def layers() -> list[str]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    lines = contracts["importlinter:contract:layers"]["layers"].replace("|", "\n").split()
    return [line.strip() for line in lines]


class TestRooms:
    def test_each_stands_in_a_layer(self) -> None:
        found = {
            f"parley.{path.stem}"
            for path in PACKAGE.iterdir()
            if path.suffix == ".py" or (path / "__init__.py").exists()
        }
        assert found - {"parley.__init__", "parley.__main__"} == set(layers())

    def test_each_is_in_the_architecture_page(self) -> None:
        page = (ROOT / "docs" / "concepts" / "architecture.md").read_text("utf-8")
        rooms = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()]
        assert [room for room in rooms if f"`{room}/`" not in page] == []

    def test_each_says_what_it_holds(self) -> None:
        silent = [
            str(path.relative_to(ROOT)) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
        ]
        assert silent == []


class TestModules:
    def test_import_each_other_without_a_cycle(self) -> None:
        graph = build_graph("parley")
        cyclic = [
            (module, other)
            for module in sorted(graph.modules)
            for other in sorted(graph.find_modules_directly_imported_by(module))
            if module != other and graph.chain_exists(importer=other, imported=module)
        ]
        assert cyclic == []

    @pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
    def test_are_short(self, path: Path) -> None:
        text = path.read_text("utf-8")
        assert text.count("\n") <= MAX_FILE_LINES
        long = [
            f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno is not None
            and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
        ]
        assert long == []

    def test_do_nothing_when_imported(self, tmp_path: Path) -> None:
        names = [".".join(("parley", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in MODULES]
        names = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
        script = f"""
import socket, sys, threading
def refuse(*_args, **_kwargs):
    raise AssertionError("importing opened a socket")
socket.socket.connect = socket.socket.bind = refuse
import importlib
for name in {names!r}:
    importlib.import_module(name)
assert threading.active_count() == 1, threading.enumerate()
"""
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env=closed_environment(HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path / "xdg")),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert os.listdir(tmp_path) == []


class TestTheScopeLinter:
    def test_finds_nothing_in_the_package(self) -> None:
        assert [str(finding) for finding in lint_scope.lint(PACKAGE)] == []

    @pytest.mark.parametrize(
        ("rule", "code"),
        [
            ("PS1", "from sqlalchemy import select"),
            ("PS1", "import sqlalchemy as sa"),
            ("PS2", "async def save(session):\n    await session.commit()"),
            ("PS3", "class BotRepository:\n    pass"),
            ("PS3", "class BotRepository(SystemRepository):\n    pass"),
            ("PS4", "async def find(session, query):\n    return await session.execute(query)"),
            ("PS5", "try:\n    work()\nexcept Exception:\n    pass"),
        ],
    )
    def test_finds_what_breaks_a_rule(self, rule: str, code: str, tmp_path: Path) -> None:
        room = tmp_path / "bots"
        room.mkdir()
        (room / "service.py").write_text(code, "utf-8")
        assert [finding.rule for finding in lint_scope.lint(tmp_path)] == [rule]

    def test_leaves_what_keeps_the_rules(self, tmp_path: Path) -> None:
        room = tmp_path / "bots"
        room.mkdir()
        code = """
from sqlalchemy import func

class Bots(ScopedRepository):
    async def find(self):
        return await self.session.execute(self.select(Bot))
"""
        (room / "repository.py").write_text(code, "utf-8")
        assert lint_scope.lint(tmp_path) == []
