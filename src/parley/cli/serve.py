"""`parley serve` and `parley link`."""

import os
import sys
import threading
import webbrowser
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from parley.cli.context import settings_of

if TYPE_CHECKING:
    import uvicorn

    from parley.cli.data_folder import ServerAddress
    from parley.settings import Settings


def _has_display() -> bool:
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER"))
    return True


def _announce(settings: "Settings", address: "ServerAddress", no_open: bool) -> None:
    import httpx

    response = httpx.post(
        f"{address.url}/api/v1/sign-in-links",
        headers={"Authorization": f"Bearer {address.token}"},
        timeout=30,
        trust_env=False,
    )
    link = response.raise_for_status().json()["url"]
    typer.echo(f"Parley is ready at {address.url}")
    typer.echo(f"Sign in once with:  {link}")
    typer.echo(f"Data folder:        {settings.data}")
    typer.echo("Stop with Ctrl+C.")
    sys.stdout.flush()
    if not no_open and _has_display():
        webbrowser.open(link)


def _announce_when_started(
    server: "uvicorn.Server", settings: "Settings", address: "ServerAddress", no_open: bool
) -> None:
    from parley.kit.memory import collect_rarely

    stopped = threading.Event()
    while not server.started and not server.should_exit:
        stopped.wait(0.02)
    if server.started:
        collect_rarely()
        _announce(settings, address, no_open)


def run(settings: "Settings", *, no_open: bool) -> None:
    """Own the data folder and serve until told to stop.

    Raises:
        DataFolderBusy: another process owns the folder.
        InvalidInput: the address is not allowed or not free.
    """
    from parley.cli.data_folder import DataFolderLock, ServerAddress, new_token
    from parley.cli.server import bind, build_server, url_of

    lock = DataFolderLock(settings.data)
    lock.acquire()
    try:
        listener = bind(settings.server.host, settings.server.port)
        address = ServerAddress(url_of(listener), new_token(), os.getpid())
        server = build_server(settings, address.token)
        lock.publish(address)
        threading.Thread(target=_announce_when_started, args=(server, settings, address, no_open), daemon=True).start()
        server.run([listener])
    finally:
        lock.release()
    if not server.started:
        raise typer.Exit(1)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on; only this machine is allowed.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; the next free one if taken.")] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Run Parley: prints the address and a one-time sign-in link."""
    settings = settings_of(context)
    chosen = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    run(settings.model_copy(update={"server": settings.server.model_copy(update=chosen)}), no_open=no_open)


def link(context: typer.Context) -> None:
    """Print a new one-time sign-in link of the running Parley."""
    from parley.cli.client import running
    from parley.errors import Unavailable

    client = running(settings_of(context))
    if client is None:
        raise Unavailable("No Parley runs on this data folder. Start one with: parley serve", code="not_running")
    with closing(client.http):
        typer.echo(client.post("/sign-in-links")["url"])


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(serve)
    app.command()(link)
