"""`parley search`."""

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.context import client_of, print_json
from parley.errors import AppError, InvalidInput

if TYPE_CHECKING:
    from parley.cli.client import Client

_SHOWN_CHARS = 300


def search(
    context: typer.Context,
    bot: Annotated[str, typer.Option(help="Name or id of the bot whose sources are searched.")],
    query: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    limit: Annotated[int, typer.Option("-k", "--limit", min=1, max=200, help="Most passages to return.")] = 10,
    batch: Annotated[Path | None, typer.Option(help='A file with a line {"id","query"} per search.')] = None,
    include_learn_only: Annotated[
        bool, typer.Option("--include-learn-only", help="Also passages that may inform but never be shown.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Find passages in what a bot reads."""
    if (query is None) == (batch is None):
        raise typer.BadParameter("give either a query or --batch FILE")
    wanted: dict[str, Any] = {"limit": limit, "include_learn_only": include_learn_only}
    with client_of(context) as client:
        bot_id = client.bot(bot)["id"]
        if batch is not None:
            _search_batch(client, bot_id, batch, wanted)
            return
        result = _search(client, bot_id, query, wanted)
    if json:
        print_json({"id": None, **result})
    else:
        _show(result["hits"])


def _search(client: "Client", bot_id: str, query: Any, wanted: dict[str, Any]) -> Any:
    return client.post(f"/bots/{bot_id}/search", {"query": query, **wanted})


def _search_batch(client: "Client", bot_id: str, batch: Path, wanted: dict[str, Any]) -> None:
    """Answer each line of a file with a line; a bad one fails only itself, and the exit status says so."""
    failed = 0
    try:
        lines = batch.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The file {batch} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        item_id: Any = None
        try:
            item_id, query = _parse(line, number)
            print_json({"id": item_id, **_search(client, bot_id, query, wanted)})
        except AppError as error:
            failed += 1
            print_json({"id": item_id, "error": {"code": error.stable_code, "message": error.message}})
    if failed:
        raise typer.Exit(1)


def _parse(line: str, number: int) -> tuple[Any, str]:
    try:
        item = jsonlib.loads(line)
        return item.get("id"), item["query"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f'Line {number} is not of the form {{"id", "query"}}.', code="bad_line") from error


def _show(hits: list[Any]) -> None:
    if not hits:
        typer.echo("Nothing found.")
    for hit in hits:
        page = f", page {hit['page']}" if hit["page"] else ""
        text = " ".join(hit["text"].split())
        typer.echo(f"{hit['rank']}. {hit['document']['title']}{page}  ({hit['document']['path']}, {hit['score']:.2f})")
        typer.echo(f"   {text[:_SHOWN_CHARS]}{'…' if len(text) > _SHOWN_CHARS else ''}")


def register(root: typer.Typer) -> None:
    """Add the verb."""
    root.command()(search)
