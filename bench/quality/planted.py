"""Whole answers, through the whole product: quoted ones, and those of a scripted model whose text holds planted faults.

    python -m bench.quality.planted --data-set FOLDER [--questions N]

The scripted model is a server on loopback that reads the numbered passages of the prompt and writes an answer out of
them: true sentences with their markers, and among them faults of every kind, laid out in the ways that models have
(markers behind, before or within sentences, lists, tables, headings, code). Printed: of quoted answers and of the
scripted ones citation precision (cited spans that hold what the sentence says) and recall (true sentences with such a
citation), unsupported sentences, abstentions, and per kind what was flagged, shown (marked) or withheld (strict).
"""

import argparse
import asyncio
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.quality.answers import Collection, write_folder
from bench.quality.faults.cases import GATED_FAULTS, changes_of
from bench.quality.faults.sources import Source
from bench.quality.faults.true import introduce, join
from parley.accounts.repository import IdentityRepository
from parley.api.container import Container, open_container
from parley.bots.schemas import BotPatch
from parley.chat.check import CheckPassage
from parley.chat.schemas import ConversationIn, TurnIn, TurnView
from parley.llm.schemas import ModelIn
from parley.settings import Settings
from tests.support.scripted_provider import Script, scripted_provider
from tools.quoting_data import Asked, holds, read_off_topic, read_squad

LAYOUTS = ("behind", "before", "within", "list", "table", "headed")
_SOURCE = re.compile(r'<source id="(\d+)">\n(.*?)\n</source>', re.DOTALL)
_ANSWER_SECONDS = 60
_SENTENCES = 6
_LEAST_PART = 20


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence as it was written. `home`: the passage that it is from."""

    kind: str
    true: bool
    text: str
    home: str


@dataclass(slots=True)
class Scripted:
    """Writes answers and remembers, by question, what was planted."""

    dice: random.Random
    planted: dict[str, list[Planted]] = field(default_factory=dict[str, list[Planted]])
    layouts: dict[str, str] = field(default_factory=dict[str, str])

    def answer(self, body: Mapping[str, Any]) -> Script:
        """Answer a chat completion request."""
        prompt = str(body["messages"][-1]["content"])
        question = prompt.rpartition("Question: ")[2].strip()
        sources = {int(number): text for number, text in _SOURCE.findall(prompt)}
        own = {n: Source("prompt", str(n), CheckPassage(text, 0, "en", "")) for n, text in sources.items()}
        usable = {number: source for number, source in own.items() if len(source.sentences) >= 2}
        written = self._sentences(usable, sources)
        if not written:
            return Script(("I cannot find this in the documents.",))
        layout = self.dice.choice(LAYOUTS)
        self.planted[question], self.layouts[question] = [planted for planted, _ in written], layout
        text = lay_out(layout, [(planted.text, numbers) for planted, numbers in written])
        return Script([text[start : start + 7] for start in range(0, len(text), 7)])

    def _sentences(self, usable: Mapping[int, Source], sources: Mapping[int, str]) -> list[tuple[Planted, list[int]]]:
        """Return sentences of which none holds another, so that each can be told in the answer."""
        written: list[tuple[Planted, list[int]]] = []
        for _ in range(3 * _SENTENCES if usable else 0):
            planted, numbers = self._sentence(usable, sources)
            said = plain(planted.text)
            if len(written) < _SENTENCES and not any(_alike(said, plain(other.text)) for other, _ in written):
                written.append((planted, numbers))
        return written

    def _sentence(self, usable: Mapping[int, Source], sources: Mapping[int, str]) -> tuple[Planted, list[int]]:
        number = self.dice.choice(sorted(usable))
        source = usable[number]
        kind = self.dice.choice(["verbatim", "introduced", "joined", *GATED_FAULTS])
        first, second = self.dice.sample(source.sentences, 2)
        home = sources[number]
        if kind == "uncited claim":
            return Planted(kind, False, first, home), []
        if kind == "another source":
            others = [n for n in usable if n != number and first not in " ".join(sources[n].split())]
            if others:
                return Planted(kind, False, first, home), [self.dice.choice(others)]
        elif kind in GATED_FAULTS:
            changed = self._changed(kind, source)
            if changed is not None:
                return Planted(kind, False, changed, home), [number]
        elif kind == "introduced":
            untuned = self.dice.random() < 0.5
            return Planted(kind, True, introduce(first, "en", "", self.dice, untuned=untuned), home), [number]
        elif kind == "joined":
            return Planted(kind, True, join(first, second, "en"), home), [number]
        return Planted("verbatim", True, first, home), [number]

    def _changed(self, kind: str, source: Source) -> str | None:
        changes = list(changes_of(kind))
        self.dice.shuffle(changes)
        for change in changes:
            for sentence in self.dice.sample(source.sentences, len(source.sentences)):
                changed = change(sentence, self.dice)
                if changed is not None and changed != sentence and changed not in source.passage.text:
                    return changed
        return None


def lay_out(layout: str, sentences: Sequence[tuple[str, Sequence[int]]]) -> str:
    """Write sentences with their markers as models do."""
    marked = [(text.rstrip("."), "".join(f"[{number}]" for number in numbers)) for text, numbers in sentences]
    if layout == "before":
        return "\n".join(f"{marks} {text}." if marks else f"{text}." for text, marks in marked)
    if layout == "within":
        return " ".join(_within(text, marks) for text, marks in marked)
    if layout == "list":
        return "The documents say:\n\n" + "\n".join(f"- {text}. {marks}" for text, marks in marked)
    if layout == "table":
        rows = "\n".join(
            f"| {place} | {text.replace('|', '/')} {marks} |" for place, (text, marks) in enumerate(marked)
        )
        return f"| no | what |\n|---|---|\n{rows}\n"
    prose = " ".join(f"{text} {marks}." if marks else f"{text}." for text, marks in marked)
    if layout == "headed":
        return f"## What is known\n\n{prose}\n\n```\nprint(seats[1])\n```\n"
    return prose


def _within(text: str, marks: str) -> str:
    place = text.find(", ")
    return (
        f"{text[:place]} {marks}{text[place:]}." if place > 0 and marks else f"{text} {marks}." if marks else f"{text}."
    )


def plain(text: str) -> str:
    """Bring a sentence to letters and digits, so that layout does not matter."""
    return "".join(char for char in text.lower() if char.isalnum())


def _alike(left: str, right: str) -> bool:
    """Tell whether one is made of the other: they share a stretch from their middle."""
    middles = (text[len(text) // 2 :][:_LEAST_PART] for text in (left, right))
    return any(middle in other for middle, other in zip(middles, (right, left), strict=True)) or left[-20:] in right


def _is_part(said: str, written: str) -> bool:
    return written in said or (len(said) > _LEAST_PART and said in written)


@dataclass(slots=True)
class Outcome:
    """What came of the sentences of all answers."""

    flagged: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    lost: int = 0
    shown_spans: int = 0
    right_spans: int = 0
    true_sentences: int = 0
    cited_rightly: int = 0
    claims: int = 0
    unsupported: int = 0
    answers: int = 0
    abstained: int = 0

    def take(self, turn: TurnView, planted: Sequence[Planted], *, strict: bool) -> None:
        """Count one answer."""
        self.answers += 1
        self.abstained += turn.abstained
        self.claims += sum(sentence.verdict != "no_claim" for sentence in turn.sentences)
        self.unsupported += sum(sentence.verdict in ("unsupported", "conflicting") for sentence in turn.sentences)
        quotes = {citation.n: citation.quote for citation in turn.citations}
        for one in planted:
            wanted = plain(one.text)
            own = [s for s in turn.sentences if _is_part(plain(s.text), wanted)]
            if not own and not strict:
                self.lost += 1
                continue
            bad = not own or any(s.verdict in ("unsupported", "conflicting") for s in own)
            self.flagged[one.kind].append(bad)
            if one.true:
                spans = [quotes[n] for s in own for n in s.citations if s.verdict == "supported"]
                right = [quote for quote in spans if plain(quote) in plain(one.home)]
                self.shown_spans, self.right_spans = self.shown_spans + len(spans), self.right_spans + len(right)
                self.true_sentences += 1
                self.cited_rightly += bool(right)

    def lines(self, name: str) -> list[str]:
        """Lay the figures out."""
        lines = [
            f"{name}: {self.answers} answers, {self.abstained} abstained",
            f"   citation precision {self.right_spans / max(1, self.shown_spans):.1%}, "
            f"recall {self.cited_rightly / max(1, self.true_sentences):.1%}; "
            f"unsupported sentences shown {self.unsupported / max(1, self.claims):.1%}; lost {self.lost}",
        ]
        for kind, hits in sorted(self.flagged.items(), key=lambda item: item[0] in GATED_FAULTS):
            lines.append(f"   {kind:30}{len(hits):>6}{sum(hits) / len(hits):>9.1%}")
        return lines


class Asker:
    """Asks a bot whole questions, as the app does."""

    def __init__(self, container: Container, workspace_id: str, bot_id: str, user_id: str) -> None:
        self._container = container
        self._workspace_id = workspace_id
        self._bot_id = bot_id
        self._user_id = user_id

    @classmethod
    async def of(cls, container: Container, workspace_id: str, bot_id: str) -> "Asker":
        """Ask as the owner of this Parley."""
        async with container.store.read() as session:
            owner = await IdentityRepository(session).owner()
        assert owner is not None, "a Parley that was opened has an owner"
        return cls(container, workspace_id, bot_id, owner.user_id)

    async def ask(self, *questions: str) -> TurnView:
        """Ask in a conversation of their own, each after the end of the one before; return the last answer."""
        wanted = ConversationIn(bot_id=self._bot_id)
        made = await self._container.conversations.create(self._workspace_id, self._user_id, wanted, "web")
        turn_id = ""
        for question in questions:
            wish = TurnIn(text=question)
            turn_id = (await self._container.turns.ask(self._workspace_id, self._user_id, made.id, wish)).id
            async with asyncio.timeout(_ANSWER_SECONDS):
                async for _ in self._container.turns.follow(self._workspace_id, turn_id, 0):
                    pass
        return await self._container.turns.get(self._workspace_id, turn_id)

    async def set(self, patch: BotPatch) -> None:
        """Change the bot."""
        await self._container.bots.change(self._workspace_id, self._bot_id, patch)

    async def use_model(self, base_url: str) -> None:
        """Let the scripted provider answer."""
        wanted = ModelIn.model_validate({"name": "scripted", "base_url": base_url, "model": "scripted"})
        view = await self._container.models.create(self._workspace_id, wanted)
        await self.set(BotPatch(model_id=view.id))


async def measure_quoted(asker: Asker, questions: Sequence[Asked], passages: Mapping[str, str]) -> list[str]:
    """Return the figures of quoted answers."""
    answered = correct = spans = right = found = claims = unsupported = 0
    for asked in questions:
        turn = await asker.ask(asked.text)
        answered += not turn.abstained
        correct += holds(turn.answer, asked)
        home = plain(passages[asked.passage_id])
        hits = [plain(citation.quote) in home for citation in turn.citations]
        spans, right, found = spans + len(hits), right + sum(hits), found + any(hits)
        claims += sum(sentence.verdict != "no_claim" for sentence in turn.sentences)
        unsupported += sum(sentence.verdict in ("unsupported", "conflicting") for sentence in turn.sentences)
    count = max(1, len(questions))
    return [
        f"quoted: {len(questions)} questions, answered {answered / count:.1%}, gold answer in it {correct / count:.1%}",
        f"   citation precision (gold passage) {right / max(1, spans):.1%}, recall {found / count:.1%}; "
        f"unsupported sentences {unsupported / max(1, claims):.1%}",
    ]


async def run(options: argparse.Namespace) -> None:
    """Measure quoted answers, then the scripted model under both policies, then questions about something else."""
    dice = random.Random(options.seed)
    passages, questions = read_squad(options.data_set)
    texts = {passage.id: passage.text for passage in passages}
    chosen = dice.sample(questions, min(options.questions, len(questions)))
    strangers = dice.sample(read_off_topic(options.data_set), options.questions)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        work = Path(temporary)
        folder = write_folder(work / "squad", passages, "passage")
        async with open_container(Settings(data=work / "data")) as container:
            collection = await Collection.read(container, folder)
            asker = await Asker.of(container, collection.workspace_id, collection.bot_id)
            for line in await measure_quoted(asker, chosen, texts):
                sys.stdout.write(line + "\n")
            declined = [(await asker.ask(question.text)).abstained for question in strangers]
            sys.stdout.write(f"   off topic declined {sum(declined) / len(declined):.1%}\n")
            script = Scripted(dice)
            with scripted_provider(script.answer) as server:
                await asker.use_model(server.base_url)
                for policy in ("marked", "strict"):
                    await asker.set(BotPatch(answer_policy=policy, cache_answers=False))
                    outcome = Outcome()
                    for asked in chosen:
                        turn = await asker.ask(asked.text)
                        outcome.take(turn, script.planted.pop(asked.text, []), strict=policy == "strict")
                    sys.stdout.write("\n".join(outcome.lines(f"scripted model, {policy}")) + "\n")


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--seed", type=int, default=11)
    asyncio.run(run(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
