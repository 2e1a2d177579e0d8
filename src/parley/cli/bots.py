"""`parley bots create | list | set | remove`."""

from enum import StrEnum
from typing import Annotated

import typer

from parley.cli.context import client_of, print_json
from parley.errors import NotFound

app = typer.Typer(help="Make, list and change bots.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


class AnswerPolicyName(StrEnum):
    """What is done with sentences that no passage supports."""

    strict = "strict"
    marked = "marked"


class LearnOnlyPolicyName(StrEnum):
    """What learn-only text may do to an answer."""

    sealed = "sealed"
    background = "background"


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
    persona: Annotated[str | None, typer.Option(help="Who the bot is and how it speaks.")] = None,
    instructions: Annotated[str | None, typer.Option(help="What it should do beside the rules for all bots.")] = None,
    greeting: Annotated[str | None, typer.Option(help="Its first words in a new chat.")] = None,
    suggest: Annotated[list[str] | None, typer.Option(help="A question to begin with; give it several times.")] = None,
    answers: Annotated[
        AnswerPolicyName | None, typer.Option(help="Sentences without support: withheld, or shown as such.")
    ] = None,
    learn_only: Annotated[LearnOnlyPolicyName | None, typer.Option(help="What learn-only text may do.")] = None,
    json: Json = False,
) -> None:
    """Change a bot."""
    with client_of(context) as client:
        wanted = {
            "name": rename,
            "persona": persona,
            "instructions": instructions,
            "greeting": greeting,
            "suggestions": suggest,
            "answer_policy": answers and answers.value,
            "learn_only_policy": learn_only and learn_only.value,
        }
        patch: dict[str, object] = {field: value for field, value in wanted.items() if value is not None}
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
