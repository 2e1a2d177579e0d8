"""`parley keys create | list | revoke`."""

from typing import Annotated

import typer

from parley.cli.context import client_of, print_json
from parley.errors import NotFound

app = typer.Typer(help="API keys for programs.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command()
def create(context: typer.Context, name: str, json: Json = False) -> None:
    """Make an API key and print it this once."""
    with client_of(context) as client:
        key = client.post("/keys", {"name": name})
    if json:
        print_json(key)
    else:
        typer.echo(key["key"])
        typer.echo("Keep it now: it is not shown again.", err=True)


@app.command(name="list")
def list_keys(context: typer.Context, json: Json = False) -> None:
    """List API keys without their secrets."""
    with client_of(context) as client:
        keys = list(client.items("/keys"))
    if json:
        print_json(keys)
        return
    for key in keys:
        typer.echo(f"{key['id']}  {key['name']}  …{key['hint']}  last used {key['last_used_at'] or 'never'}")


@app.command()
def revoke(context: typer.Context, name: str) -> None:
    """Revoke the API key with this name or id at once."""
    with client_of(context) as client:
        found = [key["id"] for key in client.items("/keys") if name in (key["id"], key["name"])]
        if not found:
            raise NotFound(f"There is no API key called {name}.")
        for key_id in found:
            client.delete(f"/keys/{key_id}")


def register(root: typer.Typer) -> None:
    """Add the verbs."""
    root.add_typer(app, name="keys")
