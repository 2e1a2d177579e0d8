"""`parley search` and `parley models get`, as people run them, beside a running server."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ParleyServer, run_parley

TINY = Path(__file__).parents[1] / "llm" / "embedding" / "tiny"


@pytest.fixture(scope="module")
def library(parley_server: ParleyServer, tmp_path_factory: pytest.TempPathFactory) -> ParleyServer:
    """A server whose bot `guide` has read two files."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "router.md").write_text("# Router\n\nHold the button for ten seconds to reset the router.\n", "utf-8")
    (folder / "lamp.txt").write_text("The lamp needs a bulb of nine watts.\n", "utf-8")
    parley_server.api("POST", "/bots", json={"name": "guide"})
    added = run_parley(parley_server.data, "add", str(folder), "--bot", "guide", "--json")
    assert added.returncode == 0, added.stderr
    return parley_server


def lines(text: str) -> list[Any]:
    """Return the JSON lines of an output."""
    return [json.loads(line) for line in text.splitlines()]


class TestSearching:
    def test_a_query_prints_its_hits_as_json(self, library: ParleyServer) -> None:
        done = run_parley(library.data, "search", "how do I reset my router", "--bot", "guide", "-k", "1", "--json")
        (found,) = lines(done.stdout)
        (hit,) = found["hits"]
        assert {
            "rank",
            "score",
            "scores",
            "chunk_id",
            "text",
            "heading",
            "document",
            "page",
            "start",
            "end",
        } <= hit.keys()
        assert hit["scores"].keys() == {"lexical", "dense", "rerank"}
        assert "ten seconds" in hit["text"]
        text = library.api("GET", f"/documents/{hit['document']['id']}/text")["text"]
        assert text[hit["start"] : hit["end"]] == hit["text"]

    def test_a_batch_answers_line_by_line_and_a_bad_line_fails_alone(
        self, library: ParleyServer, tmp_path: Path
    ) -> None:
        batch = tmp_path / "batch.jsonl"
        batch.write_text('{"id": 1, "query": "lamp bulb"}\nnonsense\n{"id": "b", "query": "router"}\n', "utf-8")
        done = run_parley(library.data, "search", "--batch", str(batch), "--bot", "guide", "--json")
        first, bad, last = lines(done.stdout)
        assert (first["id"], bad["error"]["code"], last["id"]) == (1, "bad_line", "b")
        assert "nine watts" in first["hits"][0]["text"]
        assert done.returncode == 1

    def test_a_query_or_a_batch_is_needed(self, library: ParleyServer) -> None:
        assert run_parley(library.data, "search", "--bot", "guide").returncode == 2

    def test_for_people_it_prints_titles_and_text(self, library: ParleyServer) -> None:
        done = run_parley(library.data, "search", "bulb", "--bot", "guide")
        assert "lamp.txt" in done.stdout
        assert "nine watts" in done.stdout


class TestSearchOverHttp:
    def test_an_unknown_bot_is_not_found(self, library: ParleyServer) -> None:
        response = library.client.post("/api/v1/bots/bot_none/search", json={"query": "lamp"})
        assert (response.status_code, response.json()["code"]) == (404, "bot_not_found")

    def test_an_empty_list_of_sources_finds_nothing(self, library: ParleyServer) -> None:
        bot = library.api("GET", "/bots")["items"][0]["id"]
        assert library.api("POST", f"/bots/{bot}/search", json={"query": "lamp", "source_ids": []})["hits"] == []


class TestGettingModels:
    def test_a_folder_is_registered_after_its_test(self, tmp_path: Path) -> None:
        source = shutil.copytree(TINY, tmp_path / "tiny")
        done = run_parley(tmp_path / "data", "models", "get", str(source), "--as", "mine", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["name"] == "mine"
        assert (tmp_path / "data" / "models" / "mine" / "model.onnx").is_file()

    def test_an_unknown_name_says_what_there_is(self, tmp_path: Path) -> None:
        done = run_parley(tmp_path / "data", "models", "get", "no-such-model")
        assert done.returncode == 1
        assert "e5-small" in done.stderr
