"""`parley ask`."""

import json as jsonlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.context import client_of, print_json
from parley.errors import AppError, InvalidInput, ProviderError

if TYPE_CHECKING:
    from parley.cli.client import Client

CONCURRENCY = 8
ENDS = ("completed", "stopped", "failed")
MARKS = {"unsupported": "  (not supported by what it cites)", "conflicting": "  (its source says otherwise)"}


def ask(
    context: typer.Context,
    bot: Annotated[str, typer.Option(help="Name or id of the bot that answers.")],
    question: Annotated[str | None, typer.Argument(help="What to ask.")] = None,
    conversation: Annotated[str | None, typer.Option(help="Go on with this conversation.")] = None,
    batch: Annotated[Path | None, typer.Option(help='A file with a line {"id","question"} per question.')] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Ask a bot. The answer's sentences carry citations that were checked."""
    if (question is None) == (batch is None):
        raise typer.BadParameter("give either a question or --batch FILE")
    with client_of(context) as client:
        bot_id = client.bot(bot)["id"]
        if batch is not None:
            _ask_batch(client, bot_id, batch)
            return
        turn = _ask(client, bot_id, question, conversation)
    if json:
        print_json(_as_json(None, turn))
    else:
        _show(turn)


def _ask(client: "Client", bot_id: str, question: Any, conversation_id: str | None = None) -> Any:
    """Ask, wait for the end, and return the turn.

    Raises:
        ProviderError: the turn failed; code and message say why.
    """
    if conversation_id is None:
        conversation_id = client.post("/conversations", {"bot_id": bot_id})["id"]
    turn_id = client.post(f"/conversations/{conversation_id}/turns", {"text": question})["id"]
    after = 0
    while True:
        # Should the connection end early, as behind a proxy, going on after the last event loses nothing.
        after, ended = _wait(client, turn_id, after)
        if ended:
            break
    turn = client.get(f"/turns/{turn_id}")
    if turn["status"] == "failed":
        raise ProviderError(turn["error"]["message"], code=turn["error"]["code"])
    return turn


def _wait(client: "Client", turn_id: str, after: int) -> tuple[int, bool]:
    """Follow a turn's events; return the number of the last one, and whether it was the end."""
    ended = False
    for event in client.stream(f"/turns/{turn_id}/events", after=after):
        after, ended = event["seq"], event["type"] in ENDS
    return after, ended


def _as_json(item_id: Any, turn: Any) -> dict[str, Any]:
    names = ("answer", "abstained", "support_rate", "sentences", "citations", "nearest", "model", "usage", "took_ms")
    picked = {name: turn[name] for name in names}
    return {"id": item_id, **picked, "conversation_id": turn["conversation_id"], "turn_id": turn["id"]}


def _ask_batch(client: "Client", bot_id: str, batch: Path) -> None:
    """Answer each line with a line, in order; a bad one fails only itself, and the exit status says so."""
    try:
        lines = batch.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The file {batch} cannot be read: {error}") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    failed = 0
    for answer in _answers(client, bot_id, numbered):
        failed += "error" in answer
        print_json(answer)
    if failed:
        raise typer.Exit(1)


def _answers(client: "Client", bot_id: str, lines: list[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    def answer(numbered: tuple[int, str]) -> dict[str, Any]:
        return _answer_line(client, bot_id, *numbered)

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        yield from pool.map(answer, lines)


def _answer_line(client: "Client", bot_id: str, number: int, line: str) -> dict[str, Any]:
    item_id: Any = None
    try:
        item = _parse(line, number)
        item_id = item.get("id")
        return _as_json(item_id, _ask(client, bot_id, _question(item, number)))
    except AppError as error:
        return {"id": item_id, "error": {"code": error.stable_code, "message": error.message}}


def _parse(line: str, number: int) -> dict[str, Any]:
    try:
        item = jsonlib.loads(line)
    except ValueError as error:
        raise _bad_line(number) from error
    if not isinstance(item, dict):
        raise _bad_line(number)
    return item


def _question(item: dict[str, Any], number: int) -> str:
    question = item.get("question")
    if not isinstance(question, str):
        raise _bad_line(number)
    return question


def _bad_line(number: int) -> InvalidInput:
    return InvalidInput(f'Line {number} is not of the form {{"id", "question"}}.', code="bad_line")


def _show(turn: Any) -> None:
    """Print the answer with the numbers of its citations behind each sentence, then the sources."""
    answer, shown = turn["answer"], 0
    for sentence in turn["sentences"]:
        numbers = "".join(f"[{n}]" for n in sentence["citations"])
        mark = MARKS.get(sentence["verdict"], "")
        sys.stdout.write(answer[shown : sentence["end"]] + (f" {numbers}" if numbers else "") + mark)
        shown = sentence["end"]
    sys.stdout.write(answer[shown:] + "\n")
    for citation in turn["citations"]:
        typer.echo(f"[{citation['n']}] {_place(citation)}")
    for hit in turn["nearest"]:
        text = " ".join(hit["text"].split())
        typer.echo(f"  {_place(hit)}: {text[:200]}")


def _place(found: Any) -> str:
    page = f", page {found['page']}" if found["page"] else ""
    return f"{found['document']['title']}{page}  ({found['document']['path']})"


def register(root: typer.Typer) -> None:
    """Add the verb."""
    root.command()(ask)
