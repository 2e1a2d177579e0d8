"""Chat over HTTP and WebSocket, against a real server process and a provider on loopback."""

import json
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.support.openai_server import OpenAIServer, running_openai_server
from tests.support.server import ParleyServer, run_parley, running_parley
from tests.support.waiting import wait_for

BOATS = b"# Boats\n\nThe ferry leaves at 9:40 every day. Tickets cost 12 euros. Dogs travel free of charge.\n"
QUESTION = "When does the ferry leave?"
SSE = {"Accept": "text/event-stream"}
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def provider() -> Generator[OpenAIServer]:
    with running_openai_server() as server:
        yield server


@pytest.fixture(scope="module")
def bot_id(parley_server: ParleyServer) -> str:
    bot = parley_server.create_bot("Guide")
    assert parley_server.upload(bot, {"boats.md": BOATS})["status"] == "ready"
    return bot


class Chat:
    """One conversation."""

    def __init__(self, server: ParleyServer, provider: OpenAIServer, bot_id: str) -> None:
        self.server = server
        self.provider = provider
        self.bot_id = bot_id
        self.id = str(server.api("POST", "/conversations", json={"bot_id": bot_id})["id"])

    def use(self, behaviour: str | None) -> None:
        """Let the bot answer with a behaviour of the provider, or without a model."""
        self.provider.calls.clear()
        self.provider.release.clear()
        models = self.server.api("GET", "/models")["items"]
        found = next((model for model in models if model["name"] == behaviour), None)
        if behaviour is not None and found is None:
            body = {"name": behaviour, "base_url": self.provider.url, "model": behaviour, "key": "sk-secret"}
            found = self.server.api("POST", "/models", json=body)
        self.server.api(
            "PATCH", f"/bots/{self.bot_id}", json={"model_id": found["id"] if found else None, "cache_answers": False}
        )

    def ask(self, text: str = QUESTION) -> str:
        """Ask, and return the turn's id at once."""
        return str(self.server.api("POST", f"/conversations/{self.id}/turns", json={"text": text})["id"])

    def stream(self, turn_id: str, after: int = 0, last_seen: str = "") -> Iterator[dict[str, Any]]:
        """Yield events as they come."""
        path = f"/api/v1/turns/{turn_id}/events"
        headers = {**SSE, "Last-Event-ID": last_seen}
        with self.server.client.stream("GET", path, params={"after": after}, headers=headers) as response:
            assert response.status_code == 200
            yield from events_of(response.iter_lines())

    def end(self, turn_id: str) -> dict[str, Any]:
        """Wait for the end of a turn and return it."""
        list(self.stream(turn_id))
        turn: dict[str, Any] = self.server.api("GET", f"/turns/{turn_id}")
        return turn


def events_of(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    number, event = "", dict[str, Any]()
    for line in lines:
        if line.startswith("id:"):
            number = line[3:].strip()
        elif line.startswith("data:"):
            event = json.loads(line[5:])
        elif not line:
            assert number == str(event["seq"])
            yield event


@pytest.fixture
def chat(parley_server: ParleyServer, provider: OpenAIServer, bot_id: str) -> Generator[Chat]:
    opened = Chat(parley_server, provider, bot_id)
    opened.use(None)
    yield opened
    provider.release.set()


class TestAsking:
    def test_streams_the_events_of_the_question_it_posts(self, chat: Chat) -> None:
        path = f"/api/v1/conversations/{chat.id}/turns"
        with chat.server.client.stream("POST", path, json={"text": QUESTION}, headers=SSE) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            events = list(events_of(response.iter_lines()))
        types = [event["type"] for event in events]
        assert types[:4] == ["turn.queued", "turn.started", "understood", "retrieved"]
        assert types[-1] == "completed"
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        citation = next(event for event in events if event["type"] == "citation")
        assert citation["document"]["path"] == "boats.md"

    def test_returns_the_turn_at_once_without_a_stream(self, chat: Chat) -> None:
        response = chat.server.client.post(f"/api/v1/conversations/{chat.id}/turns", json={"text": QUESTION})
        assert response.status_code == 202
        turn_id = response.json()["id"]
        assert response.headers["location"] == f"/api/v1/turns/{turn_id}"
        turn = chat.end(turn_id)
        assert "The ferry leaves at 9:40 every day." in turn["answer"]

    def test_quotes_are_the_documents_text(self, chat: Chat) -> None:
        citation = chat.end(chat.ask())["citations"][0]
        document = citation["document"]
        text = chat.server.api("GET", f"/documents/{document['id']}/text", params={"version": document["version"]})
        assert text["text"][citation["start"] : citation["end"]] == citation["quote"]

    def test_keeps_the_conversation(self, chat: Chat) -> None:
        turn = chat.end(chat.ask())
        items = chat.server.api("GET", f"/conversations/{chat.id}/messages", params={"order": "desc"})["items"]
        assert [item["author_kind"] for item in items] == ["bot", "member"]
        assert items[0]["answer"]["citations"] == turn["citations"]
        assert items[0]["text"] == turn["answer"]
        assert items[1]["text"] == QUESTION
        listed = chat.server.api("GET", "/conversations", params={"bot_id": chat.bot_id})["items"]
        assert listed[0]["id"] == chat.id
        assert listed[0]["active_turn_id"] is None

    @pytest.mark.parametrize(
        ("path", "body", "status", "code"),
        [
            ("/conversations/none/turns", {"text": "x"}, 404, "conversation_not_found"),
            ("/conversations/{id}/turns", {"text": "  "}, 422, "invalid_input"),
            ("/conversations/{id}/turns", {}, 422, "empty_question"),
            ("/conversations/{id}/turns", {"regenerate_of": "none"}, 404, "turn_not_found"),
            ("/conversations/{id}/turns", {"text": "x", "attachments": ["none"]}, 404, "attachment_not_found"),
            ("/conversations", {"bot_id": "none"}, 404, "bot_not_found"),
            ("/turns/none/stop", None, 404, "turn_not_found"),
        ],
    )
    def test_refuses_with_a_stable_code(
        self, chat: Chat, path: str, body: dict[str, Any] | None, status: int, code: str
    ) -> None:
        response = chat.server.client.post(f"/api/v1{path.format(id=chat.id)}", json=body, headers=SSE)
        assert (response.status_code, response.json()["code"]) == (status, code)


class TestFollowing:
    def test_goes_on_after_the_last_event_that_was_seen(self, chat: Chat) -> None:
        turn_id = chat.ask()
        events = list(chat.stream(turn_id))
        assert list(chat.stream(turn_id, last_seen="3")) == events[3:]
        assert list(chat.stream(turn_id, after=4)) == events[4:]
        page = chat.server.api(
            "GET", f"/turns/{turn_id}/events", params={"after": 2}, headers={"Accept": "application/json"}
        )
        assert page["items"] == events[2:]

    def test_refuses_a_strange_event_id_and_a_strange_turn(self, chat: Chat) -> None:
        client = chat.server.client
        assert client.get("/api/v1/turns/none/events", headers=SSE).status_code == 404
        response = client.get("/api/v1/turns/none/events", headers={**SSE, "Last-Event-ID": "x"})
        assert response.json()["code"] == "invalid_event_id"

    def test_a_reader_who_leaves_and_comes_back_misses_nothing(self, chat: Chat) -> None:
        chat.use("gated")
        turn_id = chat.ask()
        seen: list[dict[str, Any]] = []
        for event in chat.stream(turn_id):
            seen.append(event)
            if event["type"] == "token":
                break
        chat.provider.release.set()
        rest = list(chat.stream(turn_id, after=seen[-1]["seq"]))
        assert [event["seq"] for event in [*seen, *rest]] == list(range(1, rest[-1]["seq"] + 1))
        assert chat.end(turn_id)["answer"] == "The ferry leaves at 9:40."


class TestAProviderThatMisbehaves:
    @pytest.mark.parametrize(
        "behaviour", ["plain", "rate-limited-once", "broken-once", "cut-once", "no-usage", "thinking"]
    )
    def test_does_not_keep_the_answer_from_coming(self, chat: Chat, behaviour: str) -> None:
        chat.use(behaviour)
        turn = chat.end(chat.ask())
        assert turn["status"] == "completed"
        assert turn["answer"] == "The ferry leaves at 9:40. Tickets cost 12 euros."
        assert turn["support_rate"] == 1.0
        assert turn["usage"]["estimated"] == (behaviour in ("no-usage", "cut-once"))

    @pytest.mark.parametrize(
        ("behaviour", "code", "kept"),
        [
            ("rate-limited", "rate_limited", ""),
            ("broken", "provider_error", ""),
            ("wrong-key", "provider_key_refused", ""),
            ("cut", "provider_cut_off", "The ferry leaves at 9:40. Tickets cost"),
            ("malformed", "provider_malformed", "The ferry"),
            ("error-inside", "provider_error", "The ferry"),
            ("wordless", "provider_empty", ""),
        ],
    )
    def test_ends_as_a_clear_message_with_what_was_written(
        self, chat: Chat, behaviour: str, code: str, kept: str
    ) -> None:
        chat.use(behaviour)
        turn = chat.end(chat.ask())
        assert (turn["status"], turn["error"]["code"]) == ("failed", code)
        assert turn["answer"].strip() == kept
        assert "secret" not in json.dumps(turn)
        chat.use(None)
        assert chat.end(chat.ask())["status"] == "completed"

    def test_can_be_stopped_while_it_is_silent(self, chat: Chat) -> None:
        chat.use("stalling")
        turn_id = chat.ask()
        next(event for event in chat.stream(turn_id) if event["type"] == "token")
        turn = chat.server.api("POST", f"/turns/{turn_id}/stop")
        assert turn["status"] == "stopped"
        assert turn["answer"].startswith("The ferry")
        assert [event["type"] for event in chat.stream(turn_id)][-1] == "stopped"


class TestManyAtOnce:
    def test_two_hundred_streams_all_complete(self, chat: Chat) -> None:
        chat.use("plain")
        conversations = [
            str(chat.server.api("POST", "/conversations", json={"bot_id": chat.bot_id})["id"]) for _ in range(200)
        ]

        headers = SSE | {"Authorization": f"Bearer {chat.server.key}"}

        def run(conversation_id: str) -> list[dict[str, Any]]:
            path = f"/api/v1/conversations/{conversation_id}/turns"
            # A connection of its own for each: a pool that threads share closes what another one is reading.
            with (
                httpx.Client(base_url=chat.server.url, verify=False, trust_env=False, timeout=120) as client,
                client.stream("POST", path, json={"text": QUESTION}, headers=headers) as response,
            ):
                return list(events_of(response.iter_lines()))

        with ThreadPoolExecutor(200) as pool:
            streams = list(pool.map(run, conversations))
        assert {events[-1]["type"] for events in streams} == {"completed"}
        texts = {"".join(event.get("text", "") for event in events) for events in streams}
        assert texts == {"The ferry leaves at 9:40. Tickets cost 12 euros."}


class TestTheWebSocket:
    @pytest.fixture
    def socket(self, parley_server: ParleyServer) -> Generator[ClientConnection]:
        url = parley_server.url.replace("http", "ws") + "/api/v1/ws"
        headers = {"Authorization": f"Bearer {parley_server.key}"}
        with connect(url, additional_headers=headers, proxy=None) as opened:
            yield opened

    def receive_until(self, socket: ClientConnection, *types: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        while not events or events[-1]["type"] not in types:
            events.append(json.loads(socket.recv(30)))
        return events

    def test_asks_and_sends_the_same_events(self, chat: Chat, socket: ClientConnection) -> None:
        socket.send(json.dumps({"type": "turn.create", "conversation_id": chat.id, "text": QUESTION}))
        events = self.receive_until(socket, "completed", "error")
        assert events == list(chat.stream(events[0]["turn_id"]))

    def test_follows_from_any_event_and_stops(self, chat: Chat, socket: ClientConnection) -> None:
        chat.use("stalling")
        turn_id = chat.ask()
        socket.send(json.dumps({"type": "subscribe", "turn_id": turn_id, "after": 2}))
        events = self.receive_until(socket, "token", "error")
        assert events[0]["seq"] == 3
        socket.send(json.dumps({"type": "turn.stop", "turn_id": turn_id}))
        assert self.receive_until(socket, "stopped", "error")[-1]["type"] == "stopped"

    def test_says_what_is_wrong_and_goes_on(self, chat: Chat, socket: ClientConnection) -> None:
        for sent, code in [
            ("nonsense", "invalid_input"),
            ('{"type": "dance"}', "invalid_input"),
            ('{"type": "subscribe", "turn_id": "none"}', "turn_not_found"),
            ('{"type": "turn.create", "conversation_id": "none", "text": "x"}', "conversation_not_found"),
        ]:
            socket.send(sent)
            assert self.receive_until(socket, "error")[-1]["code"] == code

    def test_refuses_strangers(self, parley_server: ParleyServer) -> None:
        with pytest.raises(InvalidStatus) as refused:
            connect(parley_server.url.replace("http", "ws") + "/api/v1/ws", proxy=None)
        assert refused.value.response.status_code == 401


class TestModels:
    def test_are_tried_with_a_real_call(self, chat: Chat) -> None:
        for behaviour, ok in [("plain", True), ("wrong-key", False)]:
            chat.use(behaviour)
            model = next(m for m in chat.server.api("GET", "/models")["items"] if m["name"] == behaviour)
            result = chat.server.api("POST", f"/models/{model['id']}/test")
            assert result["ok"] is ok
            assert "secret" not in json.dumps(result)

    def test_keys_lie_encrypted_in_the_database(self, chat: Chat) -> None:
        chat.use("plain")
        files = [path for path in chat.server.data.glob("parley.db*") if path.is_file()]
        assert files
        assert not any(b"sk-secret" in path.read_bytes() for path in files)
        assert "sk-secret" not in "".join(chat.server.log)


class TestTheCommandLine:
    def ask(self, data: Path, *arguments: str) -> Any:
        done = run_parley(data, "ask", *arguments, "--bot", "Guide", "--json")
        return done, [json.loads(line) for line in done.stdout.splitlines()]

    def test_prints_the_whole_answer_as_json(self, chat: Chat) -> None:
        done, [answer] = self.ask(chat.server.data, QUESTION)
        assert done.returncode == 0
        assert set(answer) == {
            "id", "answer", "abstained", "support_rate", "sentences", "citations", "nearest", "model", "usage",
            "took_ms", "conversation_id", "turn_id",
        }  # fmt: skip
        assert answer["model"] == "quoted"
        for sentence in answer["sentences"]:
            assert answer["answer"][sentence["start"] : sentence["end"]] == sentence["text"]

    def test_answers_a_batch_in_order_and_one_bad_line_fails_only_itself(self, chat: Chat, tmp_path: Path) -> None:
        lines = [json.dumps({"id": n, "question": f"{QUESTION} {n}"}) for n in range(12)]
        lines[4] = "{broken"
        lines[7] = json.dumps({"id": "seven", "query": "x"})
        (tmp_path / "batch.jsonl").write_text("\n".join(lines), "utf-8")
        done, answers = self.ask(chat.server.data, "--batch", str(tmp_path / "batch.jsonl"))
        assert done.returncode == 1
        assert [answer["id"] for answer in answers] == [0, 1, 2, 3, None, 5, 6, "seven", 8, 9, 10, 11]
        assert [answer["error"]["code"] for answer in answers if "error" in answer] == ["bad_line", "bad_line"]

    def test_prints_for_people_with_numbered_sources(self, chat: Chat) -> None:
        done = run_parley(chat.server.data, "ask", QUESTION, "--bot", "Guide")
        assert "The ferry leaves at 9:40 every day. [1]" in done.stdout
        assert "[1] Boats" in done.stdout

    def test_exits_with_the_failure_of_the_model(self, chat: Chat) -> None:
        chat.use("wrong-key")
        done = run_parley(chat.server.data, "ask", QUESTION, "--bot", "Guide")
        assert done.returncode == 1
        assert "[provider_key_refused]" in done.stderr

    def test_connects_tries_and_removes_a_model(self, chat: Chat) -> None:
        data, url = chat.server.data, chat.provider.url
        added = run_parley(data, "models", "add", "mine", "--base-url", url, "--model", "plain", "--json")
        assert json.loads(added.stdout)["name"] == "mine"
        assert "answered in" in run_parley(data, "models", "test", "mine").stdout
        assert "mine" in run_parley(data, "models", "list").stdout
        assert run_parley(data, "models", "remove", "mine").returncode == 0
        gone = run_parley(data, "models", "remove", "mine")
        assert (gone.returncode, "not_found" in gone.stderr) == (1, True)


class TestAFileDroppedIntoTheChat:
    def test_is_read_before_the_question_about_it_is_answered(self, chat: Chat) -> None:
        files = [("files", ("note.md", b"The harbour master is called Beatrice Quill."))]
        source = chat.server.api("POST", f"/bots/{chat.bot_id}/sources", files=files, data={"conversation_id": chat.id})
        body = {"text": "What is the harbour master called?", "attachments": [source["id"]]}
        turn = chat.end(chat.server.api("POST", f"/conversations/{chat.id}/turns", json=body)["id"])
        assert "Beatrice Quill" in turn["answer"]
        messages = chat.server.api("GET", f"/conversations/{chat.id}/messages")["items"]
        assert messages[0]["attachments"] == [{"source_id": source["id"], "name": source["name"], "status": "ready"}]


class TestAServerThatStops:
    def test_ends_the_turn_and_keeps_the_question(self, tmp_path: Path, provider: OpenAIServer) -> None:

        data = tmp_path / "data"
        with running_parley(data) as server:
            chat = Chat(server, provider, server.create_bot("Guide"))
            server.upload(chat.bot_id, {"boats.md": BOATS})
            chat.use("stalling")
            turn_id = chat.ask()
            wait_for(lambda: stored_text(server, turn_id) == "The ferry leaves", "the text to be stored")
            server.process.kill()
            server.process.wait(20)
        with running_parley(data) as server:
            turn = server.api("GET", f"/turns/{turn_id}")
            assert (turn["status"], turn["error"]["code"]) == ("failed", "interrupted")
            assert turn["answer"].startswith("The ferry")
            messages = server.api("GET", f"/conversations/{chat.id}/messages")["items"]
            assert messages[0]["text"] == QUESTION
            chat = Chat(server, provider, chat.bot_id)
            chat.use(None)
            assert chat.end(chat.ask())["status"] == "completed"


def stored_text(server: ParleyServer, turn_id: str) -> str:
    page = server.api("GET", f"/turns/{turn_id}/events", headers=JSON)
    return "".join(event.get("text", "") for event in page["items"])
