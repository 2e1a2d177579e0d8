"""`parley sources | sync | watch`: keep what bots read current."""

import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.context import client_of, print_json, stderr_console
from parley.cli.knowledge import POLL_SECONDS, ChunkSize, Overlap, Strategy, chunking_body, wait_for
from parley.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from parley.cli.client import Client

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Name = Annotated[str, typer.Argument(metavar="SOURCE", help="Id, name or folder of the source.")]

group = typer.Typer(help="List sources; pause, resume, schedule, delete and restore them.", no_args_is_help=False)


@group.callback(invoke_without_command=True)
def list_sources(
    context: typer.Context,
    bot: Annotated[str | None, typer.Option("--bot", help="Only what this bot reads (name or id).")] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Those that can still be restored.")] = False,
    json: Json = False,
) -> None:
    """List sources with their state, counts, size and schedule."""
    if context.invoked_subcommand is not None:
        return
    with client_of(context) as client:
        found = _listed(client, bot, deleted=deleted)
    if json:
        print_json(found)
        return
    for source in found:
        typer.echo(_line(source))


def _listed(client: "Client", bot: str | None, *, deleted: bool) -> list[Any]:
    if deleted:
        return client.get("/deleted-sources")
    if bot is not None:
        return list(client.items(f"/bots/{client.bot(bot)['id']}/sources"))
    return client.get("/status")["sources"]


def _line(source: Any) -> str:
    counts = source["counts"]
    state = "paused" if source["paused"] else source["status"]
    if source["deleted_at"]:
        state = f"deleted, erased at {_time(source['purge_at'])}"
    notes = [f"{counts['ready']}/{counts['documents']} documents", f"{counts['chunks']} passages"]
    notes.append(f"{counts['bytes'] / 1e6:.1f} MB")
    if counts["failed"]:
        notes.append(f"{counts['failed']} failed")
    if source["watch"] and source["watch"]["active"]:
        notes.append("watched")
    if source["chunking"]["strategy"] != "structure" or source["chunking"]["size"]:
        notes.append(f"cut by {source['chunking']['strategy']} {source['chunking']['size'] or ''}".rstrip())
    if source["schedule"]:
        notes.append(f"{source['schedule']} (next {_time(source['next_sync_at'])})")
    if source["last_sync"]:
        notes.append(f"last looked at {_time(source['last_sync']['at'])}: {source['last_sync']['result']}")
    error = f": {source['error']['message']}" if source["error"] else ""
    return f"{source['id']}  {source['kind']:8}  {state:11}  {source['name']}  ({', '.join(notes)}){error}"


def _time(text: str | None) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M") if text else "-"


def find_source(client: "Client", name: str, *, deleted: bool = False) -> Any:
    """Return the source with this id, name or folder.

    Raises:
        NotFound: there is none.
        InvalidInput: there are several.
    """
    sources: Sequence[Any] = client.get("/deleted-sources") if deleted else client.get("/status")["sources"]
    for key in ("id", "name", "root"):
        found = [source for source in sources if source[key] == name]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(source["id"] for source in found)
            raise InvalidInput(f"Several sources are called {name}. Say which by its id: {ids}")
    raise NotFound(f"There is no source {name}. See the list with: parley sources", code="source_not_found")


def _act(context: typer.Context, name: str, verb: str, json: bool, *, deleted: bool = False) -> None:
    with client_of(context) as client:
        source = client.post(f"/sources/{find_source(client, name, deleted=deleted)['id']}/{verb}")
    print_json(source) if json else typer.echo(_line(source))


@group.command()
def pause(context: typer.Context, name: Name, json: Json = False) -> None:
    """Keep a source as it is: searched, but neither watched nor looked at."""
    _act(context, name, "pause", json)


@group.command()
def resume(context: typer.Context, name: Name, json: Json = False) -> None:
    """Keep a paused source current again."""
    _act(context, name, "resume", json)


@group.command()
def restore(context: typer.Context, name: Name, json: Json = False) -> None:
    """Bring a deleted source back, within the time for undo."""
    _act(context, name, "restore", json, deleted=True)


@group.command()
def delete(
    context: typer.Context,
    name: Name,
    at_once: Annotated[bool, typer.Option("--at-once", help="Erase it now, with no time for undo.")] = False,
    json: Json = False,
) -> None:
    """Delete a source with everything that was read from it; see `restore`."""
    with client_of(context) as client:
        source_id = find_source(client, name)["id"]
        source = client.request("DELETE", f"/sources/{source_id}", params={"at_once": at_once})
    if json:
        print_json(source)
    elif at_once:
        typer.echo(f"{source_id} is being erased.")
    else:
        typer.echo(f"Deleted. Until {_time(source['purge_at'])}: parley sources restore {source_id}")


@group.command()
def schedule(
    context: typer.Context,
    name: Name,
    line: Annotated[str, typer.Argument(metavar="CRON", help="minute hour day month weekday; empty: never.")],
    json: Json = False,
) -> None:
    """Say when a source is looked at again by itself, such as "0 3 * * *" for every night at three."""
    with client_of(context) as client:
        source = client.patch(f"/sources/{find_source(client, name)['id']}", {"schedule": line})
    print_json(source) if json else typer.echo(_line(source))


@group.command("set")
def set_source(
    context: typer.Context,
    name: Name,
    chunking: Strategy = None,
    chunk_size: ChunkSize = None,
    overlap: Overlap = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return before its documents are cut anew.")] = False,
    json: Json = False,
) -> None:
    """Change how the documents of a source are cut into passages; what is not given is as usual."""
    body = chunking_body(chunking, chunk_size, overlap)
    if not body:
        raise InvalidInput("Say what to change: --chunking, --chunk-size or --overlap.", code="usage")
    with client_of(context) as client:
        source = client.patch(f"/sources/{find_source(client, name)['id']}", body)
        while source["chunking"]["pending"] and not no_wait:
            time.sleep(POLL_SECONDS)
            source = client.get(f"/sources/{source['id']}")
    print_json(source) if json else typer.echo(_line(source))


@group.command()
def retry(context: typer.Context, name: Name, json: Json = False) -> None:
    """Read the documents of a source again that could not be read; one alone: parley document ID --retry."""
    _act(context, name, "retry", json)


def sync(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="SOURCE", help="Id, name or folder of the source.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All sources that can change by themselves.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return before the files are read.")] = False,
    json: Json = False,
) -> None:
    """Look for what is new, changed and gone in a source."""
    if (name is None) != everything:
        raise InvalidInput("Name one source, or say --all.", code="usage")
    with client_of(context) as client:
        wanted = _syncable(client) if name is None else [find_source(client, name)]
        for source in wanted:
            client.post(f"/sources/{source['id']}/sync")
        if not no_wait:
            wait_for(client, [source["id"] for source in wanted])
        found = [client.get(f"/sources/{source['id']}") for source in wanted]
    if json:
        print_json(found)
    for source in [] if json else found:
        last = source["last_sync"] or {"added": 0, "changed": 0, "removed": 0}
        changes = f"{last['added']} new, {last['changed']} changed, {last['removed']} gone"
        typer.echo(f"{source['id']}  {source['status']:11}  {source['name']}  {changes}")
    if any(source["status"] in ("failed", "unavailable") or source["counts"]["failed"] for source in found):
        raise typer.Exit(1)


def _syncable(client: "Client") -> list[Any]:
    kept = ("upload", "faq", "text")
    return [s for s in client.get("/status")["sources"] if s["kind"] not in kept and not s["paused"]]


def watch(context: typer.Context, json: Json = False) -> None:
    """Show what changes in watched folders while it is read, until interrupted."""
    with client_of(context) as client:
        sources = client.get("/status")["sources"]
        folders = [source for source in sources if source["kind"] == "folder" and not source["paused"]]
        if not json:
            stderr_console().print(f"Watching {len(folders)} folders; stop with Ctrl-C.")
        shown: dict[str, Any] = {source["id"]: _shown(source) for source in sources}
        for event in client.stream("/events"):
            if event["type"] in ("source.changed", "document.failed"):
                _show_change(client, event, shown, json)


def _shown(source: Any) -> tuple[Any, ...]:
    last = source["last_sync"] or {}
    return source["status"], last.get("at"), source["counts"]["ready"], source["counts"]["failed"]


def _show_change(client: "Client", event: Any, shown: dict[str, Any], json: bool) -> None:
    """Print a line when a source has come to rest in a state that was not shown yet."""
    if event["type"] == "document.failed":
        _show_failure(client, event, json)
        return
    if event["code"] == "deleted":
        return
    from parley.cli.client import RemoteError

    try:
        source = client.get(f"/sources/{event['target_id']}")
    except RemoteError:
        return  # deleted since
    state = _shown(source)
    if source["status"] in ("scanning", "reading") or shown.get(source["id"]) == state:
        return
    shown[source["id"]] = state
    last = source["last_sync"] or {"added": 0, "changed": 0, "removed": 0}
    if json:
        print_json({"at": event["at"], "source_id": source["id"], "status": source["status"], **last})
        return
    what = f"+{last['added']} ~{last['changed']} -{last['removed']}"
    error = f"  {source['error']['message']}" if source["error"] else ""
    typer.echo(f"{_clock(event['at'])}  {source['status']:11}  {what:14}  {source['name']}{error}")
    sys.stdout.flush()


def _show_failure(client: "Client", event: Any, json: bool) -> None:
    document = client.get(f"/documents/{event['target_id']}")
    if json:
        print_json({"at": event["at"], "document_id": document["id"], "path": document["path"], "code": event["code"]})
        return
    message = document["error"]["message"] if document["error"] else ""
    typer.echo(f"{_clock(event['at'])}  failed       {document['path']}: {message}")
    sys.stdout.flush()


def _clock(text: str) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%H:%M:%S")


def register(root: typer.Typer) -> None:
    """Add the verbs."""
    root.add_typer(group, name="sources")
    root.command()(sync)
    root.command()(watch)
