"""While a folder is read, a question brings the unread files that it is about to the front."""

from pathlib import Path

from tests.support.server import ParleyServer, running_parley
from tests.support.waiting import wait_for

FILES = 1_500
PARAGRAPH = "Of the harbour in the year {number}: the ferry left at nine, and the keeper counted {number} boats. " * 30


def folder_of_files(folder: Path) -> None:
    for number in range(FILES):
        name = folder / f"{number // 100:02}" / f"{number:04}.txt"
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_text(PARAGRAPH.format(number=number) + (f"The {word(number)} is kept in room {number}."))


def word(number: int) -> str:
    """Return a word that stands in one file alone."""
    return "zan" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}") + "quor"


def state(server: ParleyServer) -> tuple[int, int]:
    """Return how many files wait to be read, and how many of those are known by their words."""
    found = server.api("GET", "/status")
    return found["documents"]["pending"], found["index"]["unread_documents"]


def is_known(server: ParleyServer) -> bool:
    """Whether all files were found, and each is read or known by its words."""
    pending, unread = state(server)
    return pending == unread and server.api("GET", "/status")["documents"]["ready"] + unread > 0


def test_a_word_that_only_unread_files_hold_is_found_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder_of_files(folder)
    env = {"PARLEY_KNOWLEDGE__SKIM_BYTES": "0", "PARLEY_RETRIEVAL__UNREAD_SECONDS": "30"}
    with running_parley(tmp_path / "data", env) as server:
        bot_id = server.create_bot("Harbour")
        other_id = server.create_bot("Elsewhere")
        source = server.api("POST", f"/bots/{bot_id}/sources", json={"kind": "folder", "path": str(folder)})
        wait_for(lambda: is_known(server), "the first look", 60)

        def found(number: int, bot: str = bot_id) -> list[str]:
            body = {"query": f"Where is the {word(number)} kept?", "limit": 3}
            hits = server.api("POST", f"/bots/{bot}/search", json=body)["hits"]
            return [hit["document"]["path"] for hit in hits if word(number) in hit["text"]]

        # A bot that may not see the source does not have its files read.
        assert found(FILES - 1, other_id) == []
        for number in range(FILES - 1, FILES - 6, -1):
            assert found(number) == [f"{number // 100:02}/{number:04}.txt"]
        wait_for(lambda: server.api("GET", f"/sources/{source['id']}")["status"] == "ready", "the rest", 120)
        documents = server.api("GET", f"/sources/{source['id']}")["counts"]
        assert (documents["ready"], documents["failed"]) == (FILES, 0)
        assert state(server) == (0, 0)
        assert found(3) == ["00/0003.txt"]
