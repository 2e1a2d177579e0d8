"""Hold the code to the doors of the store: tenant scope, one unit of work, queries in repositories; no broad excepts.

usage: python tools/lint_scope.py [FOLDER]      exit status 1 and a line per finding

The rules, each with why:
- PS1  outside `store/`, no statement is built from sqlalchemy's own functions: a repository adds the workspace
- PS2  only `store/engine.py` commits or rolls back: a unit of work is committed once, at its end
- PS3  a repository derives from ScopedRepository; SystemRepository and SystemReadRepository, which know no workspace,
       serve accounts and jobs
- PS4  statements are executed in repositories (and in `store/`) only
- PS5  `except Exception` hides what was not foreseen, unless it cleans up and raises again; where it must stand (an
       outermost edge), `# broad: why` says so
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STATEMENTS = {"select", "insert", "update", "delete", "text", "union", "union_all", "exists", "lambda_stmt"}
RUNS_STATEMENTS = {"execute", "scalar", "scalars", "stream", "stream_scalars", "exec_driver_sql"}
SYSTEM_ROOMS = {"accounts", "jobs"}
SYSTEM_DOORS = {"SystemRepository", "SystemReadRepository"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule at a place."""

    path: Path
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule} {self.message}"


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed file and where it stands: `room` is the first folder below the package, `name` the file's stem."""

    path: Path
    room: str
    name: str
    tree: ast.Module
    lines: list[str]

    def finding(self, node: ast.stmt | ast.expr | ast.excepthandler, rule: str, message: str) -> Finding:
        """Return a finding at this node."""
        return Finding(self.path, node.lineno, rule, message)


def statement_builders(module: Module) -> Iterator[Finding]:
    """PS1."""
    if module.room == "store":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
            for alias in node.names:
                if alias.name in STATEMENTS:
                    yield module.finding(
                        node, "PS1", f"`{alias.name}` from sqlalchemy: use the repository's own `self.{alias.name}`"
                    )
        elif isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "sqlalchemy" for alias in node.names):
            yield module.finding(node, "PS1", "`import sqlalchemy`: import names, so that they can be checked")


def commits(module: Module) -> Iterator[Finding]:
    """PS2."""
    if (module.room, module.name) == ("store", "engine"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if node.func.attr in {"commit", "rollback"} and ("session" in owner or "connection" in owner):
                yield module.finding(node, "PS2", f"`{owner}.{node.func.attr}()`: the unit of work does that")


def repositories(module: Module) -> Iterator[Finding]:
    """PS3."""
    if module.room == "store":
        return
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.ClassDef) and node.name.endswith("Repository")):
            continue
        bases = {ast.unparse(base) for base in node.bases}
        if bases & SYSTEM_DOORS and module.room in SYSTEM_ROOMS:
            continue
        if not any(base == "ScopedRepository" or base.endswith("Repository") for base in bases - SYSTEM_DOORS):
            yield module.finding(node, "PS3", f"{node.name} must derive from ScopedRepository")


def executions(module: Module) -> Iterator[Finding]:
    """PS4."""
    if module.room == "store":
        return
    inside = {
        id(node)
        for owner in ast.walk(module.tree)
        if isinstance(owner, ast.ClassDef) and any(ast.unparse(base).endswith("Repository") for base in owner.bases)
        for node in ast.walk(owner)
    }
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)) or id(node) in inside:
            continue
        owner = ast.unparse(node.func.value).rpartition(".")[2]
        if node.func.attr in RUNS_STATEMENTS and owner in {"session", "_session"}:
            yield module.finding(node, "PS4", f"`{owner}.{node.func.attr}()`: queries live in a repository")


def broad_excepts(module: Module) -> Iterator[Finding]:
    """PS5."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        types = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        broad = any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in types)
        last = node.body[-1]
        raises_again = isinstance(last, ast.Raise) and last.exc is None
        if broad and not raises_again and "# broad: " not in module.lines[node.lineno - 1]:
            yield module.finding(node, "PS5", "name the exceptions that are expected here")


RULES = (statement_builders, commits, repositories, executions, broad_excepts)


def load(path: Path, package: Path) -> Module:
    """Parse one file of the package."""
    parts = path.relative_to(package).parts
    text = path.read_text("utf-8")
    room = parts[0] if len(parts) > 1 else ""
    return Module(path, room, path.stem, ast.parse(text), text.splitlines())


def lint(package: Path) -> list[Finding]:
    """Return all findings in a package, migrations aside: those are statements by nature."""
    paths = sorted(path for path in package.rglob("*.py") if "migrations" not in path.parts)
    return [finding for path in paths for rule in RULES for finding in rule(load(path, package))]


def main() -> int:
    """Print the findings."""
    package = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src" / "parley"
    findings = lint(package)
    for finding in findings:
        print(finding)
    print(f"scope: {len(findings)} findings in {package}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
