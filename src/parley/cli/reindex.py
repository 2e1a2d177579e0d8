"""`parley reindex`: what workspaces are searched by, and how to change it."""

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.context import client_of, print_json, stderr_console
from parley.errors import InvalidInput, NotFound, ProviderError

if TYPE_CHECKING:
    from parley.cli.client import Client

POLL_SECONDS = 0.2


def reindex(
    context: typer.Context,
    embedder: Annotated[
        str | None, typer.Option(help="Embedder to change to: static, a local model, or a connected one.")
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="Go back to the embedder before.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop the change that is under way.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return while it is being built.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Change the embedder that search goes by. Without options, list generations: what was, is and is being built.

    All passages are embedded anew in the background; search goes on as it is, and switches when everything is there.
    """
    if sum((embedder is not None, back, cancel)) > 1:
        raise InvalidInput("Give one of --embedder, --back and --cancel.", code="usage")
    with client_of(context) as client:
        if cancel:
            _show(client.post(f"/generations/{_one(client, 'building', 'Nothing is being built.')['id']}/cancel"), json)
            return
        if embedder is None and not back:
            _list(client.get("/generations")["items"], json)
            return
        if back:
            before = _one(client, "ready", "There is no former embedder to go back to.")
            path, body, spec = f"/generations/{before['id']}/activate", None, before["embedder"]
        else:
            spec = _spec(client, str(embedder))
            path, body = "/generations", {"embedder": spec}
        if not yes:
            _confirm(client.get(f"/embedders/{spec}/estimate"))
        generation = client.post(path, body)
        _show(generation if no_wait else _wait(client, generation["id"]), json)


def _one(client: "Client", status: str, otherwise: str) -> Any:
    found = [item for item in client.get("/generations")["items"] if item["status"] == status]
    if not found:
        raise NotFound(otherwise, code="generation_not_found")
    return max(found, key=lambda item: item["switched_at"] or "")


def _spec(client: "Client", name: str) -> str:
    items = client.get("/embedders")["items"]
    found = next((item for item in items if name in (item["id"], item["name"])), None)
    if found is None:
        known = ", ".join(item["name"] for item in items)
        raise NotFound(f"There is no embedder called {name}. Known: {known}", code="embedder_not_found")
    return str(found["id"])


def _confirm(estimate: Any) -> None:
    """Say what it takes, and ask, where somebody can answer."""
    left = estimate["chunks"] - estimate["cached"]
    typer.echo(
        f"{left} of {estimate['chunks']} passages to embed with {estimate['name']}, about {estimate['tokens']} tokens; "
        f"{_duration(estimate['seconds'])}, {_cost(estimate['cost_usd'])}",
        err=True,
    )
    if not sys.stdin.isatty():
        raise InvalidInput("Nobody can be asked here. Say --yes to go on.", code="usage")
    if not typer.confirm("Go on?", err=True):
        raise typer.Exit(1)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "time not known"
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def _cost(cost_usd: float | None) -> str:
    if cost_usd is None:
        return "price not known"
    return "free" if cost_usd == 0 else f"about ${cost_usd:.2f}" if cost_usd >= 0.01 else "less than 1 cent"


def _wait(client: "Client", generation_id: str) -> Any:
    """Follow a build to its end, with a progress bar where somebody watches."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = stderr_console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Embedding", total=None)
        while True:
            generation = client.get(f"/generations/{generation_id}")
            if generation["status"] != "building":
                break
            waiting = f"Waiting: {generation['error']['message']}" if generation["error"] else "Embedding"
            bar.update(task, description=waiting, completed=generation["done"], total=generation["total"] or None)
            time.sleep(POLL_SECONDS)
    if generation["status"] == "failed":
        raise ProviderError(generation["error"]["message"], code=generation["error"]["code"])
    return generation


def _list(items: list[Any], json: bool) -> None:
    if json:
        print_json(items)
        return
    for item in items:
        typer.echo(describe(item))


def _show(item: Any, json: bool) -> None:
    if json:
        print_json(item)
    else:
        typer.echo(describe(item))


def describe(item: Any) -> str:
    """Return a generation as a line."""
    error = f"  {item['error']['message']}" if item["error"] else ""
    spent = f"  {item['tokens']} tokens, {_cost(item['cost_usd'])}" if item["tokens"] else ""
    return f"{item['id']}  {item['status']:9}  {item['done']}/{item['total']}  {item['name']}{spent}{error}"


def register(root: typer.Typer) -> None:
    """Add the verb."""
    root.command()(reindex)
