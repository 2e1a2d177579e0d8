"""`parley bots create | list | set | remove`."""

from typing import Annotated

import typer

from parley.cli.context import client_of, print_json
from parley.errors import NotFound

app = typer.Typer(help="Make, list and change bots.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command()
def create(context: typer.Context, name: str, json: Json = False) -> None:
    """Make a bot."""
    with client_of(context) as client:
        bot = client.post("/bots", {"name": name})
    if json:
        print_json({"id": bot["id"], "name": bot["name"]})
    else:
        typer.echo(f"Made the bot {bot['name']} ({bot['id']}). Give it documents: parley add PATH --bot {bot['name']}")


@app.command(name="list")
def list_bots(context: typer.Context, json: Json = False) -> None:
    """List bots."""
    with client_of(context) as client:
        bots = list(client.items("/bots"))
    if json:
        print_json([{"id": bot["id"], "name": bot["name"]} for bot in bots])
        return
    for bot in bots:
        model = bot["model"]["name"] if bot["model"] else "quoted answers"
        typer.echo(f"{bot['id']}  {bot['name']}  {bot['counts']['documents']} documents  {model}")


@app.command(name="set")
def set_bot(
    context: typer.Context,
    name: str,
    model: Annotated[str | None, typer.Option(help="Name of the model that answers; 'quoted' for none.")] = None,
    rename: Annotated[str | None, typer.Option(help="A new name.")] = None,
    json: Json = False,
) -> None:
    """Change a bot."""
    with client_of(context) as client:
        patch: dict[str, str | None] = {}
        if rename is not None:
            patch["name"] = rename
        if model == "quoted":
            patch["model_id"] = None
        elif model is not None:
            patch["model_id"] = next((m["id"] for m in client.items("/models") if model in (m["name"], m["id"])), None)
            if patch["model_id"] is None:
                raise NotFound(f"There is no model called {model}. Add it with: parley models add {model} ...")
        bot = client.patch(f"/bots/{client.bot(name)['id']}", patch)
    if json:
        print_json({"id": bot["id"], "name": bot["name"], "model": bot["model"]})
    else:
        typer.echo(f"{bot['name']} answers with {bot['model']['name'] if bot['model'] else 'quotes'}.")


@app.command()
def remove(context: typer.Context, name: str) -> None:
    """Remove a bot and its conversations; its sources stay."""
    with client_of(context) as client:
        client.delete(f"/bots/{client.bot(name)['id']}")


def register(root: typer.Typer) -> None:
    """Add the verbs."""
    root.add_typer(app, name="bots")
