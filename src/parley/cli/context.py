"""What every verb shares: settings, output, and how an error ends the program."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from parley.errors import AppError

if TYPE_CHECKING:
    from rich.console import Console

    from parley.cli.client import Client
    from parley.settings import Settings


@dataclass(slots=True)
class CliState:
    """What was said before the verb."""

    settings: "Settings"


def settings_of(context: typer.Context) -> "Settings":
    """Return the settings that the program was started with."""
    state: CliState = context.find_root().obj
    return state.settings


@contextmanager
def client_of(context: typer.Context) -> Generator["Client"]:
    """Yield a client of the Parley on the data folder."""
    from parley.cli.client import connect

    with connect(settings_of(context)) as client:
        yield client


def print_json(value: Any) -> None:
    """Write one JSON value as a line on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def stderr_console() -> "Console":
    """Return a console on standard error, where progress and hints go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def report(error: AppError) -> None:
    """Say on standard error what went wrong, with its code."""
    sys.stderr.write(f"error: {error.message} [{error.stable_code}]\n")
