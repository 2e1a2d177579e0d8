"""`parley export`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.context import client_of, print_json
from parley.errors import InvalidInput


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write: one file for each conversation.")],
    bot: Annotated[str | None, typer.Option(help="Only conversations with this bot.")] = None,
    format: Annotated[str, typer.Option(help="md or json.")] = "md",
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Export conversations with their citations, archived ones too."""
    if format not in ("md", "json"):
        raise typer.BadParameter("the format is md or json")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"The folder {folder} cannot be made: {error.strerror}.", code="bad_folder") from error
    with client_of(context) as client:
        bot_id = client.bot(bot)["id"] if bot is not None else None
        taken: set[str] = set()
        for archived in ("false", "true"):
            for one in client.items("/conversations", bot_id=bot_id, archived=archived):
                path = folder / _name(one, format, taken)
                path.write_bytes(client.download(f"/conversations/{one['id']}/export", format=format))
    if json:
        print_json({"folder": str(folder), "conversations": len(taken)})
    else:
        typer.echo(f"Wrote {len(taken)} conversations to {folder}.")


def _name(conversation: Any, suffix: str, taken: set[str]) -> str:
    from parley.kit.file_names import free_name

    title = conversation["title"] or "Conversation"
    name = free_name(f"{conversation['created_at'][:10]} {title}", suffix, taken)
    taken.add(name.casefold())
    return name


def register(root: typer.Typer) -> None:
    """Add the verb."""
    root.command()(export)
