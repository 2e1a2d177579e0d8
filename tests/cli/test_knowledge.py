"""`parley add`, `status`, `documents` and `document`, as people script against them."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ParleyServer, run_parley

STORY = "# The lighthouse\n\nThe keeper climbs 199 steps each evening.\n"


@pytest.fixture(scope="module")
def bot(parley_server: ParleyServer) -> str:
    parley_server.create_bot("Reader")
    return "Reader"


def run_json(server: ParleyServer, *arguments: str, status: int = 0) -> Any:
    done = run_parley(server.data, *arguments, "--json")
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


class TestAdd:
    def test_result_counts_what_was_read_and_lists_what_failed(
        self, parley_server: ParleyServer, bot: str, tmp_path: Path
    ) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "story.md").write_text(STORY)
        (tmp_path / "folder" / "empty.txt").write_bytes(b"")
        (tmp_path / "loose.txt").write_text("Loose.")
        paths = [str(tmp_path / "folder"), str(tmp_path / "loose.txt")]
        started = time.monotonic()
        result = run_json(parley_server, "add", *paths, "--bot", bot, status=1)
        assert result["documents"] == 2
        assert result["chunks"] >= 2
        assert result["bytes"] == len(STORY) + len("Loose.")
        assert result["unchanged"] == 0
        assert 0 < result["seconds"] <= time.monotonic() - started
        assert result["source_id"] == result["source_ids"][0]
        assert len(result["source_ids"]) == 2
        failed = [(failure["path"], failure["code"]) for failure in result["failed"]]
        assert failed == [(str(tmp_path / "folder" / "empty.txt"), "empty_document")]

    def test_same_folder_again_is_unchanged(self, parley_server: ParleyServer, bot: str, tmp_path: Path) -> None:
        (tmp_path / "story.md").write_text(STORY)
        first = run_json(parley_server, "add", str(tmp_path), "--bot", bot)
        again = run_json(parley_server, "add", str(tmp_path), "--bot", bot)
        assert (again["source_id"], again["documents"], again["unchanged"]) == (first["source_id"], 1, 1)

    def test_missing_path_fails_and_the_others_are_read(
        self, parley_server: ParleyServer, bot: str, tmp_path: Path
    ) -> None:
        (tmp_path / "a.txt").write_text("Here.")
        result = run_json(
            parley_server, "add", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--bot", bot, status=1
        )
        assert result["documents"] == 1
        assert [failure["code"] for failure in result["failed"]] == ["unreadable_file"]

    def test_learn_only_is_the_sources_visibility(self, parley_server: ParleyServer, bot: str, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("Internal.")
        result = run_json(parley_server, "add", str(tmp_path), "--bot", bot, "--learn-only")
        source = parley_server.api("GET", f"/sources/{result['source_id']}")
        assert source["visibility"] == "learn_only"

    def test_no_progress_is_drawn_where_nobody_watches(
        self, parley_server: ParleyServer, bot: str, tmp_path: Path
    ) -> None:
        (tmp_path / "a.txt").write_text("Quiet.")
        done = run_parley(parley_server.data, "add", str(tmp_path), "--bot", bot)
        assert done.stderr == ""
        assert done.stdout.startswith("1 documents, 1 passages")

    def test_unknown_bot_is_an_error(self, parley_server: ParleyServer, tmp_path: Path) -> None:
        done = run_parley(parley_server.data, "add", str(tmp_path), "--bot", "Nobody")
        assert done.returncode == 1
        assert "parley bots create Nobody" in done.stderr


class TestRead:
    def test_documents_and_their_text(self, parley_server: ParleyServer, bot: str, tmp_path: Path) -> None:
        (tmp_path / "umlaute.txt").write_text("Grüße aus Köln.\n", "utf-8")
        run_json(parley_server, "add", str(tmp_path), "--bot", bot)
        listed = run_json(parley_server, "documents", "--bot", bot)
        document = next(item for item in listed if item["path"] == "umlaute.txt")
        assert set(document) == {"id", "title", "path", "version", "pages", "chars", "status", "error"}
        done = run_parley(parley_server.data, "document", document["id"], "--text", "--version", "1")
        assert done.stdout.strip() == "Grüße aus Köln."
        assert len(done.stdout) == document["chars"]

    def test_status_tells_sources_jobs_and_index(self, parley_server: ParleyServer, bot: str) -> None:
        status = run_json(parley_server, "status")
        assert set(status["documents"]) == {"ready", "pending", "failed"}
        assert set(status["jobs"]) == {"queued", "running"}
        assert status["index"]["embedder"]
        assert status["sources"][0]["counts"]["documents"] >= 1
