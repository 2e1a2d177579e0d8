"""Every query on accounts. Tokens are looked up before the workspace is known; the rest is scoped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.orm import InstrumentedAttribute

from parley.accounts.schemas import Caller
from parley.accounts.tables import ApiKey, Membership, SignInLink, User, WebSession, Workspace
from parley.store.prepared import SystemReadRepository
from parley.store.scope import ScopedRepository, SystemRepository


@dataclass(frozen=True, slots=True)
class KeyUse:
    """An API key that somebody came with, and when it was last used as far as was noted."""

    id: str
    last_used_at: datetime | None


class TokenRepository(SystemReadRepository):
    """Finds who a token belongs to: asked by every request."""

    _by_session = (
        SystemReadRepository.select(Membership.workspace_id, Membership.user_id, Membership.role)
        .join(
            WebSession,
            (WebSession.user_id == Membership.user_id) & (WebSession.workspace_id == Membership.workspace_id),
        )
        .where(WebSession.token_hash == bindparam("token_hash"), WebSession.expires_at > bindparam("now"))
    )
    _by_key = (
        SystemReadRepository.select(
            Membership.workspace_id, Membership.user_id, Membership.role, ApiKey.id, ApiKey.last_used_at
        )
        .join(ApiKey, (ApiKey.user_id == Membership.user_id) & (ApiKey.workspace_id == Membership.workspace_id))
        .where(ApiKey.token_hash == bindparam("token_hash"), ApiKey.revoked_at.is_(None))
    )

    def member_by_session(self, token_hash: bytes, now: datetime) -> Caller | None:
        """Return who a browser's cookie stands for."""
        row = self.first(self._by_session, {"token_hash": token_hash, "now": now})
        return None if row is None else Caller(row[0], row[1], row[2], "session")

    def member_by_key(self, token_hash: bytes) -> tuple[Caller, KeyUse] | None:
        """Return who an API key stands for, and the key; a revoked one stands for nobody."""
        row = self.first(self._by_key, {"token_hash": token_hash})
        return None if row is None else (Caller(row[0], row[1], row[2], "key"), KeyUse(row[3], row[4]))


class IdentityRepository(SystemRepository):
    """Users, their sessions and what they may enter."""

    async def owner(self) -> Membership | None:
        """Return the first owner of the first workspace."""
        query = self.select(Membership).where(Membership.role == "owner").order_by(Membership.workspace_id).limit(1)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def workspace_ids(self) -> Sequence[str]:
        """Return every workspace's id, oldest first."""
        return (await self.session.execute(self.select(Workspace.id).order_by(Workspace.id))).scalars().all()

    async def sign_in_link(self, token_hash: bytes) -> SignInLink | None:
        """Return the link with this token, used or not."""
        query = self.select(SignInLink).where(SignInLink.token_hash == token_hash)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def use_link(self, token_hash: bytes, now: datetime) -> bool:
        """Mark a link as used; False if it was used or has expired, also when two requests race."""
        statement = (
            self.update(SignInLink)
            .where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
            .values(used_at=now)
            .returning(SignInLink.user_id)
        )
        return (await self.session.execute(statement)).scalar_one_or_none() is not None

    async def touch_key(self, key_id: str, now: datetime) -> None:
        """Remember when a key was last used."""
        await self.session.execute(self.update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))

    async def end_session(self, token_hash: bytes) -> None:
        """Forget a browser's session."""
        await self.session.execute(self.delete(WebSession).where(WebSession.token_hash == token_hash))

    async def user(self, user_id: str) -> User:
        """Return a user who is known to exist."""
        return (await self.session.execute(self.select(User).where(User.id == user_id))).scalar_one()

    async def workspace(self, workspace_id: str) -> Workspace:
        """Return a workspace that is known to exist."""
        return (await self.session.execute(self.select(Workspace).where(Workspace.id == workspace_id))).scalar_one()


class SequenceRepository(SystemRepository):
    """Hands out a workspace's numbers in commit order: its row stays locked until the transaction ends."""

    async def take_changes(self, workspace_id: str, count: int) -> int:
        """Reserve `count` numbers of the change log and return the first; call it late in a transaction."""
        return await self._take(workspace_id, Workspace.change_seq, count)

    async def take_events(self, workspace_id: str, count: int) -> int:
        """Reserve `count` numbers of the event log and return the first; call it late in a transaction."""
        return await self._take(workspace_id, Workspace.event_seq, count)

    async def _take(self, workspace_id: str, column: InstrumentedAttribute[int], count: int) -> int:
        statement = (
            self.update(Workspace)
            .where(Workspace.id == workspace_id)
            .values({column: column + count})
            .returning(column)
            .execution_options(synchronize_session=False)
        )
        return (await self.session.execute(statement)).scalar_one() - count + 1


class ApiKeyRepository(ScopedRepository):
    """The keys of one workspace."""

    async def active(self, after: str | None, limit: int) -> Sequence[ApiKey]:
        """Return keys that are not revoked, by id, after the given one."""
        query = self.select(ApiKey).where(ApiKey.revoked_at.is_(None)).order_by(ApiKey.id).limit(limit)
        if after is not None:
            query = query.where(ApiKey.id > after)
        return (await self.session.execute(query)).scalars().all()

    async def revoke(self, key_id: str, now: datetime) -> bool:
        """Revoke a key; False if this workspace has no such key."""
        statement = (
            self.update(ApiKey)
            .where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(ApiKey.id)
        )
        return (await self.session.execute(statement)).scalar_one_or_none() is not None
