"""Webhooks: signed pushes are taken once, everything else is refused or ignored."""

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from parley.errors import Conflict, InvalidInput, SignatureInvalid
from parley.knowledge.remote.config import GitConfig, GitCreate, TextConfig, TextCreate
from parley.store.engine import Store
from tests.support.git import HAS_GIT, Repository
from tests.support.ingestion import Room, running_room

pytestmark = pytest.mark.skipif(not HAS_GIT, reason="there is no git on this machine to make a repository")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "docs")
    made.write("README.md", "# Harbour\n\nThe ferry leaves at nine.")
    made.commit()
    return made


@pytest.fixture
async def room(store: Store, data_folder: Path) -> AsyncGenerator[Room]:
    async with running_room(store, data_folder) as running:
        yield running


class Forge:
    """Sends deliveries as GitHub does."""

    def __init__(self, room: Room, source_id: str, secret: str) -> None:
        self.room = room
        self.source_id = source_id
        self.secret = secret

    async def send(
        self,
        payload: Any,
        *,
        event: str = "push",
        delivery: str = "d-1",
        signature: str | None = None,
        source_id: str | None = None,
    ) -> str:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        made = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-github-event": event, "x-github-delivery": delivery}
        headers["x-hub-signature-256"] = made if signature is None else signature
        result = await self.room.webhooks.take(source_id or self.source_id, headers, body)
        return result.status


@pytest.fixture
async def forge(room: Room, repository: Repository) -> Forge:
    source = await room.add_remote(GitCreate(kind="git", config=GitConfig(url=str(repository.folder))))
    hook = await room.webhooks.make(room.workspace_id, source.id)
    assert hook.path == f"/api/v1/hooks/git/{source.id}"
    return Forge(room, source.id, hook.secret)


def push(branch: str = "main", after: str = "1" * 40, **more: Any) -> dict[str, Any]:
    """A push as GitHub describes it, shortened to what it always has."""
    return {
        "ref": f"refs/heads/{branch}",
        "before": "0" * 40,
        "after": after,
        "repository": {"id": 1, "full_name": "owner/docs", "default_branch": "main"},
        "pusher": {"name": "somebody"},
        "commits": [],
        **more,
    }


class TestASignedPush:
    async def test_has_the_source_looked_at(self, forge: Forge, repository: Repository) -> None:
        repository.write("README.md", "# Harbour\n\nThe ferry leaves at ten.")
        commit = repository.commit()
        assert await forge.send(push(after=commit)) == "queued"
        source = await forge.room.finished(forge.source_id)
        assert commit[:12] in (source.note or "")
        document = (await forge.room.all_documents(forge.source_id))["README.md"]
        assert "leaves at ten" in await forge.room.text_of(document)

    async def test_is_taken_once(self, forge: Forge) -> None:
        assert await forge.send(push()) == "queued"
        assert await forge.send(push()) == "replayed"
        assert await forge.send(push(), delivery="d-2") == "replayed"
        assert await forge.send(push(after="2" * 40), delivery="d-1") == "replayed"
        assert await forge.send(push(after="3" * 40), delivery="d-3") == "queued"

    async def test_to_another_branch_is_ignored(self, forge: Forge) -> None:
        assert await forge.send(push("feature/x")) == "ignored"
        assert await forge.send(push("main", after="0" * 40), delivery="d-2") == "ignored"
        assert await forge.send({"ref": "refs/tags/v1", "after": "1" * 40}, delivery="d-3") == "ignored"

    async def test_to_a_paused_source_is_ignored(self, forge: Forge) -> None:
        await forge.room.knowledge.lifecycle.pause(forge.room.workspace_id, forge.source_id)
        assert await forge.send(push()) == "ignored"

    async def test_from_gitlab_carries_the_secret_itself(self, forge: Forge) -> None:
        body = json.dumps({"ref": "refs/heads/main", "after": "4" * 40, "project": {"default_branch": "main"}}).encode()
        headers = {"x-gitlab-event": "Push Hook", "x-gitlab-event-uuid": "u-1", "x-gitlab-token": forge.secret}
        assert (await forge.room.webhooks.take(forge.source_id, headers, body)).status == "queued"
        with pytest.raises(SignatureInvalid):
            await forge.room.webhooks.take(forge.source_id, headers | {"x-gitlab-token": "guess"}, body)

    async def test_that_is_none_is_told_apart(self, forge: Forge) -> None:
        assert await forge.send({"zen": "Keep it simple."}, event="ping") == "pong"
        assert await forge.send({"action": "opened"}, event="issues") == "ignored"
        with pytest.raises(InvalidInput):
            await forge.send(b"payload=%7B%7D")


class TestAForgedPush:
    @pytest.mark.parametrize(
        "signature",
        ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "\u00e9", "sha256=" + "0" * 64 + " ", "none"],
    )
    async def test_is_refused(self, forge: Forge, signature: str) -> None:
        with pytest.raises(SignatureInvalid):
            await forge.send(push(), signature=signature)

    async def test_with_a_changed_body_is_refused(self, forge: Forge) -> None:
        body = json.dumps(push()).encode()
        good = "sha256=" + hmac.new(forge.secret.encode(), body, hashlib.sha256).hexdigest()
        with pytest.raises(SignatureInvalid):
            await forge.send(body.replace(b"main", b"evil"), signature=good)

    async def test_with_the_secret_of_another_source_is_refused(
        self, forge: Forge, room: Room, repository: Repository
    ) -> None:
        config = GitConfig(url=str(repository.folder), branch="main")
        other = await room.add_remote(GitCreate(kind="git", config=config))
        await room.webhooks.make(room.workspace_id, other.id)
        with pytest.raises(SignatureInvalid):
            await forge.send(push(), source_id=other.id)

    async def test_to_a_source_without_a_webhook_is_refused(self, forge: Forge, room: Room) -> None:
        for source_id in ("src_unknown", forge.source_id):
            if source_id == forge.source_id:
                await room.webhooks.remove(room.workspace_id, source_id)
            with pytest.raises(SignatureInvalid):
                await forge.send(push(), source_id=source_id)

    async def test_with_an_earlier_secret_is_refused(self, forge: Forge, room: Room) -> None:
        await room.webhooks.make(room.workspace_id, forge.source_id)
        with pytest.raises(SignatureInvalid):
            await forge.send(push())

    async def test_does_not_use_a_delivery_up(self, forge: Forge) -> None:
        with pytest.raises(SignatureInvalid):
            await forge.send(push(), signature="sha256=" + "0" * 64)
        assert await forge.send(push()) == "queued"


class TestAWebhook:
    async def test_belongs_to_repositories_alone(self, room: Room) -> None:
        note = await room.add_remote(TextCreate(kind="text", config=TextConfig(title="Note"), text="Some words."))
        with pytest.raises(Conflict):
            await room.webhooks.make(room.workspace_id, note.id)

    async def test_keeps_its_secret_encrypted(self, forge: Forge, data_folder: Path) -> None:
        found = [
            path for path in data_folder.rglob("*") if path.is_file() and forge.secret.encode() in path.read_bytes()
        ]
        assert found == []
