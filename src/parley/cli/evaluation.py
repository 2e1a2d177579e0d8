"""`parley eval`."""

import json as jsonlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.context import client_of, print_json
from parley.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from parley.cli.client import Client

POLL_SECONDS = 0.5
OPEN = ("pending", "running")
WORSE_EXIT = 1


def evaluate(
    context: typer.Context,
    bot: Annotated[str, typer.Option(help="Name or id of the bot that is asked.")],
    file: Annotated[
        Path | None,
        typer.Argument(help='JSON lines {"id","question","answers":[],"documents":[],"answerable"} to keep and ask.'),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--set", help="Name of the golden set; the file's name by default.")
    ] = None,
    from_chats: Annotated[bool, typer.Option("--from-chats", help="Make the set from answers rated as good.")] = False,
    draft: Annotated[int, typer.Option(help="Make the set from so many documents.", min=0, max=1000)] = 0,
    judge: Annotated[str | None, typer.Option(help="Name of a connected model that judges answers as well.")] = None,
    note: Annotated[str, typer.Option(help="What is special about this run.")] = "",
    compare: Annotated[bool, typer.Option(help="Compare with the run before, if there is one.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Ask a bot golden questions and measure retrieval, answers and citations; exit 1 if something got worse."""
    with client_of(context) as client:
        bot_id = client.bot(bot)["id"]
        golden = _golden_set(client, bot_id, file, name, from_chats=from_chats, draft=draft)
        earlier = client.get(f"/golden-sets/{golden['id']}/runs")["items"]
        body = {"note": note, "judge_model_id": _model(client, judge)}
        run = _wait(client, client.post(f"/golden-sets/{golden['id']}/runs", body))
        before = next((one for one in earlier if one["status"] == "done"), None) if compare else None
        comparison = (
            client.get("/eval-runs/compare", before=before["id"], after=run["id"])
            if before is not None and run["status"] == "done"
            else None
        )
    if json:
        print_json({"set": golden, "run": run, "comparison": comparison})
    else:
        _show(golden, run, comparison)
    regressed = comparison is not None and any(change["regressed"] for change in comparison["changes"])
    if run["status"] != "done" or run["failed"] or regressed:
        raise typer.Exit(WORSE_EXIT)


def _golden_set(
    client: "Client", bot_id: str, file: Path | None, name: str | None, *, from_chats: bool, draft: int
) -> Any:
    path = f"/bots/{bot_id}/golden-sets"
    if file is not None:
        return client.post(path, {"name": name or file.stem, "questions": _read(file)})
    if from_chats:
        return client.post(f"{path}/from-chats", {"name": name or "From chats"})
    if draft:
        return client.post(f"{path}/draft", {"name": name or "Draft", "count": draft})
    sets = client.get(path)["items"]
    chosen = [one for one in sets if name in (None, one["name"], one["id"])]
    if len(chosen) != 1:
        known = ", ".join(one["name"] for one in sets) or "none"
        raise NotFound(f"Say which golden set: --set NAME, or give a file. There are: {known}.", code="no_golden_set")
    return chosen[0]


def _read(file: Path) -> list[Any]:
    try:
        lines = file.read_text("utf-8-sig").splitlines()
        return [jsonlib.loads(line) for line in lines if line.strip()]
    except OSError as error:
        raise InvalidInput(f"The file {file} cannot be read: {error.strerror}.", code="bad_file") from error
    except ValueError as error:
        raise InvalidInput(f"The file {file} is not JSON lines: {error}", code="bad_file") from error


def _model(client: "Client", name: str | None) -> str | None:
    if name is None:
        return None
    found = next((model["id"] for model in client.items("/models") if name in (model["name"], model["id"])), None)
    if found is None:
        raise NotFound(f"There is no model called {name}. See: parley models list", code="model_not_found")
    return found


def _wait(client: "Client", run: Any) -> Any:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not Console(stderr=True).is_terminal) as bar:
        task = bar.add_task("asking", total=run["total"])
        while run["status"] in OPEN:
            time.sleep(POLL_SECONDS)
            run = client.get(f"/eval-runs/{run['id']}")
            bar.update(task, completed=run["done"])
    return run


def _show(golden: Any, run: Any, comparison: Any) -> None:
    typer.echo(f"{golden['name']}: {run['done']} of {run['total']} questions, answered by {run['model']}")
    before = {change["metric"]: change for change in comparison["changes"]} if comparison else {}
    for metric, value in run["metrics"].items():
        if value is None:
            continue
        change = before.get(metric)
        was = f"  (was {_figure(metric, change['before'])})" if change and change["before"] is not None else ""
        mark = "  WORSE" if change and change["regressed"] else ""
        typer.echo(f"  {metric.replace('_', ' '):22} {_figure(metric, value):>10}{was}{mark}")
    for result in (comparison or {}).get("worse", []):
        typer.echo(f"  no longer right: {result['question']}")
    if run["error"]:
        typer.echo(run["error"]["message"], err=True)


def _figure(metric: str, value: float | None) -> str:
    if value is None:
        return "-"
    if metric.endswith("_ms"):
        return f"{value:.0f} ms"
    return f"${value:.4f}" if metric == "cost_usd" else f"{value:.3f}"


def register(root: typer.Typer) -> None:
    """Add the verb."""
    root.command(name="eval")(evaluate)
