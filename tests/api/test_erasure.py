"""A deleted source leaves no trace: the bytes of the whole data folder are searched for what stood in it."""

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parley.api.container import Container, open_container
from parley.bots.schemas import BotIn
from parley.chat.schemas import ConversationIn, TurnIn, TurnView
from parley.errors import NotFound
from parley.insight.tables import GoldenQuestion, GoldenSet
from parley.knowledge.repository import SourceRepository
from parley.knowledge.schemas import SourceCreate, SourceOut
from parley.retrieval.schemas import SearchRequest
from parley.settings import Settings, WatchSettings
from parley.store.scope import ScopedRepository
from tests.support.ingestion import until

pytestmark = pytest.mark.sqlite_only
DOCUMENTS = 40


class MovableClock:
    """The machine's clock, set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def movable_clock() -> MovableClock:
    return MovableClock()


def canary(kind: str, number: int = 0) -> str:
    """A word that stands nowhere else, made of letters alone so that every index keeps it whole."""
    digits = "".join("bdfgklmnpr"[int(digit)] for digit in str(number))
    return f"zq{kind}wx{digits}qz"


CANARIES = {
    kind: [canary(kind, number) for number in range(DOCUMENTS)]
    for kind in ("body", "heading", "file", "old", "secret", "blob")
}


def write_folder(folder: Path, *, prefix: str = "") -> None:
    folder.mkdir(exist_ok=True)
    for number in range(DOCUMENTS):
        body, heading, file, old = (CANARIES[kind][number] for kind in ("body", "heading", "file", "old"))
        story = (
            f"# The {heading} lighthouse\n\nThe tower number {number} was painted by {body} in the year "
            f"{1800 + number}. Its keeper {old or body} climbed the stairs every evening.\n\n"
        )
        (folder / f"{prefix}{file}.md").write_text(story + "More is told elsewhere. " * 200)


def traces(data: Path, words: Iterable[str]) -> list[str]:
    """Return `file: word` for each word whose bytes stand in a file of the folder, in any case."""
    wanted = [(word, word.lower().encode()) for word in words]
    found: list[str] = []
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        found += [f"{path.relative_to(data)}: {word}" for word, data_word in wanted if data_word in content]
        found += [f"{path.relative_to(data)} (name): {word}" for word, _ in wanted if word in path.name.lower()]
    return found


def everything() -> list[str]:
    return [word for words in CANARIES.values() for word in words]


async def finished(parley: Container, source: SourceOut) -> SourceOut:
    async def at_rest() -> bool:
        return (await parley.knowledge.get(parley.owner.workspace_id, source.id)).status not in ("scanning", "reading")

    await until(at_rest)
    return await parley.knowledge.get(parley.owner.workspace_id, source.id)


async def add(parley: Container, bot_id: str, folder: Path, visibility: str = "citable") -> SourceOut:
    wanted = SourceCreate.model_validate({"kind": "folder", "path": str(folder), "visibility": visibility})
    return await finished(parley, await parley.knowledge.add_local(parley.owner.workspace_id, bot_id, wanted))


async def upload(parley: Container, bot_id: str) -> SourceOut:
    word = CANARIES["blob"][0]
    writer = parley.knowledge.blobs.writer(1_000_000)
    await writer.write(f"The ferry {word} crosses the bay each morning at seven.".encode())
    source = await parley.knowledge.add_upload(
        parley.owner.workspace_id,
        bot_id,
        [(f"{CANARIES['blob'][1]}.txt", await writer.finish())],
        name=CANARIES["blob"][2],
        visibility="citable",
        conversation_id=None,
    )
    return await finished(parley, source)


async def ask(parley: Container, conversation_id: str, text: str) -> TurnView:
    owner = parley.owner
    turn = await parley.turns.ask(owner.workspace_id, owner.user_id, conversation_id, TurnIn(text=text))

    async def ended() -> bool:
        return (await parley.turns.get(owner.workspace_id, turn.id)).status not in ("queued", "running")

    await until(ended)
    return await parley.turns.get(owner.workspace_id, turn.id)


async def talk(parley: Container, bot_id: str) -> list[TurnView]:
    owner = parley.owner
    conversation = await parley.conversations.create(
        owner.workspace_id, owner.user_id, ConversationIn(bot_id=bot_id), "web"
    )
    questions = [
        "Who painted the tower number 7 in the year 1807?",
        "In which year was it painted?",
        "When does the ferry cross the bay each morning?",
        "Which bakery stands beside the harbour?",
    ]
    return [await ask(parley, conversation.id, question) for question in questions]


async def search(parley: Container, bot_id: str, query: str) -> list[str]:
    request = SearchRequest(query=query, bot_id=bot_id, limit=10, include_learn_only=True)
    result = await parley.searcher.search(parley.owner.workspace_id, request)
    return [hit.text for hit in result.hits]


async def fill(parley: Container, folder: Path) -> tuple[str, list[SourceOut]]:
    """Add sources whose words must go, between others that stay; return the bot and those that go."""
    bot = await parley.bots.create(parley.owner.workspace_id, BotIn(name="Reader"))
    kept, doomed, secret = folder / "kept", folder / canary("root"), folder / "secret"
    kept.mkdir()
    for number in range(DOCUMENTS):
        (kept / f"{number}.md").write_text(
            f"# Harbour {number}\n\nThe bakery number {number} stands beside the harbour and sells bread.\n"
        )
    write_folder(doomed)
    (doomed / f"{CANARIES['file'][0]}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    secret.mkdir()
    for number, word in enumerate(CANARIES["secret"]):
        (secret / f"{number}.txt").write_text(f"The alarm code of tower {number} is {word}, to be kept quiet.")
    sources = [await add(parley, bot.id, doomed)]
    await add(parley, bot.id, kept)
    sources += [await upload(parley, bot.id), await add(parley, bot.id, secret, "learn_only")]
    # Each file gets a second version: the first one's words are in the history alone.
    for path in doomed.glob("*.md"):
        path.write_text(path.read_text().replace("zqold", "changed"))
    await parley.knowledge.lifecycle.sync(parley.owner.workspace_id, sources[0].id)
    await finished(parley, sources[0])
    return bot.id, sources


class TestDeletedSource:
    async def test_leaves_no_trace_once_the_time_for_undo_is_over(self, data_folder: Path, tmp_path: Path) -> None:
        clock = MovableClock()
        settings = Settings(data=data_folder, watch=WatchSettings(enabled=False))
        async with open_container(settings, clock) as parley:
            bot_id, sources = await fill(parley, tmp_path)
        # Made anew, the keyword index holds all sources in one segment: nothing of it goes away by itself.
        shutil.rmtree(data_folder / "indexes")
        async with open_container(settings, clock) as parley:
            workspace_id = parley.owner.workspace_id
            await parley.searcher.catch_up(workspace_id)
            turns = await talk(parley, bot_id)
            assert CANARIES["body"][7] in turns[0].answer
            assert CANARIES["blob"][0] in turns[2].answer
            await parley.history.find(workspace_id, CANARIES["body"][7], None, None, 10)
            await check_all_is_there(parley, data_folder)
            for source in sources:
                await parley.knowledge.lifecycle.delete(workspace_id, source.id)
            assert not any("zq" in text for text in await search(parley, bot_id, "Who painted the tower number 7?"))
            clock.ahead = timedelta(minutes=11)
            await parley.jobs.reconcile()
            await until_erased(parley, clock)
            assert traces(data_folder, [*everything(), canary("root")]) == []
            frequency = (await parley.searcher.statistics(workspace_id)).chunk_frequency
            assert [word for word in everything() if frequency(word)] == []
            found = await search(parley, bot_id, "Which bakery stands beside the harbour?")
            assert any("bakery" in text for text in found)
            await check_messages(parley, turns)
        assert traces(data_folder, [*everything(), canary("root")]) == []


class TestDeletedConversation:
    async def test_takes_the_files_that_were_dropped_into_it_along(self, data_folder: Path) -> None:
        word, name, title = canary("drop", 1), canary("drop", 2), canary("drop", 3)
        clock = MovableClock()
        async with open_container(Settings(data=data_folder, watch=WatchSettings(enabled=False)), clock) as parley:
            owner = parley.owner
            bot = await parley.bots.create(owner.workspace_id, BotIn(name="Reader"))
            kept = await upload(parley, bot.id)
            begun = [
                await parley.conversations.create(
                    owner.workspace_id, owner.user_id, ConversationIn(bot_id=bot.id), "web"
                )
                for _ in range(2)
            ]
            writer = parley.knowledge.blobs.writer(1_000_000)
            await writer.write(f"# The {title} report\n\nThe lantern of the north pier was lit by {word}.".encode())
            dropped = await finished(
                parley,
                await parley.knowledge.add_upload(
                    owner.workspace_id,
                    bot.id,
                    [(f"{name}.md", await writer.finish())],
                    name=None,
                    visibility="citable",
                    conversation_id=begun[0].id,
                ),
            )
            answered = await ask(parley, begun[0].id, "Who lit the lantern of the north pier?")
            assert word in answered.answer
            assert word not in (await ask(parley, begun[1].id, "Who lit the lantern of the north pier?")).answer
            assert {line.partition(": ")[2] for line in traces(data_folder, [word, name, title])} == {word, name, title}
            await parley.conversations.remove(owner.workspace_id, begun[0].id)
            await until_erased(parley, clock)
            with pytest.raises(NotFound):
                await parley.knowledge.get(owner.workspace_id, dropped.id)
            assert traces(data_folder, [word, name, title]) == []
            frequency = (await parley.searcher.statistics(owner.workspace_id)).chunk_frequency
            assert (frequency(word), frequency(CANARIES["blob"][0])) == (0, 1)
            assert (await parley.knowledge.get(owner.workspace_id, kept.id)).status == "ready"
        assert traces(data_folder, [word, name, title]) == []


class TestGoldenQuestions:
    async def test_drafts_of_an_erased_document_go_and_imported_ones_stay(self, data_folder: Path) -> None:
        clock = MovableClock()
        async with open_container(Settings(data=data_folder, watch=WatchSettings(enabled=False)), clock) as parley:
            workspace_id = parley.owner.workspace_id
            bot = await parley.bots.create(workspace_id, BotIn(name="Reader"))
            source = await upload(parley, bot.id)
            path = f"{CANARIES['blob'][1]}.txt"
            rows = [
                {"id": "q1", "key": f"draft {path}", "question": f"What does {path} say?", "origin": "draft"},
                {"id": "q2", "key": "chat 1", "question": "When does the ferry sail?", "origin": "chat"},
                {"id": "q3", "key": "own", "question": "When does it sail?", "origin": "import"},
            ]
            now = clock.now()
            common = {"set_id": "set", "answerable": True, "answers": "", "created_at": now}
            async with parley.store.write() as session:
                repository = ScopedRepository(session, workspace_id)
                await repository.insert_many(
                    GoldenSet, [{"id": "set", "bot_id": bot.id, "name": "Set", "created_at": now}]
                )
                documents = {"q1": path, "q2": f"other.md\n{path}", "q3": "typed by hand"}
                await repository.insert_many(
                    GoldenQuestion, [row | common | {"documents": documents[row["id"]]} for row in rows]
                )
            await parley.knowledge.lifecycle.delete(workspace_id, source.id, at_once=True)
            await until_erased(parley, clock)
            async with parley.store.read() as session:
                query = ScopedRepository(session, workspace_id).select(GoldenQuestion)
                left = {row.id: row.documents for row in (await session.execute(query)).scalars()}
            assert left == {"q2": "other.md", "q3": "typed by hand"}
            assert traces(data_folder, [CANARIES["blob"][0], CANARIES["blob"][1]]) == []


async def check_all_is_there(parley: Container, data: Path) -> None:
    """Make sure that the test could fail: what must go can be found."""
    before = traces(data, [*everything(), canary("root")])
    assert any("blobs" in line for line in before)
    in_database = {line.partition(": ")[2] for line in before if "parley.db" in line}
    assert in_database >= {words[number] for words in CANARIES.values() for number in (0, 1)} | {canary("root")}
    frequency = (await parley.searcher.statistics(parley.owner.workspace_id)).chunk_frequency
    assert all(frequency(CANARIES[kind][7]) for kind in ("body", "heading", "secret"))


async def until_erased(parley: Container, clock: MovableClock) -> None:
    async def erased() -> bool:
        async with parley.store.read() as session:
            left = await SourceRepository(session, parley.owner.workspace_id).to_purge(clock.now())
        live = await parley.jobs.live_counts(parley.owner.workspace_id)
        return not left and not any(live.values())

    await until(erased, 120)


async def check_messages(parley: Container, turns: list[TurnView]) -> None:
    """The answers are blanked where they were of what is gone, offsets stay, and others are as they were."""
    workspace_id = parley.owner.workspace_id
    blank = await parley.turns.get(workspace_id, turns[0].id)
    assert len(blank.answer) == len(turns[0].answer)
    assert set(blank.answer) <= set("█ \n")
    assert blank.citations == []
    other = await parley.turns.get(workspace_id, turns[3].id)
    assert "bakery" in other.answer
    assert other.citations
    events = await parley.turns.events(workspace_id, turns[0].id, 0, 1000)
    told = "".join(event["text"] for event in events if event["type"] == "token")
    assert told == blank.answer
