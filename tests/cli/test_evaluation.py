"""`parley eval`, on a real server: golden questions in, figures and regressions out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ParleyServer, run_parley

QUESTIONS = [
    {"id": "ferry", "question": "When does the ferry leave?", "answers": ["9:40"], "documents": ["boats.md"]},
    {"id": "price", "question": "What do tickets cost?", "answers": ["12 euros"], "documents": ["boats.md"]},
    {"id": "enzyme", "question": "Which enzyme unwinds the double helix of bacteria?", "answerable": False},
]
BOATS = b"# Boats\n\nThe ferry leaves at 9:40 every day. Tickets cost 12 euros. Dogs travel free of charge.\n"


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    file = tmp_path / "harbour.jsonl"
    file.write_text("\n".join(json.dumps(question) for question in QUESTIONS), "utf-8")
    return file


def evaluate(server: ParleyServer, *arguments: str) -> tuple[int, Any]:
    done = run_parley(server.data, "eval", *arguments, "--json")
    return done.returncode, json.loads(done.stdout)


class TestARun:
    def test_measures_and_tells_a_regression(self, parley_server: ParleyServer, golden: Path) -> None:
        bot = parley_server.create_bot("Harbour")
        source = parley_server.upload(bot, {"boats.md": BOATS})
        code, first = evaluate(parley_server, str(golden), "--bot", bot)
        figures = first["run"]["metrics"]
        assert code == 0
        assert (first["run"]["status"], first["run"]["done"], first["run"]["model"]) == ("done", 3, "quoted")
        assert figures["recall_5"] == figures["correctness"] == figures["abstention_f1"] == 1
        assert figures["citation_precision"] == figures["faithfulness"] == 1
        assert first["comparison"] is None

        parley_server.api("DELETE", f"/sources/{source['id']}")
        code, second = evaluate(parley_server, "--bot", bot, "--set", "harbour")
        assert code == 1
        assert {result["question_id"] for result in second["comparison"]["worse"]} == {"ferry", "price"}
        changes = {change["metric"]: change for change in second["comparison"]["changes"]}
        assert changes["correctness"]["regressed"]
        assert changes["correctness"]["after"] == 0

    def test_stays_out_of_lists_and_searches_of_conversations(self, parley_server: ParleyServer, golden: Path) -> None:
        bot = parley_server.create_bot("Harbour")
        evaluate(parley_server, str(golden), "--bot", bot)
        assert parley_server.api("GET", "/conversations", params={"bot_id": bot})["items"] == []
        found = parley_server.api("GET", "/conversations/search", params={"bot_id": bot, "q": "ferry"})
        assert found["items"] == []

    def test_makes_a_set_from_answers_that_were_called_good(self, parley_server: ParleyServer) -> None:
        bot = parley_server.create_bot("Harbour")
        parley_server.upload(bot, {"boats.md": BOATS})
        asked = run_parley(parley_server.data, "ask", "When does the ferry leave?", "--bot", bot, "--json")
        turn = json.loads(asked.stdout)["turn_id"]
        parley_server.api("PUT", f"/turns/{turn}/rating", json={"value": "up"})
        code, made = evaluate(parley_server, "--bot", bot, "--from-chats")
        questions = parley_server.api("GET", f"/golden-sets/{made['set']['id']}/questions")["items"]
        assert code == 0
        assert [(one["question"], one["documents"]) for one in questions] == [
            ("When does the ferry leave?", ["boats.md"])
        ]

    def test_says_which_sets_there_are(self, parley_server: ParleyServer) -> None:
        bot = parley_server.create_bot("Harbour")
        done = run_parley(parley_server.data, "eval", "--bot", bot)
        assert done.returncode == 1
        assert "--set NAME" in done.stderr
