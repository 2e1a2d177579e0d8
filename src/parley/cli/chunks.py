"""The passages of a document on the screen: those that search finds, or those that other settings would make."""

from typing import TYPE_CHECKING, Any

import typer

from parley.cli.context import print_json

if TYPE_CHECKING:
    from parley.cli.client import Client


def print_chunks(client: "Client", document_id: str, version: int | None, rule: dict[str, Any], *, json: bool) -> None:
    """Print the chunks of a document; JSON prints one a line.

    Args:
        rule: strategy, size and overlap to preview; empty: as it is cut now.
    """
    path = f"/documents/{document_id}/" + ("chunk-preview" if rule else "chunks")
    parameters = rule | ({} if version is None else {"version": version})
    for chunk in client.items(path, **parameters):
        if json:
            print_json(chunk)
            continue
        place = f"{chunk['start']}-{chunk['end']}"
        page = f", page {chunk['page']}" if chunk["page"] else ""
        heading = " > ".join(chunk["heading"])
        typer.echo(f"[{chunk['ordinal'] + 1}] {chunk['tokens']} tokens, {place}{page}  {heading}".rstrip())
        typer.echo(f"{chunk['text']}\n")
