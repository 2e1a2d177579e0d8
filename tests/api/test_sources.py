"""Sources, documents, jobs and events through a running server."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import ParleyServer
from tests.support.waiting import wait_for

STORY = b"# The lighthouse\n\nThe keeper climbs 199 steps each evening.\n"


@pytest.fixture(scope="module")
def bot_id(parley_server: ParleyServer) -> str:
    return parley_server.create_bot("Reader")


def documents(server: ParleyServer, bot_id: str, source: dict[str, Any]) -> dict[str, Any]:
    page = server.api("GET", f"/bots/{bot_id}/documents", params={"source_id": source["id"]})
    return {document["path"]: document for document in page["items"]}


@pytest.fixture(scope="module")
def document(parley_server: ParleyServer, bot_id: str) -> dict[str, Any]:
    source = parley_server.upload(bot_id, {"story.md": STORY})
    found: dict[str, Any] = documents(parley_server, bot_id, source)["story.md"]
    return found


class TestUpload:
    def test_files_become_documents_of_one_source(self, parley_server: ParleyServer, bot_id: str) -> None:
        source = parley_server.upload(bot_id, {"story.md": STORY, "note.txt": b"Boats pass."})
        assert (source["kind"], source["status"], source["counts"]["ready"]) == ("upload", "ready", 2)
        assert set(documents(parley_server, bot_id, source)) == {"story.md", "note.txt"}

    def test_folders_of_the_sender_are_kept_and_tricks_are_not(self, parley_server: ParleyServer, bot_id: str) -> None:
        paths = json.dumps(["manual/story.md", "../../../etc/passwd", "C:\\temp\\x.txt"])
        files = {"a": STORY, "b": b"Not a password.", "c": b"Windows."}
        source = parley_server.upload(bot_id, files, relative_paths=paths)
        assert set(documents(parley_server, bot_id, source)) == {"manual/story.md", "etc/passwd", "temp/x.txt"}

    def test_bad_file_is_its_own_error_in_the_list(self, parley_server: ParleyServer, bot_id: str) -> None:
        source = parley_server.upload(bot_id, {"empty.txt": b"", "good.txt": b"Readable."})
        found = documents(parley_server, bot_id, source)
        assert source["status"] == "ready"
        assert found["empty.txt"]["error"]["code"] == "empty_document"
        assert found["good.txt"]["error"] is None

    def test_pictures_among_documents_are_told_apart(self, parley_server: ParleyServer) -> None:
        bot_id = parley_server.create_bot("Pictures")
        picture, drawing = b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>"
        files = {"a.txt": b"Text.", "empty.txt": b"", "photo.png": picture, "logo.svg": drawing}
        source = parley_server.upload(bot_id, files)
        counts = source["counts"]
        assert (counts["documents"], counts["ready"], counts["failed"], counts["no_documents"]) == (4, 1, 3, 2)
        found = documents(parley_server, bot_id, source)
        assert {found[path]["error"]["code"] for path in ("photo.png", "logo.svg")} == {"unsupported_format"}
        for wanted, paths in ((True, {"photo.png", "logo.svg"}), (False, {"a.txt", "empty.txt"})):
            page = parley_server.api("GET", f"/bots/{bot_id}/documents", params={"no_documents": wanted})
            assert {item["path"] for item in page["items"]} == paths
        bot = parley_server.api("GET", f"/bots/{bot_id}")
        assert (bot["counts"]["failed"], bot["counts"]["no_documents"]) == (3, 2)

    def test_learn_only_and_name_are_taken_from_the_form(self, parley_server: ParleyServer, bot_id: str) -> None:
        source = parley_server.upload(bot_id, {"a.txt": b"Secret."}, visibility="learn_only", name="Internal")
        assert (source["name"], source["visibility"]) == ("Internal", "learn_only")

    def test_file_of_a_conversation_is_not_a_source_of_the_bot(self, parley_server: ParleyServer, bot_id: str) -> None:
        source = parley_server.upload(bot_id, {"a.txt": b"Only here."}, conversation_id="conv_1")
        listed = parley_server.api("GET", f"/bots/{bot_id}/sources", params={"limit": 200})
        assert source["conversation_id"] == "conv_1"
        assert source["id"] not in {item["id"] for item in listed["items"]}

    def test_large_upload_arrives_whole(self, parley_server: ParleyServer, bot_id: str) -> None:
        content = b"".join(b"Line %d of a long log.\n" % number for number in range(200_000))
        source = parley_server.upload(bot_id, {"log.txt": content})
        document = documents(parley_server, bot_id, source)["log.txt"]
        file = parley_server.client.get(f"/api/v1/documents/{document['id']}/file")
        assert document["bytes"] == len(content)
        assert file.content == content

    def test_files_can_be_added_later(self, parley_server: ParleyServer, bot_id: str) -> None:
        source = parley_server.upload(bot_id, {"a.txt": b"One."})
        parley_server.api("POST", f"/sources/{source['id']}/files", files=[("files", ("b.txt", b"Two."))])
        assert parley_server.wait_for_source(source["id"])["counts"]["ready"] == 2

    @pytest.mark.parametrize(
        ("request_parts", "code"),
        [
            ({"files": [("other", (None, "x"))]}, "invalid_input"),
            ({"content": b"x", "headers": {"content-type": "text/plain"}}, "not_multipart"),
            (
                {"content": b"--b\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=b"}},
                "malformed_upload",
            ),
            (
                {
                    "content": b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nhalf',
                    "headers": {"content-type": "multipart/form-data; boundary=b"},
                },
                "malformed_upload",
            ),
            ({"files": [("files", ("a.txt", b"x"))], "data": {"relative_paths": "[]"}}, "invalid_input"),
            ({"files": [("files", ("a.txt", b"x"))], "data": {"visibility": "public"}}, "invalid_input"),
        ],
    )
    def test_wrong_forms_are_refused(
        self, parley_server: ParleyServer, bot_id: str, request_parts: dict[str, Any], code: str
    ) -> None:
        response = parley_server.client.post(f"/api/v1/bots/{bot_id}/sources", **request_parts)
        assert (response.status_code, response.json()["code"]) == (422, code)

    def test_unknown_bot_is_refused(self, parley_server: ParleyServer) -> None:
        response = parley_server.client.post("/api/v1/bots/bot_none/sources", files=[("files", ("a.txt", b"x"))])
        assert (response.status_code, response.json()["code"]) == (404, "bot_not_found")


class TestFolder:
    def test_folder_is_read_and_read_again(self, parley_server: ParleyServer, bot_id: str, tmp_path: Path) -> None:
        (tmp_path / "a.md").write_bytes(STORY)
        body = {"kind": "folder", "path": str(tmp_path)}
        source = parley_server.api("POST", f"/bots/{bot_id}/sources", json=body)
        assert parley_server.wait_for_source(source["id"])["counts"]["ready"] == 1
        (tmp_path / "b.txt").write_text("More.")
        parley_server.api("POST", f"/sources/{source['id']}/sync")
        again = parley_server.wait_for_source(source["id"])
        # The folder is watched too: the new file may have been read before it was asked for.
        assert (again["counts"]["ready"], again["counts"]["unchanged"] in (1, 2)) == (2, True)

    def test_projects_are_told_apart_by_their_folders(self, parley_server: ParleyServer, tmp_path: Path) -> None:
        days = {"Harbour Bridge": 14, "Oakwood School": 30, "City Library": 45}
        for name, count in days.items():
            (tmp_path / "Projects" / name).mkdir(parents=True)
            text = f"# Contract\n\nInvoices are payable within {count} days of receipt.\n"
            (tmp_path / "Projects" / name / "contract.md").write_text(text)
        bot_id = parley_server.create_bot("Projects")
        body = {"kind": "folder", "path": str(tmp_path)}
        source = parley_server.api("POST", f"/bots/{bot_id}/sources", json=body)
        parley_server.wait_for_source(source["id"])

        def first(name: str) -> str:
            query = {"query": f"Within how many days are invoices of the {name} payable?"}
            text: str = parley_server.api("POST", f"/bots/{bot_id}/search", json=query)["hits"][0]["text"]
            return text

        for name, count in days.items():
            assert f"{count} days" in first(name)
        (tmp_path / "Projects" / "City Library").rename(tmp_path / "Projects" / "Lakeside Clinic")
        parley_server.api("POST", f"/sources/{source['id']}/sync")
        wait_for(lambda: "45 days" in first("Lakeside Clinic"), "the new name")
        parley_server.api("PATCH", f"/sources/{source['id']}", json={"name": "Building sites"})
        other = parley_server.upload(bot_id, {"contract.md": b"Invoices are payable within 99 days of receipt."})
        parley_server.api("PATCH", f"/sources/{other['id']}", json={"name": "Zenith Tower"})
        wait_for(lambda: "99 days" in first("Zenith Tower"), "the name of the source")

    def test_relative_path_is_refused(self, parley_server: ParleyServer, bot_id: str) -> None:
        body = {"kind": "folder", "path": "documents"}
        response = parley_server.client.post(f"/api/v1/bots/{bot_id}/sources", json=body)
        assert (response.status_code, response.json()["code"]) == (422, "path_not_absolute")


class TestDocument:
    def test_text_has_ranges_and_can_be_asked_in_parts(
        self, parley_server: ParleyServer, document: dict[str, Any]
    ) -> None:
        whole = parley_server.api("GET", f"/documents/{document['id']}/text")
        part = parley_server.api("GET", f"/documents/{document['id']}/text", params={"start": 4, "end": 14})
        assert whole["chars"] == len(whole["text"]) == document["chars"]
        assert part["text"] == whole["text"][4:14]
        assert "heading" in {found["kind"] for found in whole["ranges"]}

    def test_plain_text_is_the_text_alone(self, parley_server: ParleyServer, document: dict[str, Any]) -> None:
        response = parley_server.client.get(
            f"/api/v1/documents/{document['id']}/text", headers={"Accept": "text/plain"}
        )
        assert "199 steps" in response.text
        assert response.headers["content-type"].startswith("text/plain")

    def test_chunks_are_spans_of_the_text(self, parley_server: ParleyServer, document: dict[str, Any]) -> None:
        text = parley_server.api("GET", f"/documents/{document['id']}/text")["text"]
        chunks = parley_server.api("GET", f"/documents/{document['id']}/chunks")["items"]
        assert chunks
        assert all(text[chunk["start"] : chunk["end"]] == chunk["text"] for chunk in chunks)

    def test_original_is_saved_and_never_rendered(self, parley_server: ParleyServer, document: dict[str, Any]) -> None:
        response = parley_server.client.get(f"/api/v1/documents/{document['id']}/file")
        assert response.content == STORY
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"].startswith("sandbox")

    def test_missing_version_has_a_clear_error(self, parley_server: ParleyServer, document: dict[str, Any]) -> None:
        response = parley_server.client.get(f"/api/v1/documents/{document['id']}/text", params={"version": 9})
        assert (response.status_code, response.json()["code"]) == (404, "version_not_found")

    def test_list_is_searched_by_path(self, parley_server: ParleyServer, bot_id: str) -> None:
        parley_server.upload(bot_id, {"rare-name_100%.txt": b"Found by name."})
        page = parley_server.api("GET", f"/bots/{bot_id}/documents", params={"q": "RARE-name_100%"})
        assert [document["path"] for document in page["items"]] == ["rare-name_100%.txt"]

    def test_list_is_paged(self, parley_server: ParleyServer, bot_id: str) -> None:
        source = parley_server.upload(bot_id, {f"{number}.txt": b"x y z" for number in range(5)})
        seen: list[str] = []
        cursor = None
        while True:
            params = {"source_id": source["id"], "limit": 2, **({"cursor": cursor} if cursor else {})}
            page = parley_server.api("GET", f"/bots/{bot_id}/documents", params=params)
            seen += [document["path"] for document in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == [f"{number}.txt" for number in range(5)]


class TestDelete:
    def test_source_is_gone_at_once(self, parley_server: ParleyServer, bot_id: str) -> None:
        source = parley_server.upload(bot_id, {"a.txt": b"Zanzibar is mentioned only here."})
        document = documents(parley_server, bot_id, source)["a.txt"]
        assert parley_server.client.delete(f"/api/v1/sources/{source['id']}").status_code == 200
        assert parley_server.client.get(f"/api/v1/sources/{source['id']}").status_code == 404
        assert parley_server.client.get(f"/api/v1/documents/{document['id']}").status_code == 404
        hits = parley_server.api("POST", f"/bots/{bot_id}/search", json={"query": "Zanzibar"})["hits"]
        assert not [hit for hit in hits if hit["source_id"] == source["id"]]


class TestJob:
    def test_job_of_a_source_tells_how_it_ended(self, parley_server: ParleyServer, bot_id: str) -> None:
        source = parley_server.upload(bot_id, {"a.txt": b"One.", "empty.txt": b""})
        deadline = time.monotonic() + 30
        while (job := parley_server.api("GET", f"/jobs/{source['job_id']}"))["status"] == "running":
            assert time.monotonic() < deadline
        assert (job["status"], job["done"], job["total"], job["failed"]) == ("done", 2, 2, 1)


class TestEvents:
    def test_stream_goes_on_where_it_was_left(self, parley_server: ParleyServer, bot_id: str) -> None:
        parley_server.upload(bot_id, {"a.txt": b"One."})
        first = read_events(parley_server, {"Last-Event-ID": "0"}, 2)
        resumed = read_events(parley_server, {"Last-Event-ID": str(first[0]["seq"])}, 1)
        assert resumed[0] == first[1]
        assert set(first[0]) == {"seq", "type", "target_id", "done", "total", "failed", "code", "at"}


def read_events(server: ParleyServer, headers: dict[str, str], number: int) -> list[Any]:
    found: list[Any] = []
    with server.client.stream("GET", "/api/v1/events", headers=headers, timeout=httpx.Timeout(30)) as response:
        for line in response.iter_lines():
            if line.startswith("data:"):
                found.append(json.loads(line[5:]))
            if len(found) == number:
                break
    return found
