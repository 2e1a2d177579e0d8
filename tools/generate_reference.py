"""Write `docs/reference/` from the code: command line, HTTP API, settings, errors.

usage: python tools/generate_reference.py [--check]     --check writes nothing and fails if a page is out of date
"""

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from parley import errors
from parley.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
GENERATED = "<!-- Written by tools/generate_reference.py; do not edit. -->\n"
METHODS = ("get", "post", "put", "patch", "delete")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) for row in [head, *rows]]
    lines.insert(1, " | ".join("---" for _ in head))
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _option_row(param: Any) -> list[str]:
    names = [*param.opts, *param.secondary_opts]
    is_option = names[0].startswith("-")
    shown = ", ".join(f"`{name}`" for name in names) if is_option else f"`{param.name.upper()}`"
    notes = [getattr(param, "help", None) or ""]
    if param.required and is_option:
        notes.append("Required.")
    if getattr(param, "envvar", None):
        notes.append(f"Also `{param.envvar}`.")
    return [shown, " ".join(note for note in notes if note)]


def _command_pages(command: Any, name: str) -> Iterator[str]:
    """Yield a section for a command, then for those below it."""
    about = (command.help or "").strip()
    rows = [_option_row(param) for param in command.params if param.name != "help"]
    below: Mapping[str, Any] = getattr(command, "commands", {})
    level = "##" if name.count(" ") == 1 else "###"
    if name != "parley":
        usage = " ".join([name, *(f"{p.name.upper()}" for p in command.params if not p.opts[0].startswith("-"))])
        yield f"{level} `{usage}`\n\n{about}\n"
    if rows:
        yield _table(("Argument or option", "Meaning"), rows)
    for child in below:
        yield from _command_pages(below[child], f"{name} {child}")


def cli_page() -> str:
    """Return the reference of the command line."""
    import typer

    from parley.cli.main import app

    intro = (
        "# Command line\n\n"
        "Data goes to standard output, progress and logs to standard error. Exit status: 0 done, 1 something failed "
        "(and it says what), 2 wrong usage. Options of `parley` itself stand before the verb. A verb talks to the "
        "Parley that runs on the data folder; where none runs, it starts one for the time of the command.\n"
    )
    return "\n".join([intro, *_command_pages(typer.main.get_command(app), "parley")])


def _schema_name(schema: Mapping[str, Any]) -> str:
    """Return a readable type of an OpenAPI schema."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        paged = re.fullmatch(r"Page(?:Out)?_(\w+?)_", name)
        return f"page of {paged[1]}" if paged else name
    if "anyOf" in schema or "oneOf" in schema:
        names = [_schema_name(part) for part in schema.get("anyOf") or schema.get("oneOf") or []]
        return " or ".join(dict.fromkeys(names))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " or ".join(json.dumps(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_schema_name(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _body(content: Mapping[str, Any]) -> str:
    return ", ".join(f"{_schema_name(media.get('schema', {}))} (`{kind}`)" for kind, media in content.items())


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parts = [f"### `{method.upper()} {path}`\n", str(operation.get("description") or operation.get("summary") or "")]
    rows = [
        [f"`{p['name']}`", p["in"], _schema_name(p.get("schema", {})), p.get("description", "")]
        for p in operation.get("parameters", [])
    ]
    if rows:
        parts.append("\n" + _table(("Parameter", "In", "Type", "Meaning"), rows).rstrip())
    if "requestBody" in operation:
        parts.append(f"\nBody: {_body(operation['requestBody'].get('content', {}))}\n")
    for status, answer in operation["responses"].items():
        if status.startswith(("2", "3")):
            content = _body(answer.get("content", {}))
            parts.append(f"\n{status}: {content or answer.get('description', '')}\n")
    return "\n".join(parts)


def _schema_section(name: str, schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", []))
    rows = [
        [f"`{field}`", _schema_name(value) + ("" if field in required else ", optional"), value.get("description", "")]
        for field, value in schema.get("properties", {}).items()
    ]
    about = str(schema.get("description", "")).strip()
    return f"### {name}\n\n{about}\n\n" + (_table(("Field", "Type", "Meaning"), rows) if rows else "")


def api_page() -> str:
    """Return the reference of the HTTP API."""
    from parley.api.app import create_app

    description = create_app(Settings(data=Path("unused"))).openapi()
    paths: Mapping[str, Mapping[str, Any]] = description["paths"]
    operations = [
        _operation(path, method, paths[path][method])
        for path in sorted(paths)
        for method in METHODS
        if method in paths[path]
    ]
    schemas: Mapping[str, Any] = description.get("components", {}).get("schemas", {})
    sections = [_schema_section(name, schemas[name]) for name in sorted(schemas) if not name.startswith("Page")]
    intro = (
        "# HTTP API\n\n"
        "A running Parley describes the same at `/api/docs`. Sign in with `Authorization: Bearer KEY` "
        '(`parley keys create NAME` prints a key). Lists are pages: `{"items": [...], "next_cursor": ...}`. '
        "Errors are problem details (RFC 9457) with a stable `code`: see [errors](errors.md). How to use it: "
        "[guide](../guides/api.md).\n"
    )
    return "\n".join([intro, "## Operations\n", *operations, "\n## Types\n", *sections])


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return ""
    return "none" if value is None else f"`{value}`"


def _settings_rows(model: type[BaseModel], prefix: str) -> Iterator[list[str]]:
    for name, info in model.model_fields.items():
        default = "the platform's folder for application data" if name == "data" else _default(info.default)
        section = info.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from _settings_rows(section, f"{prefix}{name}.")
            continue
        dotted = f"{prefix}{name}"
        variable = "PARLEY_" + dotted.upper().replace(".", "__")
        yield [f"`{dotted}`", f"`{variable}`", default, info.description or ""]


def settings_page() -> str:
    """Return the reference of settings."""
    intro = (
        "# Settings\n\n"
        "Read once at start: from the environment first, then from `parley.toml` in the data folder "
        "(`[section]`, then `name = value`), then these defaults.\n"
    )
    head = ("Setting", "Environment variable", "Default", "Meaning")
    return f"{intro}\n{_table(head, list(_settings_rows(Settings, '')))}"


def _subclasses(kind: type[errors.AppError]) -> Iterator[type[errors.AppError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _subclasses(child)


def _literal(node: ast.expr) -> str:
    """Return the text of a literal or formatted string, with an ellipsis for each inserted value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""


def special_codes(package: Path) -> dict[str, tuple[str, str]]:
    """Return the codes that are narrower than their class's own: code → (class, message)."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            kind = ast.unparse(node.func).rpartition(".")[2]
            code = next((_literal(k.value) for k in node.keywords if k.arg == "code"), "")
            if code and isinstance(getattr(errors, kind, None), type):
                found.setdefault(code, (kind, _literal(node.args[0]) if node.args else ""))
    return found


def errors_page() -> str:
    """Return the reference of error codes."""
    families = [
        [
            f"`{kind.code}`",
            kind.__name__,
            (kind.__doc__ or "").strip().splitlines()[0],
            "yes" if kind.retryable else "no",
        ]
        for kind in [errors.AppError, *_subclasses(errors.AppError)]
    ]
    special = special_codes(ROOT / "src" / "parley")
    narrower = [[f"`{code}`", special[code][0], special[code][1]] for code in sorted(special)]
    intro = (
        "# Errors\n\n"
        "Every expected failure carries a stable `code`, a message that is safe to show, and says whether trying again "
        "can help. The HTTP API answers with problem details, the command line prints the message and ends with exit "
        "status 1, and a file that could not be read keeps its error in its source's list.\n"
    )
    return (
        f"{intro}\n## Families\n\n{_table(('Code', 'Class', 'Meaning', 'Try again'), families)}"
        f"\n## Narrower codes\n\n{_table(('Code', 'Class', 'Message'), narrower)}"
    )


def pages() -> dict[Path, str]:
    """Return every reference page by its path."""
    made = {"cli.md": cli_page(), "api.md": api_page(), "settings.md": settings_page(), "errors.md": errors_page()}
    return {REFERENCE / name: GENERATED + "\n" + text.rstrip() + "\n" for name, text in made.items()}


def main() -> int:
    """Write the pages, or compare them."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        print("\n".join(f"out of date: {path.relative_to(ROOT)}" for path in stale) or "reference pages are up to date")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
