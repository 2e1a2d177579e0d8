"""Every door through which learn-only text could leave the server, for owners and for others."""

import hashlib
import sqlite3
from dataclasses import dataclass

import httpx
import pytest

from tests.support.openai_server import OpenAIServer, running_openai_server
from tests.support.server import ParleyServer

SECRET = (
    b"# Project Bluebird\n\nThe submarine leaves at midnight from pier seven. Captain Halvorsen has the key KX-4471.\n"
)
OPEN = b"# Timetable\n\nThe ferry leaves at 9:40 every day. Tickets cost 12 euros.\n"
TELLTALES = ("bluebird", "submarine", "midnight", "halvorsen", "kx-4471", "board-minutes", "internal papers")


@dataclass(slots=True)
class House:
    """A bot with a citable and a learn-only source, and the keys of an owner and of a member."""

    server: ParleyServer
    bot_id: str
    open_source: str
    secret_source: str
    secret_document: str
    member_key: str

    def get(self, path: str, *, member: bool, method: str = "GET", **more: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.member_key}"} if member else {}
        return self.server.client.request(method, f"/api/v1{path}", headers=headers, **more)  # pyright: ignore


def member_key(server: ParleyServer) -> str:
    """Put a member and a key of theirs into the database, as an invitation will."""
    key = "parley_member-of-the-workspace"
    with sqlite3.connect(server.data / "parley.db", timeout=30) as database:
        workspace, now = database.execute("SELECT id, created_at FROM workspaces").fetchone()
        database.execute("INSERT INTO users (id, name, created_at) VALUES ('user_member', 'Member', ?)", [now])
        database.execute(
            "INSERT INTO memberships (user_id, workspace_id, role) VALUES ('user_member', ?, 'member')", [workspace]
        )
        database.execute(
            "INSERT INTO api_keys (id, user_id, name, token_hash, hint, created_at, workspace_id) "
            "VALUES ('key_member', 'user_member', 'member', ?, 'pace', ?, ?)",
            [hashlib.sha256(key.encode()).digest(), now, workspace],
        )
    return key


@pytest.fixture(scope="module")
def house(parley_server: ParleyServer) -> House:
    bot_id = parley_server.create_bot("Harbour")
    citable = parley_server.upload(bot_id, {"timetable.md": OPEN})
    secret = parley_server.upload(bot_id, {"board-minutes.md": SECRET}, visibility="learn_only", name="Internal papers")
    listed = parley_server.api("GET", f"/bots/{bot_id}/documents", params={"source_id": secret["id"]})
    document = listed["items"][0]["id"]
    return House(parley_server, bot_id, citable["id"], secret["id"], document, member_key(parley_server))


def gives_away(text: str) -> list[str]:
    return [word for word in TELLTALES if word in text.lower()]


class TestDocuments:
    PATHS = (
        "",
        "/text",
        "/chunks",
        "/chunk-preview?strategy=page",
        "/file",
        "/rectangles?start=0&end=5",
        "/versions",
        "/text?version=1",
    )

    @pytest.mark.parametrize("path", PATHS)
    def test_are_refused_to_members(self, house: House, path: str) -> None:
        answer = house.get(f"/documents/{house.secret_document}{path}", member=True)
        assert (answer.status_code, gives_away(answer.text)) in [(403, []), (404, [])]

    @pytest.mark.parametrize("path", ["", "/text", "/chunks", "/chunk-preview?size=64"])
    def test_are_there_for_owners(self, house: House, path: str) -> None:
        assert house.get(f"/documents/{house.secret_document}{path}", member=False).status_code == 200

    def test_are_not_listed_for_members(self, house: House) -> None:
        listed = house.get(f"/bots/{house.bot_id}/documents", member=True)
        named = house.get(f"/bots/{house.bot_id}/documents?source_id={house.secret_source}&q=board", member=True)
        assert [item["path"] for item in listed.json()["items"]] == ["timetable.md"]
        assert named.json()["items"] == []


class TestSources:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "", None),
            ("PATCH", "", {"visibility": "citable"}),
            ("DELETE", "", None),
            ("POST", "/retry", None),
            ("POST", "/pause", None),
            ("GET", "/citing-answers", None),
            ("GET", "/files", None),
        ],
    )
    def test_are_refused_to_members(self, house: House, method: str, path: str, body: object) -> None:
        answer = house.get(f"/sources/{house.secret_source}{path}", member=True, method=method, json=body)
        assert answer.status_code in (403, 404, 405)
        assert gives_away(answer.text) == []
        assert house.get(f"/sources/{house.secret_source}", member=False).json()["visibility"] == "learn_only"

    @pytest.mark.parametrize("path", ["/bots/{bot}/sources", "/status", "/deleted-sources", "/bots", "/conversations"])
    def test_are_not_named_in_lists_for_members(self, house: House, path: str) -> None:
        answer = house.get(path.format(bot=house.bot_id), member=True)
        assert answer.status_code == 200
        assert gives_away(answer.text) == []


class TestSearch:
    QUESTION = "When does the submarine leave?"

    def test_leaves_learn_only_text_out(self, house: House) -> None:
        for member in (True, False):
            body = {"query": "pier seven key of the captain", "limit": 50}
            answer = house.get(f"/bots/{house.bot_id}/search", member=member, method="POST", json=body)
            assert answer.status_code == 200
            assert gives_away(answer.text) == []

    def test_gives_it_to_owners_who_ask_for_it(self, house: House) -> None:
        body = {"query": self.QUESTION, "include_learn_only": True}
        owner = house.get(f"/bots/{house.bot_id}/search", member=False, method="POST", json=body)
        member = house.get(f"/bots/{house.bot_id}/search", member=True, method="POST", json=body)
        assert "midnight" in owner.text
        assert (member.status_code, gives_away(member.text)) == (403, [])

    def test_cannot_be_led_there_by_naming_the_source(self, house: House) -> None:
        body = {"query": "pier seven", "source_ids": [house.secret_source]}
        answer = house.get(f"/bots/{house.bot_id}/search", member=True, method="POST", json=body)
        assert answer.json()["hits"] == []


@pytest.fixture(scope="module")
def provider() -> "object":
    with running_openai_server() as server:
        yield server


class TestAnswers:
    QUESTION = "What leaves from pier seven, and when does the ferry leave?"

    def test_give_nothing_away_by_any_route(self, house: House, provider: OpenAIServer) -> None:
        body = {"name": "echo", "kind": "openai", "base_url": provider.url, "model": "repeat-prompt"}
        model = house.server.api("POST", "/models", json=body)
        house.server.api("PATCH", f"/bots/{house.bot_id}", json={"model_id": model["id"]})
        conversation = house.server.api("POST", "/conversations", json={"bot_id": house.bot_id})["id"]
        path = f"/conversations/{conversation}/turns"
        stream = house.get(
            path, member=False, method="POST", json={"text": self.QUESTION}, timeout=60,
        )  # fmt: skip
        turn = stream.json()["id"]
        told = house.get(f"/turns/{turn}/events", member=False).text
        assert "completed" in told
        assert "midnight" in str(provider.requests[0]), "the model was given learn-only text"
        routes = [
            f"/turns/{turn}",
            f"/turns/{turn}/trace",
            f"/turns/{turn}/replay",
            f"/conversations/{conversation}",
            f"/conversations/{conversation}/messages",
            f"/conversations/{conversation}/export?format=markdown",
            f"/conversations/{conversation}/export?format=json",
            "/conversations",
            "/conversations/export",
            "/conversations/search?q=midnight",
            f"/bots/{house.bot_id}",
            f"/bots/{house.bot_id}/gaps",
            f"/bots/{house.bot_id}/held-back",
            "/events",
        ]
        for text in [told, *(self._read(house, route) for route in routes)]:
            assert gives_away(text) == []
        held = house.server.api("GET", f"/bots/{house.bot_id}/held-back")["items"]
        assert {item["turn_id"] for item in held} == {turn}
        assert house.get(f"/bots/{house.bot_id}/held-back", member=True).status_code == 403
        assert gives_away("".join(house.server.log).replace("board-minutes.md", "")) == []
        assert gives_away(house.server.client.get("/metrics").text) == []

    def _read(self, house: House, route: str) -> str:
        if route == "/events":
            with house.server.client.stream("GET", "/api/v1/events?after=0", timeout=5) as response:
                lines: list[str] = []
                for line in response.iter_lines():
                    lines.append(line)
                    if "answer.held_back" in line:
                        return "\n".join(lines)
        return house.get(route, member=False).text


class TestASourceThatBecomesLearnOnly:
    def test_is_told_which_answers_cite_it_and_takes_its_words_back(self, parley_server: ParleyServer) -> None:
        server = parley_server
        bot_id = server.create_bot("Turncoat")
        source = server.upload(
            bot_id, {"tower.md": b"# Tower\n\nThe lighthouse keeper climbs 199 steps each evening.\n"}
        )
        conversation = server.api("POST", "/conversations", json={"bot_id": bot_id})["id"]
        asked = server.api("POST", f"/conversations/{conversation}/turns", json={"text": "How many steps to climb?"})
        with server.client.stream("GET", f"/api/v1/turns/{asked['id']}/events") as response:
            assert "199 steps" in response.read().decode()
        citing = server.api("GET", f"/sources/{source['id']}/citing-answers")
        assert citing["total"] == 1
        assert citing["items"][0]["turn_id"] == asked["id"]
        server.api("PATCH", f"/sources/{source['id']}", json={"visibility": "learn_only"})
        for route in (
            f"/turns/{asked['id']}",
            f"/conversations/{conversation}/messages",
            f"/conversations/{conversation}/export?format=markdown",
            "/conversations/search?q=keeper",
            "/bots",
        ):
            text = server.client.get(f"/api/v1{route}").text
            assert "199 steps" not in text
            assert "keeper" not in text
        events = server.client.get(f"/api/v1/turns/{asked['id']}/events", headers={"Accept": "application/json"}).text
        assert "199 steps" not in events
        assert "tower" not in events.lower()
