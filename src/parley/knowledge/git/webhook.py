"""Pushes that a forge announces: is it really the forge, is it news, is it our branch; then look at the source."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from parley.errors import Conflict, InvalidInput, SignatureInvalid
from parley.kit.clock import Clock
from parley.kit.crypto import SecretBox, SecretLost
from parley.knowledge.lifecycle import SourceLifecycle
from parley.knowledge.remote.config import GitConfig, stored_config
from parley.knowledge.remote.repository import RemoteRepository
from parley.knowledge.repository import SourceRepository
from parley.knowledge.tables import Source
from parley.knowledge.views import require_source
from parley.store.engine import Store

MAX_BODY_BYTES = 5_000_000
# Forges send a delivery again for days at most; a signed body of long ago would only cause a look at the source.
REMEMBERED = timedelta(days=90)
_REFUSED = "The signature is missing or wrong. Set the secret that Parley showed when the webhook was made."


class HookOut(BaseModel):
    """A webhook to be entered at the forge; the secret is shown this once. Content type there: application/json."""

    path: str
    secret: str


class HookResult(BaseModel):
    """What became of a delivery: `queued` (the source is looked at), `replayed`, `ignored` (for a reason), `pong`."""

    status: Literal["queued", "replayed", "ignored", "pong"]
    reason: str | None = None


class _Named(BaseModel):
    model_config = ConfigDict(extra="ignore")

    default_branch: str | None = None


class _Push(BaseModel):
    """What GitHub, Gitea and GitLab agree on about a push."""

    model_config = ConfigDict(extra="ignore")

    ref: str = ""
    after: str = ""
    repository: _Named | None = None
    project: _Named | None = None

    @property
    def default_branch(self) -> str | None:
        named = [part.default_branch for part in (self.repository, self.project) if part is not None]
        return next((branch for branch in named if branch), None)


class GitWebhooks:
    """Makes webhooks and takes their deliveries."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lifecycle: SourceLifecycle,
        box: SecretBox,
        workspace_ids: Callable[[], Awaitable[list[str]]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._lifecycle = lifecycle
        self._box = box
        self._workspace_ids = workspace_ids

    async def make(self, workspace_id: str, source_id: str) -> HookOut:
        """Make a webhook's secret; an earlier one holds no longer.

        Raises:
            NotFound: there is no such source.
            Conflict: it is not a repository.
        """
        secret = secrets.token_urlsafe(32)
        await self._set(workspace_id, source_id, self._box.encrypt(secret))
        return HookOut(path=f"/api/v1/hooks/git/{source_id}", secret=secret)

    async def remove(self, workspace_id: str, source_id: str) -> None:
        """Take no more deliveries for a source; raises as `make` does."""
        await self._set(workspace_id, source_id, None)

    async def _set(self, workspace_id: str, source_id: str, secret: bytes | None) -> None:
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            source = await require_source(sources, source_id)
            if source.kind != "git":
                raise Conflict("Only repositories have webhooks.", code="not_a_repository")
            await sources.change(source_id, self._clock.now(), hook_secret=secret)

    async def take(self, source_id: str, headers: Mapping[str, str], body: bytes) -> HookResult:
        """Take a delivery.

        Args:
            headers: of the request, names in lower case.

        Raises:
            SignatureInvalid: it is not signed with the source's secret; an unknown source looks the same.
            InvalidInput: it is signed, but is not what a forge sends.
        """
        source = await self._find(source_id)
        secret = self._secret(source)
        if source is None or not is_signed(secret, headers, body):
            raise SignatureInvalid(_REFUSED)
        event = headers.get("x-github-event") or headers.get("x-gitea-event") or headers.get("x-gitlab-event") or ""
        if event == "ping":
            return HookResult(status="pong")
        if event.lower() not in ("push", "push hook"):
            return HookResult(status="ignored", reason=f"Only pushes are of interest, not {event[:40] or 'this'}.")
        push = _parsed(body)
        if not await self._is_new(source, headers, body):
            return HookResult(status="replayed")
        branch = _branch(source, push)
        if push.ref != f"refs/heads/{branch}":
            return HookResult(status="ignored", reason=f"The push is not to {branch}.")
        if not push.after.strip("0"):
            return HookResult(status="ignored", reason="The branch was deleted; what was read from it is kept.")
        try:
            await self._lifecycle.sync(source.workspace_id, source.id)
        except Conflict as error:
            return HookResult(status="ignored", reason=error.message)
        return HookResult(status="queued")

    async def _find(self, source_id: str) -> Source | None:
        """Find a source whose workspace the sender does not name."""
        for workspace_id in await self._workspace_ids():
            async with self._store.read() as session:
                source = await SourceRepository(session, workspace_id).find(source_id)
            if source is not None:
                return source
        return None

    def _secret(self, source: Source | None) -> str:
        """The source's secret; a random one where there is none, so that nothing is signed with it."""
        if source is None or source.hook_secret is None:
            return secrets.token_urlsafe(32)
        try:
            return self._box.decrypt(source.hook_secret)
        except SecretLost:
            return secrets.token_urlsafe(32)

    async def _is_new(self, source: Source, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether neither this delivery nor this very body was taken before.

        The signature covers the body but not the delivery's id: whoever recorded one could send it under a new id.
        """
        names = ("x-github-delivery", "x-gitea-delivery", "x-gitlab-event-uuid")
        delivery = next((headers[name] for name in names if headers.get(name)), "")
        keys = [f"body:{hashlib.sha256(body).hexdigest()}"] + ([f"id:{delivery[:100]}"] if delivery else [])
        async with self._store.write() as session:
            repository = RemoteRepository(session, source.workspace_id)
            now = self._clock.now()
            await repository.forget_deliveries(source.id, now - REMEMBERED)
            return all([await repository.take_delivery(source.id, key, now) for key in keys])


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a request carries the secret's HMAC-SHA256 of its body (GitHub, Gitea), or the secret itself (GitLab)."""
    signature = headers.get("x-hub-signature-256", "")
    if signature:
        expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode())
    token = headers.get("x-gitlab-token", "")
    return bool(token) and hmac.compare_digest(token.encode("utf-8", "replace"), secret.encode())


def _parsed(body: bytes) -> _Push:
    try:
        return _Push.model_validate_json(body)
    except ValidationError as error:
        raise InvalidInput("This is not a push. Set the webhook's content type to application/json.") from error


def _branch(source: Source, push: _Push) -> str:
    """The branch that the source reads: its own, else the one that the forge calls the default."""
    config = stored_config(source.kind, source.config)
    branch = config.branch if isinstance(config, GitConfig) else None
    return branch or push.default_branch or "main"
