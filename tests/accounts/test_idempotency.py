"""Requests under a key, on both kinds of database."""

from datetime import timedelta
from pathlib import Path

import pytest

from parley.accounts.idempotency import ABANDONED, LIFETIME, Idempotency, StoredAnswer
from parley.accounts.schemas import Caller
from parley.accounts.service import AccountService
from parley.accounts.tables import User
from parley.errors import Conflict, InvalidInput
from parley.kit.clock import FixedClock, SystemClock
from parley.kit.crypto import SecretBox
from parley.store.engine import Store

ANSWER = StoredAnswer(202, "application/json", b'{"id":"turn_1"}', "/api/v1/turns/turn_1")


@pytest.fixture
async def caller(any_store: Store, clock: FixedClock) -> Caller:
    return await AccountService(any_store, clock).ensure_owner()


@pytest.fixture
def kept(any_store: Store, clock: FixedClock, tmp_path: Path) -> Idempotency:
    return Idempotency(any_store, clock, SecretBox(tmp_path / "secret.key"))


class TestAKey:
    async def test_gives_the_stored_answer_for_a_day(
        self, kept: Idempotency, caller: Caller, clock: FixedClock
    ) -> None:
        assert await kept.begin(caller, "k", b"POST /turns one") is None
        await kept.finish(caller, "k", ANSWER)
        assert await kept.begin(caller, "k", b"POST /turns one") == ANSWER
        clock.set(clock.now() + LIFETIME + timedelta(seconds=1))
        assert await kept.begin(caller, "k", b"POST /turns one") is None

    async def test_stands_for_one_request(self, kept: Idempotency, caller: Caller) -> None:
        await kept.begin(caller, "k", b"POST /turns one")
        with pytest.raises(InvalidInput):
            await kept.begin(caller, "k", b"POST /turns two")

    async def test_is_busy_until_the_answer_stands(self, kept: Idempotency, caller: Caller, clock: FixedClock) -> None:
        await kept.begin(caller, "k", b"POST /turns one")
        with pytest.raises(Conflict):
            await kept.begin(caller, "k", b"POST /turns one")
        clock.set(clock.now() + ABANDONED + timedelta(seconds=1))
        assert await kept.begin(caller, "k", b"POST /turns one") is None

    async def test_can_be_used_again_after_a_failure(self, kept: Idempotency, caller: Caller) -> None:
        await kept.begin(caller, "k", b"POST /turns one")
        await kept.forget(caller, "k")
        assert await kept.begin(caller, "k", b"POST /turns two") is None

    async def test_is_its_callers_own(self, kept: Idempotency, caller: Caller, any_store: Store) -> None:
        async with any_store.write() as session:
            session.add(User(id="user_other", name="Other", created_at=SystemClock().now()))
        await kept.begin(caller, "k", b"POST /turns one")
        await kept.finish(caller, "k", ANSWER)
        other = Caller(caller.workspace_id, "user_other", "member", "key")
        assert await kept.begin(other, "k", b"POST /turns two") is None
