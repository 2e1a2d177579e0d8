"""Who may enter: the owner of a fresh installation, one-time sign-in links, browser sessions, API keys."""

import hashlib
import secrets
from datetime import datetime, timedelta

from parley.accounts.repository import ApiKeyRepository, IdentityRepository, KeyUse, TokenRepository
from parley.accounts.schemas import ApiKeyCreated, ApiKeyOut, Caller, UserOut, WorkspaceOut
from parley.accounts.tables import ApiKey, Membership, SignInLink, User, WebSession, Workspace
from parley.errors import NotFound, NotSignedIn
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.store.engine import Store

LINK_LIFETIME = timedelta(hours=24)
SESSION_LIFETIME = timedelta(days=90)
KEY_PREFIX = "parley_"
TOUCH_INTERVAL = timedelta(minutes=1)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _local(member: Membership) -> Caller:
    return Caller(member.workspace_id, member.user_id, member.role, "local")


class AccountService:
    """Decides who a token belongs to. Tokens are 256 random bits; only their SHA-256 is stored."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def ensure_owner(self) -> Caller:
        """Return the owner of this installation; the first start makes one, with a workspace."""
        async with self._store.write() as session:
            found = await IdentityRepository(session).owner()
            if found:
                return _local(found)
            now = self._clock.now()
            workspace = Workspace(id=new_id("ws"), name="My workspace", change_seq=0, event_seq=0, created_at=now)
            user = User(id=new_id("user"), name="Owner", created_at=now)
            session.add_all([workspace, user])
            await session.flush()
            member = Membership(workspace_id=workspace.id, user_id=user.id, role="owner")
            session.add(member)
            return _local(member)

    async def workspace_ids(self) -> list[str]:
        """Return every workspace, oldest first; for work that goes through all of them."""
        async with self._store.read() as session:
            return list(await IdentityRepository(session).workspace_ids())

    async def create_sign_in_link(self, caller: Caller) -> str:
        """Return the token of a link that signs this user in once, within a day."""
        token = secrets.token_urlsafe(32)
        async with self._store.write() as session:
            session.add(
                SignInLink(
                    workspace_id=caller.workspace_id,
                    token_hash=_hash(token),
                    user_id=caller.user_id,
                    expires_at=self._clock.now() + LINK_LIFETIME,
                )
            )
        return token

    async def redeem_sign_in_link(self, token: str) -> str:
        """Use a link up and return the token of a new browser session.

        Raises:
            NotSignedIn: the link is unknown, used or expired.
        """
        now = self._clock.now()
        async with self._store.write() as session:
            identities = IdentityRepository(session)
            link = await identities.sign_in_link(_hash(token))
            if link is None or not await identities.use_link(link.token_hash, now):
                raise NotSignedIn(
                    "This sign-in link was used already or has expired. Get a new one with: parley link",
                    code="sign_in_link_invalid",
                )
            cookie = secrets.token_urlsafe(32)
            session.add(
                WebSession(
                    workspace_id=link.workspace_id,
                    token_hash=_hash(cookie),
                    user_id=link.user_id,
                    created_at=now,
                    expires_at=now + SESSION_LIFETIME,
                )
            )
        return cookie

    async def caller_by_session(self, cookie: str) -> Caller:
        """Return who a browser is.

        Raises:
            NotSignedIn: the session is unknown or has expired.
        """
        now, token_hash = self._clock.now(), _hash(cookie)
        caller = await self._store.look_up(lambda found: TokenRepository(found).member_by_session(token_hash, now))
        if caller is None:
            raise NotSignedIn("You are signed out. Open a sign-in link: parley link")
        return caller

    async def caller_by_key(self, key: str) -> Caller:
        """Return who an API key belongs to.

        Raises:
            NotSignedIn: the key is unknown or revoked.
        """
        token_hash = _hash(key)
        found = await self._store.look_up(lambda connection: TokenRepository(connection).member_by_key(token_hash))
        if found is None:
            raise NotSignedIn("This API key is not valid. Make one with: parley keys create NAME", code="invalid_key")
        caller, use = found
        await self._touch(use)
        return caller

    async def _touch(self, key: KeyUse) -> None:
        now = self._clock.now()
        if key.last_used_at is None or now - key.last_used_at > TOUCH_INTERVAL:
            async with self._store.write() as session:
                await IdentityRepository(session).touch_key(key.id, now)

    async def sign_out(self, cookie: str) -> None:
        """End a browser's session."""
        async with self._store.write() as session:
            await IdentityRepository(session).end_session(_hash(cookie))

    async def describe(self, caller: Caller) -> tuple[UserOut, WorkspaceOut]:
        """Return the names behind a caller."""
        async with self._store.read() as session:
            identities = IdentityRepository(session)
            user = await identities.user(caller.user_id)
            workspace = await identities.workspace(caller.workspace_id)
        return UserOut(id=user.id, name=user.name), WorkspaceOut(id=workspace.id, name=workspace.name)

    async def create_key(self, caller: Caller, name: str) -> ApiKeyCreated:
        """Make an API key with its caller's rights; the secret is returned this once."""
        secret = KEY_PREFIX + secrets.token_urlsafe(32)
        async with self._store.write() as session:
            row = ApiKeyRepository(session, caller.workspace_id).add(
                ApiKey(
                    id=new_id("key"),
                    user_id=caller.user_id,
                    name=name,
                    token_hash=_hash(secret),
                    hint=secret[-4:],
                    created_at=self._clock.now(),
                )
            )
        return ApiKeyCreated(key=secret, **_key_out(row).model_dump())

    async def list_keys(self, workspace_id: str, cursor: str | None, limit: int) -> Page[ApiKeyOut]:
        """Return the workspace's keys that are not revoked, oldest first."""
        after = str(decode_cursor(cursor)[0]) if cursor else None
        async with self._store.read() as session:
            rows = await ApiKeyRepository(session, workspace_id).active(after, limit + 1)
        return page_of([_key_out(row) for row in rows], limit, lambda key: encode_cursor(key.id))

    async def revoke_key(self, workspace_id: str, key_id: str) -> None:
        """Revoke a key at once.

        Raises:
            NotFound: the workspace has no such key.
        """
        async with self._store.write() as session:
            if not await ApiKeyRepository(session, workspace_id).revoke(key_id, self._clock.now()):
                raise NotFound("There is no such API key.")


def _key_out(row: ApiKey) -> ApiKeyOut:
    last_used: datetime | None = row.last_used_at
    return ApiKeyOut(id=row.id, name=row.name, hint=row.hint, created_at=row.created_at, last_used_at=last_used)
