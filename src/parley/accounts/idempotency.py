"""The same request twice, answered once: what `Idempotency-Key` stands for.

Follows https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: a key names one request of one
caller; the same request again gets the stored answer, another request under the same key an error.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement

from parley.accounts.schemas import Caller
from parley.accounts.tables import IdempotentRequest
from parley.errors import Conflict, InvalidInput
from parley.kit.clock import Clock
from parley.kit.crypto import SecretBox
from parley.store.engine import Store
from parley.store.scope import ScopedRepository

LIFETIME = timedelta(hours=24)
# A request that has not ended after so long died with its process.
ABANDONED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered. `location`: where the answer is followed instead of repeated (a stream of events)."""

    status: int
    content_type: str
    body: bytes
    location: str | None


class IdempotencyRepository(ScopedRepository):
    """Requests by their caller's key."""

    def _is(self, caller: Caller, key: str) -> ColumnElement[bool]:
        return (IdempotentRequest.user_id == caller.user_id) & (IdempotentRequest.key == key)

    async def find(self, caller: Caller, key: str) -> IdempotentRequest | None:
        """Return the request of this key."""
        query = self.select(IdempotentRequest).where(self._is(caller, key))
        return (await self.session.execute(query)).scalar_one_or_none()

    async def remove(self, caller: Caller, key: str) -> None:
        """Forget a key."""
        await self.session.execute(self.delete(IdempotentRequest).where(self._is(caller, key)))

    async def remove_older(self, moment: datetime) -> None:
        """Forget what is older."""
        await self.session.execute(self.delete(IdempotentRequest).where(IdempotentRequest.created_at < moment))


class IdempotencyErasure:
    """Forgets stored answers when something is deleted for good: they may quote it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def settle(self, workspace_id: str, before: datetime) -> None:
        """Nothing to wait for: requests that are still being answered read what is there now."""

    async def erase(self, workspace_id: str, version_ids: Sequence[str]) -> None:
        """Forget all of a workspace's stored answers; a repeated request is then carried out again."""
        async with self._store.write() as session:
            await IdempotencyRepository(session, workspace_id).remove_older(self._clock.now())


class Idempotency:
    """Remembers requests and their answers for a day; answers are encrypted, since they may hold anything."""

    def __init__(self, store: Store, clock: Clock, box: SecretBox) -> None:
        self._store = store
        self._clock = clock
        self._box = box

    async def begin(self, caller: Caller, key: str, request: bytes) -> StoredAnswer | None:
        """Take a key for a request; returns what was answered if it was made before.

        Args:
            request: method, path and body.

        Raises:
            InvalidInput: the key was used for another request.
            Conflict: the same request is being answered at this moment.
        """
        now = self._clock.now()
        fingerprint = hashlib.sha256(request).digest()
        async with self._store.write() as session:
            requests = IdempotencyRepository(session, caller.workspace_id)
            await requests.remove_older(now - LIFETIME)
            found = await requests.find(caller, key)
            if found is not None and found.answer is None and found.created_at < now - ABANDONED:
                await requests.remove(caller, key)
                found = None
            if found is None:
                row = {"user_id": caller.user_id, "key": key, "fingerprint": fingerprint, "created_at": now}
                await requests.insert_many(IdempotentRequest, [{**row, "answer": None}])
                return None
        if found.fingerprint != fingerprint:
            raise InvalidInput(
                "This Idempotency-Key was used for another request. Use a new key for a new request.",
                code="idempotency_key_reused",
            )
        if found.answer is None:
            raise Conflict("This request is being answered already. Try again in a moment.", code="idempotency_busy")
        return _opened(self._box.decrypt(found.answer))

    async def finish(self, caller: Caller, key: str, answer: StoredAnswer) -> None:
        """Store what was answered."""
        sealed = self._box.encrypt(_sealed(answer))
        async with self._store.write() as session:
            found = await IdempotencyRepository(session, caller.workspace_id).find(caller, key)
            if found is not None:
                found.answer = sealed

    async def forget(self, caller: Caller, key: str) -> None:
        """Let a key be used again: the request failed in a way that trying again may cure."""
        async with self._store.write() as session:
            await IdempotencyRepository(session, caller.workspace_id).remove(caller, key)


def _sealed(answer: StoredAnswer) -> str:
    body = b64encode(answer.body).decode()
    return json.dumps([answer.status, answer.content_type, body, answer.location])


def _opened(text: str) -> StoredAnswer:
    status, content_type, body, location = json.loads(text)
    return StoredAnswer(status, content_type, b64decode(body), location)
