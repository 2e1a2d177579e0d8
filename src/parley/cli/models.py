"""`parley models add | list | test | remove | get`: models that write answers, and embedders that search goes by."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli import models_get
from parley.cli.context import client_of, print_json
from parley.errors import InvalidInput, NotFound, ProviderError

if TYPE_CHECKING:
    from parley.cli.client import Client

app = typer.Typer(help="Connect models that write answers, and embedders that search goes by.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


EMBEDDING = "embedding-"


@app.command()
def add(
    context: typer.Context,
    name: str,
    model: Annotated[str, typer.Option(help="The provider's name of the model.")],
    base_url: Annotated[
        str | None,
        typer.Option(help="Such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1; embedders know theirs."),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            help="What the provider speaks: openai. For an embedder: embedding-openai, -gemini, -mistral, -voyage, "
            "-cohere, -compatible (any server like OpenAI's) or -sentence-transformers."
        ),
    ] = "openai",
    key_env: Annotated[str | None, typer.Option(help="Environment variable that holds the key.")] = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key from standard input.")] = False,
    dims: Annotated[int | None, typer.Option(help="Embedders: length of vectors to ask for.")] = None,
    query_prefix: Annotated[str, typer.Option(help="Embedders: put before each question.")] = "",
    document_prefix: Annotated[str, typer.Option(help="Embedders: put before each passage.")] = "",
    requests_per_minute: Annotated[int | None, typer.Option(help="Embedders: never call more often.")] = None,
    tokens_per_minute: Annotated[int | None, typer.Option(help="Embedders: never send more.")] = None,
    json: Json = False,
) -> None:
    """Connect a model. A key on the command line would end up in the shell's history, so there is no such option."""
    body: dict[str, Any] = {"name": name, "kind": kind, "base_url": base_url, "model": model, "key_env": key_env}
    if key_stdin:
        body["key"] = typer.get_text_stream("stdin").readline().strip()
    embeds = kind.startswith(EMBEDDING)
    if embeds:
        body |= {"kind": kind.removeprefix(EMBEDDING), "dims": dims}
        body |= {"query_prefix": query_prefix, "document_prefix": document_prefix}
        body |= {"requests_per_minute": requests_per_minute, "tokens_per_minute": tokens_per_minute}
    elif base_url is None:
        raise InvalidInput("Say where the model is, with --base-url.", code="usage")
    with client_of(context) as client:
        added = client.post("/embedders" if embeds else "/models", body)
    if json:
        print_json(added)
        return
    typer.echo(f"Connected {added['name']}. Try it with: parley models test {added['name']}")
    if embeds:
        typer.echo(f"Search by it with: parley reindex --embedder {added['name']}", err=True)


@app.command(name="list")
def list_models(context: typer.Context, json: Json = False) -> None:
    """List connected models and embedders, without their keys."""
    with client_of(context) as client:
        found = [*client.items("/models"), *_embedders(client)]
    if json:
        print_json(found)
        return
    for model in found:
        test = model["last_test"]
        state = "not tried" if test is None else ("works" if test["ok"] else f"failed: {test['message']}")
        where = f" at {model['base_url']}" if model["base_url"] else ""
        typer.echo(f"{model['id']}  {model['name']}  {model['kind']}  {model['model']}{where}  {state}")


@app.command(name="test")
def try_model(context: typer.Context, name: str, json: Json = False) -> None:
    """Call a model for a word, or an embedder for a vector, and say how that went."""
    with client_of(context) as client:
        result = client.post(f"{_path(client, name)}/test")
    if json:
        print_json(result)
    elif result["ok"]:
        typer.echo(f"{name} answered in {result['ms']:.0f} ms: {result['message']}")
    if not result["ok"]:
        raise ProviderError(result["message"])


@app.command()
def remove(context: typer.Context, name: str) -> None:
    """Remove a model, whose bots answer with quotes again, or an embedder that search does not need."""
    with client_of(context) as client:
        client.delete(_path(client, name))


def _embedders(client: "Client") -> list[Any]:
    """Return connected embedders; their kinds are told apart from those of models that write."""
    items = [item for item in client.get("/embedders")["items"] if item["kind"] not in ("static", "local")]
    return [item | {"kind": EMBEDDING + item["kind"]} for item in items]


def _path(client: "Client", name: str) -> str:
    for model in client.items("/models"):
        if name in (model["id"], model["name"]):
            return f"/models/{model['id']}"
    for embedder in client.get("/embedders")["items"]:
        if name in (embedder["id"], embedder["name"]):
            return f"/embedders/{embedder['id']}"
    raise NotFound(f"There is no model called {name}. See the list with: parley models list")


def register(root: typer.Typer) -> None:
    """Add the verbs."""
    models_get.register(app)
    root.add_typer(app, name="models")
