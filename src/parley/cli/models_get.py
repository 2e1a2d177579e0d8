"""`parley models get`."""

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.context import print_json, settings_of, stderr_console


def get(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="NAME|FOLDER", help="A published model, or a folder with one.")],
    name: Annotated[str | None, typer.Option("--as", help="Name to register a folder under.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Fetch an embedding model, or register a local ONNX folder (embedder or support model); it is tried out first."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from parley.llm.embedding.registry import PUBLISHED, ModelRegistry
    from parley.llm.support import is_support_model, register_support_model

    registry = ModelRegistry(settings_of(context).data / "models")
    folder = Path(model).expanduser()
    if folder.is_dir() and is_support_model(folder):
        support = register_support_model(folder, settings_of(context).data / "models", name)
        if json:
            print_json({"name": support.name, "kind": support.manifest.kind, "labels": support.manifest.labels})
            return
        typer.echo(f"Registered {support.name}, a support model. It passed its test.")
        typer.echo(f"Check with it: set PARLEY_CHAT__SUPPORT_MODEL={support.name} and start Parley again.", err=True)
        return
    if folder.is_dir():
        embedder = registry.register(folder, name)
    else:
        console = stderr_console()
        bars = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
        with Progress(*bars, console=console, disable=not console.is_terminal) as progress:
            expected = PUBLISHED[model].bytes if model in PUBLISHED else None
            task = progress.add_task(model, total=expected)
            embedder = registry.fetch(model, lambda _file, count: progress.advance(task, count))
    registered = embedder.name.partition("/")[0]
    found = {"name": registered, "dim": embedder.dim, "max_tokens": embedder.max_tokens, "embedder": embedder.name}
    if json:
        print_json(found)
        return
    size = f"{embedder.dim} dimensions, up to {embedder.max_tokens} tokens"
    typer.echo(f"Registered {registered}: {size}. It passed its test.")
    typer.echo(
        f"Search by it: parley reindex --embedder {registered}. Or rescore with it: set "
        f"PARLEY_RETRIEVAL__RESCORER={registered} and start Parley again.",
        err=True,
    )


def register(models: typer.Typer) -> None:
    """Add the verb to `parley models`."""
    models.command()(get)
