"""Changing the embedder from the command line, against a provider on loopback."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.support.embedding_provider import KEY, EmbeddingProvider, embedding_provider
from tests.support.server import ParleyServer, run_parley


@pytest.fixture(scope="module")
def provider() -> Generator[EmbeddingProvider]:
    with embedding_provider() as running:
        yield running


def run_json(server: ParleyServer, *arguments: str) -> Any:
    done = run_parley(server.data, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_there_and_back(parley_server: ParleyServer, provider: EmbeddingProvider) -> None:
    bot_id = parley_server.create_bot("Reader")
    files = {f"{n}.md": f"# Station {n}\n\nThe signal of station {n} is green.".encode() for n in range(5)}
    parley_server.upload(bot_id, files)
    connection = ("--kind", "embedding-compatible", "--base-url", provider.base_url("compatible"), "--model", "m-1")
    parley_server.api("POST", "/embedders", json={
        "name": "mine", "kind": "compatible", "base_url": provider.base_url("compatible"), "model": "m-1", "key": KEY
    })  # fmt: skip
    taken = run_parley(parley_server.data, "models", "add", "mine", *connection)
    assert (taken.returncode, "embedder_name_taken" in taken.stderr) == (1, True)
    assert [item["kind"] for item in run_json(parley_server, "models", "list")] == ["embedding-compatible"]
    assert run_json(parley_server, "models", "test", "mine")["ok"]

    asked = run_parley(parley_server.data, "reindex", "--embedder", "mine")
    assert asked.returncode != 0
    assert "5 of 5 passages to embed" in asked.stderr
    assert "price not known" in asked.stderr
    changed = run_json(parley_server, "reindex", "--embedder", "mine", "--yes")
    assert (changed["status"], changed["done"], changed["total"], changed["cost_usd"]) == ("active", 5, 5, None)
    assert changed["tokens"] > 0
    assert f"searched by: {changed['name']}" in run_parley(parley_server.data, "status").stdout
    doctor = run_json(parley_server, "doctor")
    assert changed["name"] in next(check["message"] for check in doctor["checks"] if check["name"] == "embedder")
    body = {"query": "signal of station 3", "limit": 1}
    found = parley_server.api("POST", f"/bots/{bot_id}/search", json=body)
    assert found["hits"][0]["document"]["path"] == "3.md"
    assert found["hits"][0]["scores"]["dense"] is not None
    refused = run_parley(parley_server.data, "models", "remove", "mine")
    assert (refused.returncode, "in_use" in refused.stderr) == (1, True)

    back = run_json(parley_server, "reindex", "--back", "--yes")
    assert (back["embedder"], back["status"]) == ("static", "active")
    assert [item["status"] for item in run_json(parley_server, "reindex")] == ["ready", "active"]
    parley_server.api("DELETE", f"/generations/{changed['id']}")
    assert run_parley(parley_server.data, "models", "remove", "mine").returncode == 0


def test_an_embedder_that_is_not_there(parley_server: ParleyServer, tmp_path: Path) -> None:
    done = run_parley(parley_server.data, "reindex", "--embedder", "nonesuch", "--yes")
    assert (done.returncode, "embedder_not_found" in done.stderr) == (1, True)
