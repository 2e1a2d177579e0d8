"""Whole turns, from the question to the stored answer."""

import asyncio
from dataclasses import replace

import pytest

from parley.bots.schemas import BotPatch
from parley.chat.events import Failed
from parley.chat.schemas import TurnIn, TurnView
from parley.chat.service import MOST_QUEUED
from parley.errors import Conflict, ContextTooLong, InvalidInput, NotFound, ProviderError
from parley.knowledge.tables import Source, SourceBot
from parley.llm.chat import TokenUsage
from parley.settings import ChatSettings
from parley.store.scope import ScopedRepository
from tests.chat.desk import FERRY, TRAIN, Desk
from tests.retrieval.library import Passage


async def file_instructions(desk: Desk) -> tuple[str, str]:
    """Add a document with instructions that end in a second passage; return the steps in the first, and its version."""
    source = await desk.library.source(desk.bot_id)
    steps = "1. Open the page of your bookings.\n2. Find the seat.\n3. Press Return."
    marked = (("heading", "Return a ticket", 2), *(("list_item", step, 1) for step in steps.split("\n")))
    last = (("list_item", "4. Wait for the letter.", 1),)
    under = ("Tickets", "Return a ticket")
    passages = [
        Passage("Tickets are sold on board. A ticket that was returned is paid back.", ("Tickets",)),
        Passage(f"Return a ticket\n\n{steps}", under, ranges=marked),
        Passage("4. Wait for the letter.\n\nThe letter takes a week.", under, ranges=last),
    ]
    version = await desk.library.document(source, "tickets.md", *passages, title="Tickets")
    await desk.searcher.catch_up(desk.workspace_id)
    return steps, version


async def file_projects(desk: Desk) -> None:
    """Add alike minutes of projects that only their folders name."""
    source = await desk.library.source(desk.bot_id)
    for number, name in enumerate(("Acme", "Globex", "Oak Clinic", "City Library"), 1):
        text = f"Handover of the keys was moved to May {number}. The client wants slate for the facade of the house."
        await desk.library.document(source, f"Projects/{name}/minutes.md", text, title="Minutes")
    await desk.searcher.catch_up(desk.workspace_id)


def paths_of(turn: TurnView) -> set[str]:
    """Return where what an answer cites stands."""
    return {citation.document.path for citation in turn.citations}


class TestProjects:
    async def test_an_answer_cites_the_project_that_was_asked_about_alone(self, any_desk: Desk) -> None:
        await file_projects(any_desk)
        turn = await any_desk.ask("When is the handover of the keys for the Oak Clinic?")
        assert "May 3" in turn.sentences[1].text
        assert paths_of(turn) == {"Projects/Oak Clinic/minutes.md"}
        assert {sentence.verdict for sentence in turn.sentences} == {"no_claim", "supported"}

    async def test_a_question_may_go_on_to_the_next_project(self, desk: Desk) -> None:
        await file_projects(desk)
        conversation = await desk.conversation()
        await desk.ask("When is the handover of the keys at Acme?", conversation)
        for name, day in (("Globex", 2), ("City Library", 4)):
            turn = await desk.ask(f"And at {name}?", conversation)
            assert turn.query == f"When is the handover of the keys at {name}?"
            assert f"May {day}" in turn.answer
            assert paths_of(turn) == {f"Projects/{name}/minutes.md"}

    async def test_two_projects_are_answered_apart(self, desk: Desk) -> None:
        await file_projects(desk)
        turn = await desk.ask("When is the handover of the keys at Acme and at Globex?")
        assert turn.answer.index("at Acme?") < turn.answer.index("May 1") < turn.answer.index("at Globex?")
        assert "May 2" in turn.answer
        assert paths_of(turn) == {"Projects/Acme/minutes.md", "Projects/Globex/minutes.md"}

    async def test_a_project_that_is_not_there_is_said_to_be_unknown(self, any_desk: Desk) -> None:
        await file_projects(any_desk)
        turn = await any_desk.ask("When is the handover of the keys for Zorglub?")
        assert turn.abstained
        assert turn.answer == "Your documents do not mention “Zorglub”. The nearest passages are below."
        assert turn.nearest

    async def test_a_project_whose_documents_do_not_tell_is_known_all_the_same(self, any_desk: Desk) -> None:
        await file_projects(any_desk)
        source = await any_desk.library.source(any_desk.bot_id)
        await any_desk.library.document(source, "Projects/Nordhaus/costs.md", "Cement and gravel, by the ton.")
        await any_desk.searcher.catch_up(any_desk.workspace_id)
        turn = await any_desk.ask("When is the handover of the keys for Nordhaus?")
        assert "do not mention" not in turn.answer

    async def test_what_may_not_be_shown_counts_as_if_it_were_not_there(self, any_desk: Desk) -> None:
        """Whoever asks for name after name would else find out which of them a learn-only source, or a bot's, holds."""
        await file_projects(any_desk)
        sealed = await any_desk.library.source(any_desk.bot_id, visibility="learn_only")
        await any_desk.library.document(sealed, "list.md", "Clients: Zorglub, Flupke. Handover of the keys in June.")
        other = await any_desk.library.source(await any_desk.library.bot("Another"))
        await any_desk.library.document(other, "Projects/Nordhaus/minutes.md", "Of Pinewood. Handover of keys in June.")
        await any_desk.searcher.catch_up(any_desk.workspace_id)
        for name in ("Zorglub", "Pinewood", "Nordhaus", "Castlerock"):
            turn = await any_desk.ask(f"When is the handover of the keys for {name}?")
            assert turn.answer == f"Your documents do not mention “{name}”. The nearest passages are below."


class TestTables:
    async def test_a_row_is_quoted_under_the_header_of_its_table(self, any_desk: Desk) -> None:
        header, rows = "Drink | Small | Large", ["Espresso | 2.10 | 2.90", "Cappuccino | 3.20 | 4.10"]
        source = await any_desk.library.source(any_desk.bot_id)
        table = Passage("\n".join([header, *rows]), ranges=(("table_row", header, 1),))
        more = Passage("Cocoa | 3.40 | 4.20\nTea | 2.20 | 2.80", (header,))
        version = await any_desk.library.document(source, "prices.csv", table, more, title="Prices")
        await any_desk.searcher.catch_up(any_desk.workspace_id)
        for question, row in (("How much is a cappuccino?", rows[1]), ("How much is cocoa?", "Cocoa | 3.40 | 4.20")):
            turn = await any_desk.ask(question)
            quote = turn.sentences[1]
            assert (quote.text, quote.verdict) == (f"{header}\n{row}", "supported")
            cited = [turn.citations[n - 1] for n in quote.citations]
            assert [citation.quote for citation in cited] == [row, header]
            assert {citation.document.version_id for citation in cited} == {version}
        # The first row stands right below the header: both are one span.
        (citation,) = (await any_desk.ask("How much is an espresso?")).citations
        assert citation.quote == f"{header}\n{rows[0]}"

    async def test_the_figure_of_the_whole_is_found_behind_those_of_its_parts(self, desk: Desk) -> None:
        source = await desk.library.source(desk.bot_id)
        parts = [
            f"Revenues of yard {number}: revenues by yard\n\nRevenues {number},100 {number},050"
            for number in range(1, 13)
        ]
        around = "Assets are carried at cost less depreciation, which is charged by the month. " * 6
        whole = f"{around}\n\nTotal revenues 66,608 62,286"
        await desk.library.document(source, "VALE_2022.pdf", *parts, whole, title="Annual report")
        await desk.searcher.catch_up(desk.workspace_id)
        turn = await desk.ask("What were Vale's revenues in 2022?")
        assert turn.sentences[1].text == "Total revenues 66,608 62,286"

    async def test_a_row_of_another_table_is_quoted_without_it(self, desk: Desk) -> None:
        source = await desk.library.source(desk.bot_id)
        first = Passage("Drink | Small\nTea | 2.20", ranges=(("table_row", "Drink | Small", 1),))
        second = Passage("Bicycles are lent by the day.\n\nTandem | 19 | 80")
        await desk.library.document(source, "prices.csv", first, second, title="Prices")
        await desk.searcher.catch_up(desk.workspace_id)
        assert (await desk.ask("How much is a tandem?")).sentences[1].text == "Tandem | 19 | 80"


class TestAnsweringWithoutAModel:
    async def test_quotes_the_sentence_that_answers_and_cites_its_exact_span(self, any_desk: Desk) -> None:
        turn = await any_desk.ask("When does the ferry leave?")
        lead_in, best = turn.sentences[0], turn.sentences[1]
        assert turn.status == "completed"
        assert (lead_in.verdict, lead_in.citations) == ("no_claim", [])
        assert best.text == "The ferry leaves at 9:40 every day."
        assert best.verdict == "supported"
        assert turn.citations[best.citations[0] - 1].quote == best.text
        assert turn.model == "quoted"
        assert turn.support_rate == 1.0
        assert turn.usage is None

    async def test_says_what_a_thing_is_though_many_passages_speak_of_it_more_often(self, desk: Desk) -> None:
        source = await desk.library.source(desk.bot_id)
        for number in range(40):
            text = f"Extend LVM number {number} with the LVM tools, since LVM volumes of LVM may be full."
            await desk.library.document(source, f"{number}.md", text)
        told = "LVM, the Logical Volume Manager, is another approach to abstracting volumes from the disks below."
        around = "The machine has two disks. Each has one partition for the system and one for data. Reboot when done. "
        await desk.library.document(source, "storage.md", f"{around * 3}{told} {around * 3}")
        await desk.searcher.catch_up(desk.workspace_id)
        turn = await desk.ask("What is LVM?")
        assert turn.sentences[1].text == told

    async def test_tells_how_a_thing_is_done_with_its_steps_in_order(self, any_desk: Desk) -> None:
        steps, version = await file_instructions(any_desk)
        turn = await any_desk.ask("My train is gone. How do I return my ticket?")
        assert [sentence.text for sentence in turn.sentences[1:]] == [f"{steps}\n\n4. Wait for the letter."]
        (citation,) = turn.citations
        assert (citation.document.version_id, citation.quote) == (version, turn.sentences[1].text)
        assert turn.support_rate == 1.0

    async def test_abstains_and_shows_the_nearest_passages(self, any_desk: Desk) -> None:
        turn = await any_desk.ask("Which enzyme unwinds the double helix of bacterial chromosomes?")
        assert turn.abstained
        assert turn.citations == []
        assert turn.support_rate is None
        assert [sentence.verdict for sentence in turn.sentences] == ["no_claim"] * len(turn.sentences)
        assert all(hit.text in (FERRY, TRAIN) for hit in turn.nearest)

    async def test_answers_a_greeting_without_looking_anything_up(self, desk: Desk) -> None:
        turn = await desk.ask("Hello!")
        events = await desk.follow(turn.id)
        assert turn.intent == "greeting"
        assert not turn.abstained
        assert "retrieved" not in [event["type"] for event in events]

    async def test_lets_a_follow_up_lean_on_the_question_before(self, desk: Desk) -> None:
        conversation = await desk.conversation()
        await desk.ask("Who built the night train to Vienna?", conversation)
        turn = await desk.ask("When was it built?", conversation)
        assert turn.query is not None
        assert "Vienna" in turn.query

    async def test_never_hands_out_learn_only_text(self, desk: Desk) -> None:
        secret = await desk.library.source(desk.bot_id, visibility="learn_only")
        await desk.library.document(secret, "secret.md", "The submarine leaves at midnight from pier seven.")
        await desk.searcher.catch_up(desk.workspace_id)
        turn = await desk.ask("When does the submarine leave from pier seven?")
        events = await desk.follow(turn.id)
        assert "midnight" not in turn.model_dump_json()
        assert "secret.md" not in str(events)

    async def test_hides_citations_of_a_source_that_became_learn_only(self, desk: Desk) -> None:
        turn = await desk.ask("When does the ferry leave?")
        assert turn.citations
        source = turn.citations[0]
        async with desk.store.write() as session:
            sources = ScopedRepository(session, desk.workspace_id)
            await session.execute(sources.update(Source).values(visibility="learn_only"))
        later = await desk.turns.get(desk.workspace_id, turn.id)
        events = await desk.follow(turn.id)
        assert later.citations == []
        assert all(sentence.citations == [] for sentence in later.sentences)
        assert source.document.title not in [str(event.get("document")) for event in events]
        assert [event["passages"] for event in events if event["type"] == "retrieved"] == [[]]

    async def test_finds_what_was_dropped_into_this_conversation_alone(self, desk: Desk) -> None:
        here, elsewhere = await desk.conversation(), await desk.conversation()
        source = await desk.library.source(conversation_id=here)
        await desk.library.document(source, "note.md", "The harbour master is called Beatrice Quill.")
        await desk.tools.search.catch_up(desk.workspace_id)  # pyright: ignore[reportAttributeAccessIssue]
        question = "What is the harbour master called?"
        assert "Beatrice" in (await desk.ask(question, here, attachments=[source])).answer
        assert "Beatrice" not in (await desk.ask(question, elsewhere)).answer
        with pytest.raises(NotFound):
            await desk.submit(elsewhere, question, attachments=[source])

    async def test_measures_stages(self, desk: Desk) -> None:
        turn = await desk.ask("When does the ferry leave?")
        assert {stage.name for stage in turn.stages} >= {"understand", "retrieve", "compose", "total"}
        assert turn.took_ms is not None


class TestAnsweringWithAModel:
    async def test_takes_the_markers_out_and_checks_each_sentence(self, any_desk: Desk) -> None:
        model = await any_desk.use_model(
            ["The ferry le", "aves at 9:40 [", "1", "]. Tickets cost 12 eu", "ros [1, 9]. It sinks daily [1]."]
        )
        turn = await any_desk.ask("When does the ferry leave, and what does it cost?")
        assert turn.answer == "The ferry leaves at 9:40. Tickets cost 12 euros. It sinks daily."
        assert [sentence.verdict for sentence in turn.sentences] == ["supported", "supported", "unsupported"]
        assert [sentence.citations for sentence in turn.sentences] == [[1], [2], []]
        assert [citation.quote for citation in turn.citations] == [
            "The ferry leaves at 9:40 every day.",
            "Tickets cost 12 euros.",
        ]
        assert turn.citations[0].document.title == "Boats"
        assert turn.support_rate == pytest.approx(2 / 3)
        assert turn.model == model.name

    async def test_gives_instructions_whole(self, any_desk: Desk) -> None:
        steps, version = await file_instructions(any_desk)
        model = await any_desk.use_model(["Wait for the letter [1]."])
        turn = await any_desk.ask("How do I return my ticket?")
        assert f"{steps}\n\n4. Wait for the letter.\n</source>" in model.calls[0][-1].text
        assert turn.sentences[0].verdict == "supported"
        assert turn.citations[0].document.version_id == version

    async def test_fences_numbered_passages_in_the_prompt(self, desk: Desk) -> None:
        model = await desk.use_model(["At 9:40 [1]."])
        await desk.ask("When does the ferry leave?")
        prompt = model.calls[0][-1].text
        assert f'<source id="1">\n{FERRY}\n</source>' in prompt
        assert prompt.endswith("Question: When does the ferry leave?")

    async def test_does_not_support_a_sentence_that_cites_nothing_or_another_passage(self, desk: Desk) -> None:
        await desk.use_model(
            ["The night train to Vienna was built in 1954 by Anna Smith. It has eleven sleeping cars [9]."]
        )
        turn = await desk.ask("Who built the night train to Vienna?")
        assert [sentence.verdict for sentence in turn.sentences] == ["unsupported", "unsupported"]
        assert turn.citations == []

    async def test_finds_the_source_of_a_sentence_without_a_marker_where_that_is_wanted(self, desk: Desk) -> None:
        settings = desk.tools.settings.model_copy(update={"find_missing_citations": True})
        desk.runner._tools = replace(desk.tools, settings=settings)  # pyright: ignore[reportPrivateUsage]
        await desk.use_model(["The night train to Vienna was built in 1954 by Anna Smith."])
        turn = await desk.ask("Who built the night train to Vienna?")
        assert turn.sentences[0].verdict == "supported"
        assert turn.citations[0].document.title == "Trains"

    async def test_headings_and_the_first_row_of_a_table_claim_nothing(self, desk: Desk) -> None:
        table = "| what | price in euros |\n|---|---|\n| tickets | 12 [1] |"
        await desk.use_model([f"## Ferry prices\n\n{table}\n\n**In short**\n\n", "- [1] Dogs travel free of charge."])
        turn = await desk.ask("What does the ferry cost?")
        assert [s.verdict for s in turn.sentences] == ["no_claim", "no_claim", "supported", "no_claim", "supported"]

    async def test_leaves_code_tables_and_links_as_they_are(self, desk: Desk) -> None:
        text = "Use this:\n\n```py\nprint(seats[1])\n```\n\n| what | cost |\n|---|---|\n| ticket | 12 euros |\n\nSee [1](http://x)."
        await desk.use_model([text[i : i + 3] for i in range(0, len(text), 3)])
        assert (await desk.ask("How much is a ticket for the ferry? It stands at http://x")).answer == text

    async def test_counts_a_model_that_cannot_find_it_as_an_abstention(self, desk: Desk) -> None:
        await desk.use_model(["I cannot find this in the documents."])
        turn = await desk.ask("When does the ferry leave?")
        assert turn.abstained
        assert turn.answer == "I cannot find this in the documents."
        assert turn.nearest

    async def test_abstains_without_calling_the_model_when_nothing_was_found(self, desk: Desk) -> None:
        model = await desk.use_model(["Never said."])
        source = await desk.library.source(name="read by nobody")
        async with desk.store.write() as session:
            links = ScopedRepository(session, desk.workspace_id)
            await session.execute(links.update(SourceBot).values(source_id=source))
        turn = await desk.ask("When does the ferry leave?")
        assert (turn.abstained, turn.nearest, len(model.calls)) == (True, [], 0)

    async def test_starts_again_when_the_provider_breaks_off_in_the_middle(self, any_desk: Desk) -> None:
        broken = ProviderError("cut", code="provider_cut_off")
        await any_desk.use_model(["The ferry leaves at 9:40 [1]. Tick", broken], ["The ferry leaves at 9:40 [1]."])
        turn = await any_desk.ask("When does the ferry leave?")
        events = await any_desk.follow(turn.id)
        assert turn.status == "completed"
        assert turn.answer == "The ferry leaves at 9:40."
        retracted = next(event for event in events if event["type"] == "retracted")
        assert (retracted["start"], retracted["reason"]) == (0, "provider_failed")

    async def test_fails_with_what_was_written_when_it_breaks_off_twice(self, desk: Desk) -> None:
        await desk.use_model(["The ferry leaves at 9:40 [1]. Tickets", ProviderError("cut", code="provider_cut_off")])
        turn = await desk.ask("When does the ferry leave?")
        assert turn.status == "failed"
        assert turn.answer == "The ferry leaves at 9:40. Tickets"
        assert [sentence.verdict for sentence in turn.sentences] == ["supported"]
        assert turn.error is not None
        assert (turn.error.code, turn.error.retryable) == ("provider_cut_off", True)

    async def test_gives_a_small_model_a_shorter_prompt(self, desk: Desk) -> None:
        model = await desk.use_model([ContextTooLong("Too long.")], ["The ferry leaves at 9:40 [1]."])
        turn = await desk.ask("When does the ferry leave?")
        assert (turn.status, len(model.calls)) == ("completed", 2)

    async def test_fails_clearly_when_the_model_says_nothing(self, desk: Desk) -> None:
        await desk.use_model([" ", "\n"])
        turn = await desk.ask("When does the ferry leave?")
        assert turn.error is not None
        assert turn.error.code == "provider_empty"

    async def test_takes_usage_from_the_provider_or_marks_its_estimate(self, desk: Desk) -> None:
        await desk.use_model(["At 9:40 [1].", TokenUsage(100, 20)], price=10.0)
        told = (await desk.ask("When does the ferry leave?")).usage
        await desk.use_model(["At 9:40 [1]."])
        guessed = (await desk.ask("When does the ferry leave?")).usage
        assert told is not None
        assert (told.input_tokens, told.output_tokens, told.estimated) == (100, 20, False)
        assert told.cost_usd == pytest.approx(0.0012)
        assert guessed is not None
        assert guessed.estimated
        assert guessed.input_tokens > 100
        assert guessed.cost_usd is None

    async def test_gives_the_model_what_was_said_before(self, desk: Desk) -> None:
        model = await desk.use_model(["At 9:40 [1]."])
        conversation = await desk.conversation()
        await desk.ask("When does the ferry leave?", conversation)
        await desk.ask("And what does it cost?", conversation)
        assert [(message.role, message.text) for message in model.calls[1][1:3]] == [
            ("user", "When does the ferry leave?"),
            ("assistant", "At 9:40."),
        ]


class TestATurnWithoutEnd:
    @pytest.fixture
    def chat_settings(self) -> ChatSettings:
        return ChatSettings(max_turn_seconds=0.5)

    async def test_is_ended_by_the_limit_with_what_was_written(self, desk: Desk) -> None:
        await desk.use_model(["The ferry leaves at 9:40 [1]. Tickets ", "cost", asyncio.Event()])
        turn = await desk.ask("When does the ferry leave?")
        assert turn.error is not None
        assert turn.error.code == "turn_timeout"
        assert turn.answer.startswith("The ferry leaves at 9:40.") or turn.answer == ""


class TestTheConversation:
    async def test_runs_one_turn_at_a_time_and_queues_the_next(self, any_desk: Desk) -> None:
        gate = asyncio.Event()
        await any_desk.use_model(["The ferry ", gate, "leaves at 9:40 [1]."], ["Tickets cost 12 euros [1]."])
        conversation = await any_desk.conversation()
        first = await any_desk.submit(conversation, "When does the ferry leave?")
        await any_desk.until(first.id, "token")
        second = await any_desk.submit(conversation, "What does it cost?")
        queued = await any_desk.until(second.id, "turn.queued")
        assert queued[0]["position"] == 1
        view = await any_desk.conversations.get(any_desk.workspace_id, conversation)
        assert view.active_turn_id == first.id
        gate.set()
        await any_desk.follow(second.id)
        assert (await any_desk.checked(first.id)).answer == "The ferry leaves at 9:40."
        assert (await any_desk.checked(second.id)).answer == "Tickets cost 12 euros."

    async def test_keeps_what_was_written_when_it_is_stopped(self, any_desk: Desk) -> None:
        await any_desk.use_model(["The ferry leaves at 9:40 [1]. Tickets", asyncio.Event()])
        turn = await any_desk.submit(await any_desk.conversation(), "When does the ferry leave?")
        await any_desk.until(turn.id, "token")
        stopped = await any_desk.turns.stop(any_desk.workspace_id, turn.id)
        assert stopped.status == "stopped"
        assert (await any_desk.checked(turn.id)).answer.startswith("The ferry leaves")

    async def test_stops_a_queued_turn_without_an_answer(self, desk: Desk) -> None:
        await desk.use_model(["The ferry ", asyncio.Event()])
        conversation = await desk.conversation()
        first = await desk.submit(conversation, "When does the ferry leave?")
        await desk.until(first.id, "token")
        second = await desk.submit(conversation, "What does it cost?")
        stopped = await desk.turns.stop(desk.workspace_id, second.id)
        assert (stopped.status, stopped.answer_id) == ("stopped", None)
        assert [event["type"] for event in await desk.follow(second.id)] == ["turn.queued", "stopped"]
        await desk.turns.stop(desk.workspace_id, first.id)

    async def test_answers_again_as_a_sibling(self, desk: Desk) -> None:
        await desk.use_model(["At 9:40 [1]."], ["The ferry leaves at 9:40 [1]."])
        conversation = await desk.conversation()
        first = await desk.ask("When does the ferry leave?", conversation)
        again = await desk.submit(conversation, None, regenerate_of=first.id)
        await desk.follow(again.id)
        second = await desk.checked(again.id)
        page = await desk.conversations.messages(
            desk.workspace_id, conversation, newest_first=False, cursor=None, limit=10
        )
        assert second.question_id == first.question_id
        assert [message.parent_id for message in page.items] == [None, first.question_id, first.question_id]
        assert [message.text for message in page.items[1:]] == ["At 9:40.", "The ferry leaves at 9:40."]

    async def test_edits_a_question_as_a_sibling_with_its_own_history(self, desk: Desk) -> None:
        model = await desk.use_model(["At 9:40 [1]."])
        conversation = await desk.conversation()
        await desk.ask("When does the ferry leave?", conversation)
        second = await desk.ask("What does it cost?", conversation)
        edited = await desk.ask("Do dogs travel free?", conversation, edit_of=second.question_id)
        messages = await desk.conversations.messages(
            desk.workspace_id, conversation, newest_first=False, cursor=None, limit=10
        )
        by_id = {message.id: message for message in messages.items}
        assert by_id[edited.question_id].parent_id == by_id[second.question_id].parent_id
        assert "What does it cost?" not in str(model.calls[-1])

    async def test_pages_through_messages_from_either_end(self, desk: Desk) -> None:
        conversation = await desk.conversation()
        for greeting in ("Hello", "Hi", "Hey"):
            await desk.ask(greeting, conversation)
        seen: list[int] = []
        cursor: str | None = None
        while True:
            page = await desk.conversations.messages(
                desk.workspace_id, conversation, newest_first=True, cursor=cursor, limit=4
            )
            seen += [message.seq for message in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == [6, 5, 4, 3, 2, 1]

    async def test_is_removed_with_what_runs_in_it(self, any_desk: Desk) -> None:
        await any_desk.use_model(["The ferry ", asyncio.Event()])
        conversation = await any_desk.conversation()
        turn = await any_desk.submit(conversation, "When does the ferry leave?")
        await any_desk.until(turn.id, "token")
        await any_desk.conversations.remove(any_desk.workspace_id, conversation)
        with pytest.raises(NotFound):
            await any_desk.turns.get(any_desk.workspace_id, turn.id)
        with pytest.raises(NotFound):
            await any_desk.conversations.get(any_desk.workspace_id, conversation)

    async def test_is_listed_with_the_newest_first(self, any_desk: Desk) -> None:
        older, newer = await any_desk.conversation(), await any_desk.conversation()
        await any_desk.ask("Hello", newer)
        await any_desk.ask("Hello again", older)
        page = await any_desk.conversations.page(any_desk.workspace_id, any_desk.bot_id, None, None, 1)
        rest = await any_desk.conversations.page(any_desk.workspace_id, any_desk.bot_id, None, page.next_cursor, 5)
        assert [view.id for view in [*page.items, *rest.items]] == [older, newer]
        assert page.items[0].title == "Hello again"
        assert page.items[0].last_message is not None
        assert page.items[0].last_message.author_kind == "bot"

    async def test_refuses_what_it_cannot_answer(self, desk: Desk) -> None:
        conversation = await desk.conversation()
        with pytest.raises(InvalidInput):
            await desk.submit(conversation, None)
        with pytest.raises(NotFound):
            await desk.submit("conv_none", "Hello")
        with pytest.raises(NotFound):
            await desk.turns.ask("ws_other", desk.user_id, conversation, TurnIn(text="Hello"))

    async def test_refuses_an_endless_queue(self, desk: Desk) -> None:
        await desk.use_model(["The ferry ", asyncio.Event()])
        conversation = await desk.conversation()
        for _ in range(MOST_QUEUED):
            await desk.submit(conversation, "When does the ferry leave?")
        with pytest.raises(Conflict):
            await desk.submit(conversation, "When does the ferry leave?")


class TestSurviving:
    async def test_a_turn_goes_on_when_its_reader_leaves(self, desk: Desk) -> None:
        gate = asyncio.Event()
        await desk.use_model(["The ferry ", gate, "leaves at 9:40 [1]."])
        turn = await desk.submit(await desk.conversation(), "When does the ferry leave?")
        await desk.until(turn.id, "token")
        gate.set()
        await desk.follow(turn.id)
        assert (await desk.checked(turn.id)).answer == "The ferry leaves at 9:40."

    async def test_a_stream_goes_on_after_any_event(self, any_desk: Desk) -> None:
        turn = await any_desk.ask("When does the ferry leave?")
        events = await any_desk.follow(turn.id)
        for event in events[:-1]:
            assert await any_desk.follow(turn.id, event["seq"]) == events[events.index(event) + 1 :]
        assert await any_desk.follow(turn.id, events[-1]["seq"]) == []

    async def test_readers_of_a_running_turn_see_the_same_from_wherever_they_start(self, desk: Desk) -> None:
        gate = asyncio.Event()
        await desk.use_model([*(f"word{n} " for n in range(50)), gate, "The ferry leaves at 9:40 [1]."])
        turn = await desk.submit(await desk.conversation(), "When does the ferry leave?")
        seen = await desk.until(turn.id, "token")
        late = asyncio.create_task(desk.follow(turn.id, seen[1]["seq"]))
        early = asyncio.create_task(desk.follow(turn.id))
        await asyncio.sleep(0)
        gate.set()
        assert (await early)[2:] == await late

    async def test_a_turn_of_another_process_can_be_followed(self, any_desk: Desk) -> None:
        gate = asyncio.Event()
        await any_desk.use_model(["The ferry ", gate, "leaves at 9:40 [1]."])
        turn = await any_desk.submit(await any_desk.conversation(), "When does the ferry leave?")
        await any_desk.until(turn.id, "token")
        other = any_desk.new_runner(sole_process=False)
        following = asyncio.create_task(_types(other.log.follow(any_desk.workspace_id, turn.id, 0)))
        gate.set()
        types = await asyncio.wait_for(following, 20)
        assert types[0] == "turn.queued"
        assert types[-1] == "completed"

    async def test_a_turn_whose_process_died_fails_with_what_was_stored(self, any_desk: Desk) -> None:
        await any_desk.use_model(["The ferry leaves at 9:40 [1]. Tickets ", "cost", asyncio.Event()], ["Yes [1]."])
        conversation = await any_desk.conversation()
        turn = await any_desk.submit(conversation, "When does the ferry leave?")
        waiting = await any_desk.submit(conversation, "Hello")
        seen = await any_desk.until(turn.id, "checked")
        await _wait_until_stored(any_desk, turn.id, seen[-1]["seq"])
        successor = any_desk.new_runner()
        await successor.start()
        try:
            failed = await any_desk.checked(turn.id)
            events = [
                record async for batch in successor.log.follow(any_desk.workspace_id, turn.id, 0) for record in batch
            ]
            rest = await _types(successor.log.follow(any_desk.workspace_id, waiting.id, 0))
        finally:
            await successor.stop()
        assert failed.status == "failed"
        assert failed.answer.startswith("The ferry leaves")
        assert failed.error is not None
        assert (failed.error.code, failed.error.retryable) == ("interrupted", True)
        assert events[-1].seq > seen[-1]["seq"] + 100
        assert rest[-1] == "completed"

    async def test_a_turn_that_is_shut_down_fails_with_what_was_written(self, desk: Desk) -> None:
        await desk.use_model(["The ferry leaves at 9:40 [1]. Tickets", asyncio.Event()])
        turn = await desk.submit(await desk.conversation(), "When does the ferry leave?")
        await desk.until(turn.id, "token")
        await desk.runner.stop()
        interrupted = await desk.checked(turn.id)
        assert interrupted.status == "failed"
        assert interrupted.error is not None
        assert interrupted.error.code == "interrupted"
        assert interrupted.answer.startswith("The ferry leaves")

    async def test_the_stored_failure_is_the_one_that_was_told(self, desk: Desk) -> None:
        await desk.use_model([ProviderError("It broke.")])
        turn = await desk.ask("When does the ferry leave?")
        last = (await desk.follow(turn.id))[-1]
        assert Failed.model_validate({**last, "type": "failed"}).message == "It broke."


async def _types(batches: object) -> list[str]:
    return [record.type async for batch in batches for record in batch]  # type: ignore[attr-defined]


async def _wait_until_stored(desk: Desk, turn_id: str, seq: int) -> None:
    async with asyncio.timeout(20):
        while True:
            records = await desk.runner.log.read(desk.workspace_id, turn_id, seq - 1)
            if records:
                return
            await asyncio.sleep(0.01)


class TestBranches:
    async def test_an_edited_question_follows_what_the_first_one_followed(self, desk: Desk) -> None:
        conversation = await desk.conversation()
        first = await desk.ask("When does the ferry leave?", conversation)
        edited = await desk.ask("Who built the night train to Vienna?", conversation, edit_of=first.question_id)
        page = await desk.conversations.messages(
            desk.workspace_id, conversation, newest_first=False, cursor=None, limit=10
        )
        parents = {message.id: message.parent_id for message in page.items}
        assert parents[first.question_id] == parents[edited.question_id] is None

    async def test_an_earlier_branch_can_be_gone_on_with(self, desk: Desk) -> None:
        conversation = await desk.conversation()
        train = await desk.ask("Who built the night train to Vienna?", conversation)
        await desk.ask("When does the ferry leave?", conversation, edit_of=train.question_id)
        turn = await desk.ask("When was it built?", conversation, parent_id=train.answer_id)
        assert turn.query is not None
        assert "Vienna" in turn.query

    async def test_a_message_of_another_conversation_cannot_be_followed(self, desk: Desk) -> None:
        other = await desk.ask("When does the ferry leave?")
        with pytest.raises(NotFound):
            await desk.submit(await desk.conversation(), "And back?", parent_id=other.question_id)


class TestUnderstanding:
    async def test_what_was_understood_is_stored_with_message_and_turn(self, any_desk: Desk) -> None:
        conversation = await any_desk.conversation()
        turn = await any_desk.ask("I am furious! When does the ferry leave?", conversation)
        page = await any_desk.conversations.messages(
            any_desk.workspace_id, conversation, newest_first=False, cursor=None, limit=10
        )
        events = await any_desk.follow(turn.id)
        understood = next(event for event in events if event["type"] == "understood")
        assert (turn.sentiment, turn.emotion, turn.tone) == ("negative", "anger", "angry")
        assert (page.items[0].sentiment, page.items[0].emotion) == ("negative", "anger")
        assert (understood["emotion"], understood["tone"]) == ("anger", "angry")
        assert turn.answer.startswith("I'm sorry")
        assert turn.support_rate == 1.0

    async def test_a_bot_may_leave_the_mood_alone(self, desk: Desk) -> None:
        await desk.bots.change(desk.workspace_id, desk.bot_id, BotPatch(adapts_tone=False))
        turn = await desk.ask("I am furious! When does the ferry leave?")
        assert turn.emotion == "anger"
        assert turn.answer.startswith("From your documents:")

    async def test_who_asks_for_a_person_is_told_the_truth(self, desk: Desk) -> None:
        turn = await desk.ask("Can I talk to a real person please?")
        assert turn.intent == "handover"
        assert "not set up" in turn.answer
        assert not turn.abstained
        patch = BotPatch(human_contact="Write to harbour@example.org")
        await desk.bots.change(desk.workspace_id, desk.bot_id, patch)
        turn = await desk.ask("Can I speak to a human?")
        assert turn.answer.endswith("Write to harbour@example.org")
