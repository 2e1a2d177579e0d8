"""`parley versions | diff | rollback`: what a document was, what changed, and going back."""

from typing import Annotated

import typer

from parley.cli.context import client_of, print_json

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the document (see: parley documents).")]
Number = Annotated[int, typer.Argument(metavar="VERSION", min=1)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
MARKS = {"same": " ", "removed": "-", "added": "+"}


def versions(context: typer.Context, document_id: Id, json: Json = False) -> None:
    """List the versions of a document, the newest first."""
    with client_of(context) as client:
        found = list(client.items(f"/documents/{document_id}/versions"))
    if json:
        print_json(found)
        return
    for version in found:
        mark = "*" if version["current"] else " "
        typer.echo(f"{mark} {version['number']:4}  {version['created_at']}  {version['chars']} characters")


def diff(
    context: typer.Context,
    document_id: Id,
    before: Number,
    after: Annotated[int, typer.Argument(metavar="OTHER", min=1)],
    json: Json = False,
) -> None:
    """Show what changed from one version of a document to another."""
    with client_of(context) as client:
        found = client.get(f"/documents/{document_id}/diff", before=before, after=after)
    if json:
        print_json(found)
        return
    for hunk in found["hunks"]:
        first = next(line for line in hunk)
        typer.echo(f"@@ line {first['before'] or first['after']} @@")
        for line in hunk:
            typer.echo(f"{MARKS[line['kind']]}{line['text']}")
    more = ", not all of it shown" if found["cut"] else ""
    typer.echo(f"{found['added']} lines added, {found['removed']} removed{more}", err=True)


def rollback(context: typer.Context, document_id: Id, version: Number, json: Json = False) -> None:
    """Let an older version be found again, until the file changes next."""
    with client_of(context) as client:
        document = client.post(f"/documents/{document_id}/rollback", {"version": version})
    print_json(document) if json else typer.echo(f"{document['path']}: version {document['version']} is found now.")


def register(root: typer.Typer) -> None:
    """Add the verbs."""
    root.command()(versions)
    root.command()(diff)
    root.command()(rollback)
