"""Sign-in links, sessions and keys on both kinds of database, with a clock that the test sets."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.accounts.schemas import Caller
from parley.accounts.service import LINK_LIFETIME, SESSION_LIFETIME, AccountService
from parley.errors import InvalidInput, NotFound, NotSignedIn
from parley.kit.clock import FixedClock
from parley.store.engine import Store

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def accounts(any_store: Store, clock: FixedClock) -> AccountService:
    return AccountService(any_store, clock)


@pytest.fixture
async def owner(accounts: AccountService) -> Caller:
    return await accounts.ensure_owner()


class TestOwner:
    async def test_is_made_once(self, accounts: AccountService, owner: Caller) -> None:
        assert await accounts.ensure_owner() == owner
        assert await accounts.workspace_ids() == [owner.workspace_id]
        assert owner.role == "owner"


class TestSignInLink:
    async def test_signs_in_once(self, accounts: AccountService, owner: Caller) -> None:
        token = await accounts.create_sign_in_link(owner)
        caller = await accounts.caller_by_session(await accounts.redeem_sign_in_link(token))
        assert (caller.user_id, caller.workspace_id, caller.via) == (owner.user_id, owner.workspace_id, "session")
        with pytest.raises(NotSignedIn) as refused:
            await accounts.redeem_sign_in_link(token)
        assert refused.value.stable_code == "sign_in_link_invalid"

    async def test_expires(self, accounts: AccountService, owner: Caller, clock: FixedClock) -> None:
        token = await accounts.create_sign_in_link(owner)
        clock.set(NOON + LINK_LIFETIME)
        with pytest.raises(NotSignedIn):
            await accounts.redeem_sign_in_link(token)

    async def test_unknown_tokens_are_refused(self, accounts: AccountService, owner: Caller) -> None:
        with pytest.raises(NotSignedIn):
            await accounts.redeem_sign_in_link("x" * 43)


class TestSession:
    async def test_ends_with_sign_out(self, accounts: AccountService, owner: Caller) -> None:
        cookie = await accounts.redeem_sign_in_link(await accounts.create_sign_in_link(owner))
        await accounts.sign_out(cookie)
        with pytest.raises(NotSignedIn):
            await accounts.caller_by_session(cookie)

    async def test_expires(self, accounts: AccountService, owner: Caller, clock: FixedClock) -> None:
        cookie = await accounts.redeem_sign_in_link(await accounts.create_sign_in_link(owner))
        clock.set(NOON + SESSION_LIFETIME - timedelta(seconds=1))
        await accounts.caller_by_session(cookie)
        clock.set(NOON + SESSION_LIFETIME)
        with pytest.raises(NotSignedIn):
            await accounts.caller_by_session(cookie)


class TestApiKey:
    async def test_works_until_it_is_revoked(self, accounts: AccountService, owner: Caller) -> None:
        key = await accounts.create_key(owner, "script")
        caller = await accounts.caller_by_key(key.key)
        assert (caller.workspace_id, caller.via) == (owner.workspace_id, "key")
        await accounts.revoke_key(owner.workspace_id, key.id)
        with pytest.raises(NotSignedIn):
            await accounts.caller_by_key(key.key)

    async def test_secret_is_not_listed_but_its_last_use_is(self, accounts: AccountService, owner: Caller) -> None:
        key = await accounts.create_key(owner, "script")
        await accounts.caller_by_key(key.key)
        (listed,) = (await accounts.list_keys(owner.workspace_id, None, 10)).items
        assert key.key not in listed.model_dump_json()
        assert key.key.endswith(listed.hint)
        assert listed.last_used_at == NOON

    async def test_of_another_workspace_cannot_be_revoked(self, accounts: AccountService, owner: Caller) -> None:
        key = await accounts.create_key(owner, "script")
        with pytest.raises(NotFound):
            await accounts.revoke_key("ws_other", key.id)
        await accounts.caller_by_key(key.key)

    async def test_list_is_paged_without_gap_or_repeat(self, accounts: AccountService, owner: Caller) -> None:
        made = sorted([(await accounts.create_key(owner, str(n))).id for n in range(5)])
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = await accounts.list_keys(owner.workspace_id, cursor, 2)
            seen += [key.id for key in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == made

    async def test_a_made_up_cursor_is_refused(self, accounts: AccountService, owner: Caller) -> None:
        with pytest.raises(InvalidInput) as refused:
            await accounts.list_keys(owner.workspace_id, "nonsense", 2)
        assert refused.value.stable_code == "invalid_cursor"
