"""`parley add | status | documents | document`: what bots read."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.chunks import print_chunks
from parley.cli.context import client_of, print_json, settings_of, stderr_console
from parley.cli.places import AddOptions, import_faq, kind_of, note_of, remote_source, token_in
from parley.errors import InvalidInput

if TYPE_CHECKING:
    from parley.cli.client import Client

POLL_SECONDS = 0.2
TEXT_CHARS = 4_000_000
BUSY = ("scanning", "reading")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Bot = Annotated[str, typer.Option("--bot", help="Name or id of the bot.")]
Report = Callable[[int, int, int], None]
Strategy = Annotated[
    str | None,
    typer.Option(
        "--chunking",
        help="How to cut documents into passages: structure (usual), fixed, page, row, code.",
        metavar="HOW",
    ),
]
ChunkSize = Annotated[int | None, typer.Option("--chunk-size", help="Longest passage, in tokens.", min=1)]
Overlap = Annotated[
    int | None, typer.Option("--overlap", help="Tokens that a passage repeats of the one before.", min=0)
]


def add(
    context: typer.Context,
    bot: Bot,
    places: Annotated[
        list[str] | None,
        typer.Argument(help="Folders, files, websites, sitemaps, Git repositories, videos.", metavar="PATH|URL..."),
    ] = None,
    learn_only: Annotated[
        bool, typer.Option("--learn-only", help="Answers may use it, but never name or quote it.")
    ] = False,
    depth: Annotated[
        int | None, typer.Option(min=0, max=20, help="Websites: links to follow from the first page; 0: that page.")
    ] = None,
    max_pages: Annotated[int | None, typer.Option(min=1, help="Websites: most pages to read.")] = None,
    branch: Annotated[str | None, typer.Option(help="Repositories: the branch to read.")] = None,
    include: Annotated[list[str] | None, typer.Option(help="Only pages or files like this; may be repeated.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="No pages or files like this; may be repeated.")] = None,
    schedule: Annotated[str | None, typer.Option(help="When to look again: a cron line.")] = None,
    token_env: Annotated[
        str | None, typer.Option(help="Repositories: name of the environment variable with the token.")
    ] = None,
    faq: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A CSV of questions and answers.", metavar="FILE")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A note, in Markdown.", metavar="FILE")
    ] = None,
    chunking: Strategy = None,
    chunk_size: ChunkSize = None,
    overlap: Overlap = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return before everything is read.")] = False,
    json: Json = False,
) -> None:
    """Give a bot something to read. The same place again reads only what has changed."""
    started = time.monotonic()
    token = token_in(token_env)
    options = AddOptions(depth, max_pages, branch, include or [], exclude or [], schedule, token)
    places = places or []
    if not places and faq is None and text is None:
        raise InvalidInput("Name something to read.", code="usage")
    described = [body for place in places if (body := remote_source(place, options)) is not None]
    paths = [Path(place) for place in places if kind_of(place, options) is None]
    present = [path.absolute() for path in paths if path.exists()]
    failed = [_missing(path) for path in paths if not path.exists()]
    described += [note_of(text)] if text is not None else []
    with client_of(context) as client:
        bot_id = client.bot(bot)["id"]
        visibility = "learn_only" if learn_only else "citable"
        common = {"visibility": visibility} | chunking_body(chunking, chunk_size, overlap)
        sources = _create(client, bot_id, [*described, *_local(present)], common)
        if faq is not None:
            source, problems = import_faq(client, bot_id, faq, common)
            sources.append(source)
            failed += problems
        if not no_wait:
            wait_for(client, [source["id"] for source in sources])
        elif not _is_served(context):
            stderr_console().print("Reading goes on when Parley runs: parley serve")
        result = _result(client, bot_id, sources, [str(path) for path in present if not path.is_dir()])
    result["failed"] = failed + result["failed"]
    result["seconds"] = round(time.monotonic() - started, 3)
    print_json(result) if json else _print_result(result, waited=not no_wait)
    if result["failed"]:
        raise typer.Exit(1)


def chunking_body(strategy: str | None, size: int | None, overlap: int | None) -> dict[str, Any]:
    """Return the part of a request that says how documents are cut; nothing where nothing was asked for."""
    wanted = {"strategy": strategy, "size": size, "overlap": overlap}
    given = {name: value for name, value in wanted.items() if value is not None}
    return {"chunking": given} if given else {}


def _missing(path: Path) -> dict[str, str]:
    return {"path": str(path), "code": "unreadable_file", "message": "There is no such file or folder."}


def _local(paths: list[Path]) -> list[dict[str, Any]]:
    """Describe folders, each a source of its own, and loose files, one source together."""
    bodies: list[dict[str, Any]] = [{"kind": "folder", "path": str(path)} for path in paths if path.is_dir()]
    files = [str(path) for path in paths if not path.is_dir()]
    return [*bodies, {"kind": "files", "paths": files}] if files else bodies


def _create(client: "Client", bot_id: str, bodies: list[dict[str, Any]], common: dict[str, Any]) -> list[Any]:
    return [client.post(f"/bots/{bot_id}/sources", body | common) for body in bodies]


def _is_served(context: typer.Context) -> bool:
    from parley.cli.data_folder import read_address

    address = read_address(settings_of(context).data)
    return address is not None and address.pid != os.getpid()


def wait_for(client: "Client", source_ids: list[str]) -> None:
    """Wait until the sources are read, with a progress bar where somebody watches."""
    if not sys.stderr.isatty():
        for source_id in source_ids:
            _follow(client, source_id, lambda done, total, failed: None)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr_console(), transient=True) as bar:
        for source_id in source_ids:
            task = bar.add_task("Looking", total=None, note="")

            def show(done: int, total: int, failed: int, task: Any = task) -> None:
                note = f"{failed} failed" if failed else ""
                bar.update(task, description="Reading", completed=done, total=total or None, note=note)

            _follow(client, source_id, show)


def _follow(client: "Client", source_id: str, report: Report) -> None:
    """Poll a source's job, which is cheap, and the source itself only when the job has ended."""
    while True:
        source = client.get(f"/sources/{source_id}")
        if source["status"] not in BUSY:
            return
        while source["job_id"]:
            job = client.get(f"/jobs/{source['job_id']}")
            report(job["done"], job["total"], job["failed"])
            if job["status"] not in ("queued", "running"):
                break
            time.sleep(POLL_SECONDS)
        time.sleep(POLL_SECONDS / 4)


def _result(client: "Client", bot_id: str, sources: list[Any], files: list[str]) -> dict[str, Any]:
    """Sum up what was read; of a source of loose files only those named now count."""
    result: dict[str, Any] = {"source_id": sources[0]["id"] if sources else None}
    result |= {"source_ids": [source["id"] for source in sources]}
    result |= {"documents": 0, "chunks": 0, "bytes": 0, "unchanged": 0, "failed": []}
    for source in (client.get(f"/sources/{entry['id']}") for entry in sources):
        result["unchanged"] += source["counts"]["unchanged"]
        if source["error"]:
            result["failed"].append({"path": source["root"] or source["name"], **source["error"]})
        if source["kind"] == "files":
            named = set(files)
            documents = client.items(f"/bots/{bot_id}/documents", source_id=source["id"])
            _count(result, [document for document in documents if document["path"] in named])
        else:
            counts = source["counts"]
            result["documents"] += counts["ready"]
            result["chunks"] += counts["chunks"]
            result["bytes"] += counts["bytes"]
            failed = client.items(f"/bots/{bot_id}/documents", source_id=source["id"], status="failed")
            folder = source["root"] if source["kind"] == "folder" else None
            result["failed"] += [_failure(document, folder) for document in failed]
    return result


def _count(result: dict[str, Any], documents: list[Any]) -> None:
    for document in documents:
        if document["status"] == "ready":
            result["documents"] += 1
            result["chunks"] += document["chunks"]
            result["bytes"] += document["bytes"]
        elif document["status"] == "failed":
            result["failed"].append(_failure(document, None))


def _failure(document: Any, root: str | None) -> dict[str, str]:
    path = str(Path(root, document["path"])) if root else document["path"]
    return {"path": path, **(document["error"] or {"code": "internal", "message": ""})}


def _print_result(result: dict[str, Any], *, waited: bool) -> None:
    if waited:
        size = f"{result['bytes'] / 1e6:.1f} MB"
        unchanged = f", {result['unchanged']} unchanged" if result["unchanged"] else ""
        read = f"{result['documents']} documents, {result['chunks']} passages, {size}{unchanged}"
        typer.echo(f"{read}, {result['seconds']:.1f} s")
    else:
        typer.echo(f"Added {', '.join(result['source_ids'])}. Follow it with: parley status")
    for failure in result["failed"]:
        typer.echo(f"{failure['path']}: {failure['message']} [{failure['code']}]", err=True)


def status(context: typer.Context, json: Json = False) -> None:
    """Show sources, jobs, counts and the state of the index."""
    with client_of(context) as client:
        found = client.get("/status")
    if json:
        print_json(found)
        return
    documents = found["documents"]
    typer.echo(
        f"{documents['ready']} documents ready, {documents['pending']} to read, {documents['failed']} failed; "
        f"{found['chunks']} passages, {found['bytes'] / 1e6:.1f} MB"
    )
    typer.echo(f"jobs: {found['jobs']['running']} running, {found['jobs']['queued']} queued")
    _print_embedding(found["embedding"], found["index"])
    for source in found["sources"]:
        counts = source["counts"]
        done = f"{counts['ready']}/{counts['documents']}"
        failed = f", {counts['failed']} failed" if counts["failed"] else ""
        error = f": {source['error']['message']}" if source["error"] else ""
        typer.echo(f"{source['id']}  {source['status']:9}  {done}{failed}  {source['name']}{error}")


def _print_embedding(embedding: Any, index: Any) -> None:
    missing = f", {index['missing_vectors']} passages wait for their vector" if index["missing_vectors"] else ""
    typer.echo(f"searched by: {embedding['active']['name']}{missing}")
    building = embedding["building"]
    if building:
        error = f" ({building['error']['message']})" if building["error"] else ""
        typer.echo(f"being built: {building['name']}, {building['done']} of {building['total']}{error}")


def documents(context: typer.Context, bot: Bot, json: Json = False) -> None:
    """List a bot's documents by their paths."""
    fields = ("id", "title", "path", "version", "pages", "chars", "status", "error")
    with client_of(context) as client:
        found = [
            {name: document[name] for name in fields}
            for document in client.items(f"/bots/{client.bot(bot)['id']}/documents")
        ]
    found.sort(key=lambda document: document["path"])
    if json:
        print_json(found)
        return
    for document in found:
        note = f"  {document['error']['message']}" if document["error"] else ""
        typer.echo(f"{document['id']}  {document['status']:7}  {document['path']}{note}")


def document(
    context: typer.Context,
    document_id: Annotated[str, typer.Argument(metavar="ID")],
    text: Annotated[bool, typer.Option("--text", help="Print the text that offsets refer to.")] = False,
    version: Annotated[int | None, typer.Option(help="Number of the version; the newest unless given.")] = None,
    chunks: Annotated[bool, typer.Option("--chunks", help="Print the passages that search finds.")] = False,
    chunking: Strategy = None,
    chunk_size: ChunkSize = None,
    overlap: Overlap = None,
    retry: Annotated[bool, typer.Option("--retry", help="Read it again, as after a failure.")] = False,
    json: Json = False,
) -> None:
    """Show a document, its text or its passages; with --chunks and settings, the passages that those would make."""
    other_rule = chunking_body(chunking, chunk_size, overlap).get("chunking", {})
    if version is not None and not (text or chunks):
        raise InvalidInput("--version goes with --text or --chunks.", code="usage")
    if other_rule and not chunks:
        raise InvalidInput("--chunking, --chunk-size and --overlap go with --chunks.", code="usage")
    with client_of(context) as client:
        if text:
            _print_text(client, document_id, version)
            return
        if chunks:
            print_chunks(client, document_id, version, other_rule, json=json)
            return
        if retry:
            wait_for(client, [client.post(f"/documents/{document_id}/retry")["id"]])
        found = client.get(f"/documents/{document_id}")
    if json:
        print_json(found)
    else:
        for name, value in found.items():
            typer.echo(f"{name}: {value}")
    if retry and found["status"] == "failed":
        raise typer.Exit(1)


def _print_text(client: "Client", document_id: str, version: int | None) -> None:
    """Write the text as it is, byte for byte, some at a time."""
    start = 0
    while True:
        path = f"/documents/{document_id}/text"
        part = client.get(path, version=version, start=start, end=start + TEXT_CHARS)
        sys.stdout.buffer.write(part["text"].encode())
        start, version = part["end"], part["version"]
        if start >= part["chars"]:
            sys.stdout.buffer.flush()
            return


def register(root: typer.Typer) -> None:
    """Add the verbs."""
    root.command()(add)
    root.command()(status)
    root.command()(documents)
    root.command()(document)
