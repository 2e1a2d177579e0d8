"""`parley models add | list | test | remove | get`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli import models_get
from parley.cli.context import client_of, print_json
from parley.errors import NotFound, ProviderError

if TYPE_CHECKING:
    from parley.cli.client import Client

app = typer.Typer(help="Connect the models that write answers.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command()
def add(
    context: typer.Context,
    name: str,
    base_url: Annotated[str, typer.Option(help="Such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1")],
    model: Annotated[str, typer.Option(help="The provider's name of the model.")],
    kind: Annotated[str, typer.Option(help="What the provider speaks: openai.")] = "openai",
    key_env: Annotated[str | None, typer.Option(help="Environment variable that holds the key.")] = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key from standard input.")] = False,
    json: Json = False,
) -> None:
    """Connect a model. A key on the command line would end up in the shell's history, so there is no such option."""
    body: dict[str, Any] = {"name": name, "kind": kind, "base_url": base_url, "model": model, "key_env": key_env}
    if key_stdin:
        body["key"] = typer.get_text_stream("stdin").readline().strip()
    with client_of(context) as client:
        added = client.post("/models", body)
    if json:
        print_json(added)
    else:
        typer.echo(f"Connected {added['name']}. Try it with: parley models test {added['name']}")


@app.command(name="list")
def list_models(context: typer.Context, json: Json = False) -> None:
    """List connected models, without their keys."""
    with client_of(context) as client:
        models = list(client.items("/models"))
    if json:
        print_json(models)
        return
    for model in models:
        test = model["last_test"]
        state = "not tried" if test is None else ("works" if test["ok"] else f"failed: {test['message']}")
        typer.echo(f"{model['id']}  {model['name']}  {model['model']} at {model['base_url']}  {state}")


@app.command(name="test")
def try_model(context: typer.Context, name: str, json: Json = False) -> None:
    """Call a model for a word, and say how that went."""
    with client_of(context) as client:
        result = client.post(f"/models/{_find(client, name)['id']}/test")
    if json:
        print_json(result)
    elif result["ok"]:
        typer.echo(f"{name} answered in {result['ms']:.0f} ms: {result['message']}")
    if not result["ok"]:
        raise ProviderError(result["message"])


@app.command()
def remove(context: typer.Context, name: str) -> None:
    """Remove a model; bots that used it answer with quotes again."""
    with client_of(context) as client:
        client.delete(f"/models/{_find(client, name)['id']}")


def _find(client: "Client", name: str) -> Any:
    found = next((model for model in client.items("/models") if name in (model["id"], model["name"])), None)
    if found is None:
        raise NotFound(f"There is no model called {name}. See the list with: parley models list")
    return found


def register(root: typer.Typer) -> None:
    """Add the verbs."""
    models_get.register(app)
    root.add_typer(app, name="models")
