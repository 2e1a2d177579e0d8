"""Search through the real store, keyword index and vectors."""

import pytest

from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from tests.retrieval.library import Library, Passage


async def found(searcher: Searcher, library: Library, query: str, **options: object) -> list[str]:
    """Return the texts that a query finds, best first."""
    request = SearchRequest.model_validate({"query": query, **options})
    result = await searcher.search(library.workspace_id, request)
    return [hit.text for hit in result.hits]


class TestFinding:
    async def test_a_passage_is_found_by_its_words(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "The cat sat on the mat.", "Dogs chase postmen in the morning.")
        await searcher.catch_up(library.workspace_id)
        assert (await found(searcher, library, "chasing dog"))[0] == "Dogs chase postmen in the morning."

    async def test_a_hit_tells_where_its_text_stands(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        long = "Nothing to see. " * 10
        await library.document(
            source, "guide.txt", long, Passage("Reset the router first.", ("Network", "Trouble"), 3), title="The guide"
        )
        await searcher.catch_up(library.workspace_id)
        result = await searcher.search(library.workspace_id, SearchRequest(query="how to reset a router"))
        hit = result.hits[0]
        assert (hit.text, hit.heading, hit.page) == ("Reset the router first.", ["Network", "Trouble"], 3)
        assert (hit.start, hit.end) == (len(long) + 2, len(long) + 2 + len(hit.text))
        assert (hit.document.title, hit.document.path, hit.document.version) == ("The guide", "guide.txt", 1)

    async def test_a_new_version_replaces_the_old_one(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "The price is ten euros.")
        await searcher.catch_up(library.workspace_id)
        await library.document(source, "a.txt", "The price is twelve euros.")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "price in euros") == ["The price is twelve euros."]

    async def test_equal_texts_are_shown_once(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        for name in ("a.txt", "b.txt", "c.txt"):
            await library.document(source, name, "The warranty lasts two years.", title="Warranty")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "warranty") == ["The warranty lasts two years."]

    async def test_nearness_decides_between_equal_words(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        apart = "Battery packs are sold apart. Store them dry. A long life begins with care."
        close = "Store them dry. Battery life begins with care. Packs are sold apart a long way."
        await library.document(source, "a.txt", apart, close, "Something about cables.")
        await searcher.catch_up(library.workspace_id)
        assert (await found(searcher, library, "battery life"))[0] == close

    async def test_the_title_of_a_document_finds_its_passages(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "Open the lid and wait.", title="Espresso machine")
        await library.document(source, "b.txt", "Open the lid and stir.", title="Soup kettle")
        await searcher.catch_up(library.workspace_id)
        assert (await found(searcher, library, "open the lid of the espresso machine"))[0] == "Open the lid and wait."

    async def test_a_chinese_passage_is_found(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "诺曼底位于法国北部。", "长城在中国。")
        await searcher.catch_up(library.workspace_id)
        assert (await found(searcher, library, "诺曼底在哪里"))[0] == "诺曼底位于法国北部。"

    async def test_an_inflected_word_of_another_language_is_found(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        german = "Die Häuser am Hafen wurden im vergangenen Jahrhundert gebaut."
        await library.document(source, "a.txt", german, "Die Schiffe fahren nachts über das Meer.")
        await searcher.catch_up(library.workspace_id)
        assert (await found(searcher, library, "Haus"))[0] == german

    async def test_a_name_is_found_in_a_text_of_a_language_that_is_rare_here(
        self, searcher: Searcher, library: Library
    ) -> None:
        source = await library.source()
        english = [f"The ferry number {n} crosses the bay with all of its passengers on board." for n in range(60)]
        await library.document(source, "a.txt", *english)
        italian = "Il cantiere di Zarbonelli costruisce le barche che vanno sul lago, e anche quelle della città."
        await library.document(source, "b.txt", italian)
        await searcher.catch_up(library.workspace_id)
        request = SearchRequest(query="Zarbonelli", language="en")
        best = (await searcher.search(library.workspace_id, request)).hits[0]
        assert best.text == italian
        assert best.scores.lexical

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("Welche Prozessorarchitekturen werden unterstützt?", 0),
            ("Wie fahre ich den Rechner herunter?", 1),
        ],
    )
    async def test_words_that_german_writes_as_one_or_apart_are_found_the_other_way(
        self, searcher: Searcher, library: Library, query: str, expected: int
    ) -> None:
        source = await library.source()
        texts = [
            "Die Architektur des Prozessors entscheidet, welches Abbild das richtige ist.",
            "Zum Herunterfahren dient der Befehl poweroff, der zuvor alle Puffer schreibt.",
            "Der Rechner fährt mit dem Strom des Hafens, und der Kapitän lädt die Kisten aus.",
        ]
        await library.document(source, "a.txt", *texts)
        await searcher.catch_up(library.workspace_id)
        hit = (await searcher.search(library.workspace_id, SearchRequest(query=query))).hits[0]
        assert hit.text == texts[expected]
        assert hit.scores.lexical

    async def test_a_query_of_nothing_finds_nothing(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "Words.")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "   ") == []
        assert await found(searcher, library, "?!") == []

    async def test_each_stage_is_explained_without_any_text(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "A secret passage about glaciers.")
        await searcher.catch_up(library.workspace_id)
        result = await searcher.search(library.workspace_id, SearchRequest(query="glaciers"))
        assert result.explanation["found_by_words"] == 1
        assert {"understand", "lexical", "dense", "score", "load", "total"} <= result.took_ms.keys()
        assert "secret" not in str(result.explanation)


class TestScores:
    async def test_the_lexical_score_tells_how_much_of_the_query_is_met(
        self, searcher: Searcher, library: Library
    ) -> None:
        source = await library.source()
        filler = [f"Paragraph number {n} speaks of other things." for n in range(20)]
        await library.document(source, "a.txt", "The glacier retreats in summer.", *filler)
        await searcher.catch_up(library.workspace_id)
        full = (await searcher.search(library.workspace_id, SearchRequest(query="glacier retreats"))).hits[0].scores
        part = await searcher.search(library.workspace_id, SearchRequest(query="glacier tractors telephones violins"))
        assert full.lexical is not None
        assert part.hits[0].scores.lexical is not None
        assert 1 >= full.lexical > 2 * part.hits[0].scores.lexical > 0


class TestFilters:
    async def test_a_bot_sees_its_own_sources(self, searcher: Searcher, library: Library) -> None:
        ours, theirs = await library.bot("Ours"), await library.bot("Theirs")
        await library.document(await library.source(ours), "a.txt", "Our glacier.")
        await library.document(await library.source(theirs), "b.txt", "Their glacier.")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "glacier", bot_id=ours) == ["Our glacier."]
        assert sorted(await found(searcher, library, "glacier")) == ["Our glacier.", "Their glacier."]

    async def test_a_bot_without_sources_finds_nothing(self, searcher: Searcher, library: Library) -> None:
        await library.document(await library.source(), "a.txt", "A glacier.")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "glacier", bot_id=await library.bot()) == []

    async def test_an_empty_list_of_sources_finds_nothing(self, searcher: Searcher, library: Library) -> None:
        await library.document(await library.source(), "a.txt", "A glacier.")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "glacier", source_ids=[]) == []

    async def test_learn_only_passages_are_left_out_unless_asked_for(
        self, searcher: Searcher, library: Library
    ) -> None:
        await library.document(await library.source(visibility="learn_only"), "a.txt", "A hidden glacier.")
        await library.document(await library.source(), "b.txt", "An open glacier.")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "glacier") == ["An open glacier."]
        result = await searcher.search(library.workspace_id, SearchRequest(query="glacier", include_learn_only=True))
        assert {hit.text: hit.citable for hit in result.hits} == {"A hidden glacier.": False, "An open glacier.": True}

    async def test_a_file_dropped_into_a_chat_is_seen_in_that_chat_alone(
        self, searcher: Searcher, library: Library
    ) -> None:
        bot = await library.bot()
        dropped = await library.source(bot, conversation_id="conv_1")
        await library.document(dropped, "a.txt", "A private glacier.")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "glacier", bot_id=bot, conversation_id="conv_1") == ["A private glacier."]
        assert await found(searcher, library, "glacier", bot_id=bot, conversation_id="conv_2") == []
        assert await found(searcher, library, "glacier", bot_id=bot) == []
        assert await found(searcher, library, "glacier", source_ids=[dropped]) == []

    async def test_a_deleted_source_is_hidden_at_once(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "A glacier.")
        await searcher.catch_up(library.workspace_id)
        await library.delete_source(source)
        assert await found(searcher, library, "glacier") == []

    async def test_a_document_taken_out_is_hidden_before_the_index_knows(
        self, searcher: Searcher, library: Library
    ) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "A glacier.")
        await searcher.catch_up(library.workspace_id)
        await library.remove(source, "a.txt")
        assert await found(searcher, library, "glacier") == []
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "glacier") == []
