"""`parley doctor`: what is configured, what works, what is missing and how to get it."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from parley import __version__
from parley.cli.context import print_json, settings_of
from parley.errors import AppError

if TYPE_CHECKING:
    from parley.settings import Settings

Status = Literal["ok", "note", "fail"]
MIN_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and what was found; `fix` says what to do where something is to be done."""

    name: str
    status: Status
    message: str
    fix: str | None = None


def _program(_settings: "Settings") -> Check:
    return Check("program", "ok", f"Parley {__version__} on Python {sys.version.split()[0]}, {sys.platform}")


def _data_folder(settings: "Settings") -> Check:
    folder = settings.data
    probe = folder / f".doctor-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Check(
            "data folder",
            "fail",
            f"{folder} cannot be written: {error.strerror}.",
            "Give your user the right to write there, or choose another folder with --data.",
        )
    return Check("data folder", "ok", f"{folder} can be written")


def _disk(settings: "Settings") -> Check:
    existing = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    message = f"{free / 1e9:.1f} GB free"
    if free < MIN_FREE_BYTES:
        return Check("disk", "fail", message, "Free some space: an index takes about as much as the text it holds.")
    return Check("disk", "ok", message)


def _server(settings: "Settings") -> Check:
    from parley.cli.client import running

    client = running(settings)
    if client is None:
        return Check("server", "note", "not running on this data folder", "Start it with: parley serve")
    client.http.close()
    return Check("server", "ok", f"running at {client.url}")


def _database(settings: "Settings") -> Check:
    if settings.store.url and not settings.store.url.startswith("sqlite"):
        return Check(
            "database",
            "fail",
            "another database than SQLite is configured, which this version does not serve yet",
            "Remove store.url from parley.toml, or PARLEY_STORE__URL from the environment.",
        )
    file = settings.data / "parley.db"
    if not file.exists():
        return Check("database", "note", f"none yet (SQLite {sqlite3.sqlite_version})", "The first start makes it.")
    try:
        connection = sqlite3.connect(f"file:{file.as_posix()}?mode=ro", uri=True)
        try:
            result = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error as error:
        return Check("database", "fail", f"{file} cannot be read: {error}.", "Restore the data folder from a copy.")
    if result != "ok":
        return Check("database", "fail", f"{file} is damaged: {result}.", "Restore the data folder from a copy.")
    return Check("database", "ok", f"{file.stat().st_size / 1e6:.1f} MB, intact (SQLite {sqlite3.sqlite_version})")


def _web_app(_settings: "Settings") -> Check:
    from parley.api.webapp import FOLDER

    if (FOLDER / "index.html").is_file():
        return Check("web app", "ok", "built")
    return Check("web app", "fail", "not built", "Run in the clone: uv sync --reinstall-package parley")


def _embedder(settings: "Settings") -> Check:
    from parley.cli.client import running
    from parley.llm.embedding.table import TableEmbedder

    dim = TableEmbedder().embed_queries(["The quick brown fox."]).shape[1]
    client = running(settings)
    if client is None:
        return Check("embedder", "ok", f"built in, {dim} dimensions, works without a network")
    try:
        return _active_embedder(client.get("/generations")["items"], client.get("/embedders")["items"])
    finally:
        client.http.close()


def _active_embedder(generations: list[Any], embedders: list[Any]) -> Check:
    """Say what search goes by, what it is being changed to, and what is wrong with either."""
    active = next(item for item in generations if item["status"] == "active")
    connected = {item["id"]: item for item in embedders}
    message = f"search goes by {active['name']}"
    if active["embedder"] not in connected:
        fix = "Register it again, or change with: parley reindex --embedder static"
        return Check("embedder", "fail", f"{message}, which is no longer there: words alone are searched", fix)
    test = connected[active["embedder"]]["last_test"]
    if test is not None and not test["ok"]:
        fix = f"Test it again with: parley models test {connected[active['embedder']]['name']}"
        return Check("embedder", "fail", f"{message}, which failed its last test: {test['message']}", fix)
    failed = generations[0] if generations[0]["status"] == "failed" else None
    if failed is not None and failed["error"]:
        fix = "Try again with: parley reindex --embedder NAME"
        return Check(
            "embedder", "note", f"{message}; changing to {failed['name']} failed: {failed['error']['message']}", fix
        )
    for item in generations:
        if item["status"] == "building":
            return Check(
                "embedder", "ok", f"{message}; {item['name']} is being built, {item['done']} of {item['total']}"
            )
    return Check("embedder", "ok", message)


def _local_models(settings: "Settings") -> Check:
    wanted = [
        name for name in (settings.retrieval.embedder, settings.retrieval.rescorer) if name not in ("static", None)
    ]
    folder = settings.data / "models"
    missing = [name for name in wanted if name and not (folder / name).is_dir()]
    if missing:
        return Check(
            "local models",
            "fail",
            f"configured but not there: {', '.join(missing)}",
            f"Get it with: parley models get {missing[0]}",
        )
    found = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if found:
        return Check("local models", "ok", ", ".join(found))
    return Check(
        "local models",
        "note",
        "none: search uses keywords and the built-in vectors",
        "For better search in other languages than English: parley models get e5-small",
    )


def _chat_models(settings: "Settings") -> Check:
    from parley.cli.client import running

    client = running(settings)
    if client is None:
        return Check("chat models", "note", "known only while Parley runs", "Start it with: parley serve")
    try:
        models = list(client.items("/models"))
    finally:
        client.http.close()
    unset = [m["key_env"] for m in models if m["key_env"] and not os.environ.get(m["key_env"])]
    if unset:
        return Check(
            "chat models", "note", f"the environment variable {unset[0]} is not set here", "Set it where Parley runs."
        )
    refused = [m for m in models if m["last_test"] and not m["last_test"]["ok"]]
    if refused:
        return Check(
            "chat models",
            "fail",
            f"{refused[0]['name']} failed its last test: {refused[0]['last_test']['message']}",
            f"Test it again with: parley models test {refused[0]['name']}",
        )
    if models:
        return Check("chat models", "ok", ", ".join(m["name"] for m in models))
    return Check(
        "chat models",
        "note",
        "none: bots answer with quotes",
        "Connect one with: parley models add NAME --kind openai --base-url URL --model M",
    )


def _parsers(_settings: "Settings") -> Check:
    import pypdfium2.version

    return Check("PDF reading", "ok", f"pdfium {pypdfium2.version.PDFIUM_INFO}")


CHECKS: "tuple[Callable[[Settings], Check], ...]" = (
    _program,
    _data_folder,
    _disk,
    _database,
    _server,
    _web_app,
    _embedder,
    _local_models,
    _parsers,
    _chat_models,
)


def examine(settings: "Settings") -> list[Check]:
    """Run every check; one that cannot even be made counts as failed and says why."""
    found: list[Check] = []
    for check in CHECKS:
        try:
            found.append(check(settings))
        except (AppError, OSError, ImportError, ValueError, RuntimeError) as error:
            name = check.__name__.strip("_").replace("_", " ")
            found.append(Check(name, "fail", f"{type(error).__name__}: {error}", "Set Parley up again: uv sync"))
    return found


def doctor(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False
) -> None:
    """Say what is configured, what works, what is missing and how to get it."""
    checks = examine(settings_of(context))
    healthy = all(check.status != "fail" for check in checks)
    if json:
        print_json({"ok": healthy, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            typer.echo(f"{check.status:5} {check.name}: {check.message}")
            if check.fix:
                typer.echo(f"      {check.fix}")
    if not healthy:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(doctor)
