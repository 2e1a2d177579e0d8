"""The `parley` program: options before the verb, then one verb. The verb imports the heavy modules that it needs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from parley import __version__
from parley.cli import (
    ask,
    bots,
    doctor,
    evaluation,
    export,
    keys,
    knowledge,
    models,
    reindex,
    search,
    serve,
    sources,
    versions,
)
from parley.cli.bytecode import keep_bytecode
from parley.cli.context import CliState, report
from parley.errors import AppError, InvalidInput

app = typer.Typer(
    name="parley",
    help="Put your documents behind a chat whose every sentence carries a checked citation.",
    no_args_is_help=False,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def root(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option("--data", envvar="PARLEY_DATA", help="The folder that holds all data.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Put your documents behind a chat whose every sentence carries a checked citation."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    from pydantic import ValidationError

    from parley.kit.logs import configure_logging
    from parley.settings import load_settings

    try:
        settings = load_settings(data.expanduser().resolve() if data else None)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"The setting {where} is not valid: {first['msg']}.", code="invalid_setting") from error
    configure_logging(settings.log.level, settings.log.format)
    context.obj = CliState(settings)
    if context.invoked_subcommand is None:
        serve.run(settings, no_open=False)


for group in (
    serve,
    bots,
    knowledge,
    versions,
    sources,
    search,
    ask,
    export,
    evaluation,
    models,
    reindex,
    keys,
    doctor,
):
    group.register(app)


def main() -> None:
    """Run the program: exit status 0 done, 1 something failed, 2 wrong usage."""
    keep_bytecode()
    try:
        app()
    except AppError as error:
        report(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
