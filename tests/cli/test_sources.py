"""`parley sources`, `sync`, `versions`, `diff` and `rollback`, against a running server."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ParleyServer, run_parley


@pytest.fixture(scope="module")
def bot(parley_server: ParleyServer) -> str:
    parley_server.create_bot("Reader")
    return "Reader"


def run_json(server: ParleyServer, *arguments: str, status: int = 0) -> Any:
    done = run_parley(server.data, *arguments, "--json")
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


class TestSources:
    def test_folder_is_listed_paused_synced_deleted_and_restored(
        self, parley_server: ParleyServer, bot: str, tmp_path: Path
    ) -> None:
        folder = tmp_path / "guides"
        folder.mkdir()
        (folder / "a.md").write_text("# One\n\nThe first guide.\n")
        source_id = run_json(parley_server, "add", str(folder), "--bot", bot)["source_id"]
        listed = run_json(parley_server, "sources", "--bot", bot)
        assert [(source["id"], source["counts"]["ready"]) for source in listed] == [(source_id, 1)]
        assert run_json(parley_server, "sources", "pause", "guides")["paused"]
        (folder / "b.md").write_text("# Two\n\nThe second guide.\n")
        refused = run_parley(parley_server.data, "sync", source_id)
        assert (refused.returncode, "source_paused" in refused.stderr) == (1, True)
        run_json(parley_server, "sources", "resume", str(folder))
        synced = run_json(parley_server, "sync", source_id)
        assert [source["counts"]["ready"] for source in synced] == [2]
        scheduled = run_json(parley_server, "sources", "schedule", source_id, "0 3 * * *")
        assert scheduled["next_sync_at"] is not None
        assert run_json(parley_server, "sources", "delete", source_id)["purge_at"] is not None
        assert run_json(parley_server, "sources", "--bot", bot) == []
        assert [source["id"] for source in run_json(parley_server, "sources", "--deleted")] == [source_id]
        assert run_json(parley_server, "sources", "restore", source_id)["id"] == source_id
        shown = run_parley(parley_server.data, "sources").stdout
        assert source_id in shown
        assert "0 3 * * *" in shown


class TestPassages:
    def test_a_source_is_cut_as_was_asked_for_and_anew(
        self, parley_server: ParleyServer, bot: str, tmp_path: Path
    ) -> None:
        table = tmp_path / "prices"
        table.mkdir()
        (table / "prices.csv").write_text("name,price\n" + "".join(f"valve {n},{n}\n" for n in range(9)))
        added = run_json(parley_server, "add", str(table), "--bot", bot, "--chunking", "row", "--chunk-size", "64")
        assert added["chunks"] == 9
        listed = run_json(parley_server, "documents", "--bot", bot)
        document_id = next(document["id"] for document in listed if document["path"] == "prices.csv")
        preview = run_parley(parley_server.data, "document", document_id, "--chunks", "--chunking", "page", "--json")
        whole = [json.loads(line) for line in preview.stdout.splitlines()]
        assert [chunk["ordinal"] for chunk in whole] == [0]
        before = parley_server.api("GET", f"/documents/{document_id}/chunks")["items"]
        assert (len(before), before[1]["heading"]) == (9, ["name | price"])
        changed = run_json(parley_server, "sources", "set", "prices", "--chunking", "page")
        assert (changed["chunking"]["strategy"], changed["chunking"]["pending"]) == ("page", False)
        after = parley_server.api("GET", f"/documents/{document_id}/chunks")["items"]
        assert [chunk["text"] for chunk in after] == [whole[0]["text"]]
        refused = run_parley(parley_server.data, "sources", "set", "prices", "--chunk-size", "64", "--overlap", "60")
        assert (refused.returncode, "more than half" in refused.stderr) == (1, True)

    def test_one_document_is_read_again(self, parley_server: ParleyServer, bot: str, tmp_path: Path) -> None:
        path = tmp_path / "empty.md"
        path.write_bytes(b"")
        failed = run_json(parley_server, "add", str(path), "--bot", bot, status=1)
        assert failed["failed"][0]["path"] == str(path)
        listed = run_json(parley_server, "documents", "--bot", bot)
        document_id = next(document["id"] for document in listed if document["path"] == str(path))
        assert run_json(parley_server, "document", document_id, "--retry", status=1)["status"] == "failed"
        path.write_bytes(b"# Mended\n\nIt is a text now.\n")
        assert run_json(parley_server, "document", document_id, "--retry")["status"] == "ready"


class TestVersions:
    def test_change_is_shown_and_taken_back(self, parley_server: ParleyServer, bot: str, tmp_path: Path) -> None:
        path = tmp_path / "tower.txt"
        path.write_text("The keeper climbs 199 steps.\n")
        run_json(parley_server, "add", str(path), "--bot", bot)
        path.write_text("The keeper climbs 201 steps.\n")
        run_json(parley_server, "add", str(path), "--bot", bot)
        documents = run_json(parley_server, "documents", "--bot", bot)
        document_id = next(document["id"] for document in documents if document["path"] == str(path))
        found = run_json(parley_server, "versions", document_id)
        assert [(version["number"], version["current"]) for version in found] == [(2, True), (1, False)]
        lines = run_parley(parley_server.data, "diff", document_id, "1", "2").stdout.splitlines()
        assert lines[1:] == ["-The keeper climbs 199 steps.", "+The keeper climbs 201 steps."]
        assert run_json(parley_server, "rollback", document_id, "1")["version"] == 1
        text = run_parley(parley_server.data, "document", document_id, "--text").stdout
        assert "199" in text
