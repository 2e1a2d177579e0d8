"""`Idempotency-Key` over HTTP, on a real server."""

import json
from typing import Any

import httpx
import pytest

from tests.support.server import ParleyServer

QUESTION = {"text": "When does the ferry leave?"}


@pytest.fixture
def conversation(parley_server: ParleyServer) -> str:
    bot = parley_server.create_bot("Guide")
    return str(parley_server.api("POST", "/conversations", json={"bot_id": bot})["id"])


def ask(server: ParleyServer, conversation: str, key: str, body: Any = QUESTION, **headers: str) -> httpx.Response:
    url = f"/api/v1/conversations/{conversation}/turns"
    return server.client.post(url, json=body, headers={"Idempotency-Key": key, **headers})


def questions(server: ParleyServer, conversation: str) -> int:
    messages = server.api("GET", f"/conversations/{conversation}/messages")["items"]
    return sum(message["author_kind"] == "member" for message in messages)


class TestTheSameRequestAgain:
    def test_gets_the_same_answer_and_asks_once(self, parley_server: ParleyServer, conversation: str) -> None:
        first = ask(parley_server, conversation, "k-1")
        again = ask(parley_server, conversation, "k-1")
        assert first.status_code == again.status_code == 202
        assert first.json() == again.json()
        assert first.headers["location"] == again.headers["location"]
        assert again.headers["idempotent-replayed"] == "true"
        assert "idempotent-replayed" not in first.headers
        assert questions(parley_server, conversation) == 1

    def test_follows_the_same_stream(self, parley_server: ParleyServer, conversation: str) -> None:
        def turns(response: httpx.Response) -> list[Any]:
            lines = [line for line in response.text.splitlines() if line.startswith("data:")]
            return [(json.loads(line[5:])["turn_id"], json.loads(line[5:])["seq"]) for line in lines]

        first = ask(parley_server, conversation, "k-2", Accept="text/event-stream")
        again = ask(parley_server, conversation, "k-2", Accept="text/event-stream")
        assert turns(first) == turns(again)
        assert len(turns(first)) > 2
        assert questions(parley_server, conversation) == 1

    def test_repeats_a_refusal(self, parley_server: ParleyServer) -> None:
        first = ask(parley_server, "conv_none", "k-3")
        again = ask(parley_server, "conv_none", "k-3")
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        assert first.status_code == 404


class TestAnotherRequest:
    def test_under_a_used_key_is_refused(self, parley_server: ParleyServer, conversation: str) -> None:
        ask(parley_server, conversation, "k-4")
        other = ask(parley_server, conversation, "k-4", {"text": "And back?"})
        assert other.status_code == 422
        assert other.json()["code"] == "idempotency_key_reused"

    def test_under_another_key_is_asked(self, parley_server: ParleyServer, conversation: str) -> None:
        ask(parley_server, conversation, "k-5")
        ask(parley_server, conversation, "k-6")
        assert questions(parley_server, conversation) == 2


class TestWhatTakesNoKey:
    def test_an_upload_is_told(self, parley_server: ParleyServer) -> None:
        bot = parley_server.create_bot("Guide")
        files = {"files": ("a.md", b"# A\n")}
        url = f"/api/v1/bots/{bot}/sources"
        answer = parley_server.client.post(url, files=files, headers={"Idempotency-Key": "k-7"})
        assert answer.json()["code"] == "idempotency_not_for_uploads"

    def test_a_stranger_is_refused_as_ever(self, parley_server: ParleyServer, conversation: str) -> None:
        answer = ask(parley_server, conversation, "k-8", Authorization="Bearer nobody")
        assert answer.status_code == 401
