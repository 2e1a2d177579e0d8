"""Sources that lie elsewhere or are written in Parley: add them, change what they are, look before adding."""

from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import BaseModel, Field, JsonValue, SecretStr

from parley.errors import Conflict, InvalidInput, NotPermitted
from parley.kit.clock import Clock
from parley.kit.crypto import SecretBox, SecretLost
from parley.kit.ids import new_id
from parley.knowledge.git.places import is_local
from parley.knowledge.lifecycle import SourceLifecycle
from parley.knowledge.remote.config import (
    FaqCreate,
    GitConfig,
    GitCreate,
    RemoteConfig,
    RemoteCreate,
    TextCreate,
    VideoCreate,
    WebsiteCreate,
    changed_config,
    stored_config,
)
from parley.knowledge.remote.intake import Arrival, RemoteIntake
from parley.knowledge.repository import DocumentRepository, SourceRepository
from parley.knowledge.rules import begin_rule, rule_columns
from parley.knowledge.schemas import SourceOut, SourcePatch
from parley.knowledge.tables import Source
from parley.knowledge.views import require_bot, require_source
from parley.store.blobs import BlobStore
from parley.store.engine import Store

MAX_NAME = 300


class CheckOut(BaseModel):
    """What was found by looking at a place without adding it. `problems` say why adding it would not give much."""

    kind: str
    reachable: bool
    url: str
    title: str | None = None
    pages: int | None = Field(default=None, description="Websites: pages that the sitemap lists.")
    sitemaps: list[str] = Field(default_factory=list[str], description="Websites: sitemaps that the site names.")
    robots_allowed: bool | None = Field(default=None, description="Websites: whether robots.txt lets crawlers in.")
    crawl_delay_seconds: float | None = Field(default=None, description="Websites: the pause that the site asks for.")
    branches: list[str] = Field(default_factory=list[str], description="Repositories: some branches, the chosen first.")
    branch: str | None = Field(default=None, description="Repositories: the branch that would be read.")
    languages: list[str] = Field(default_factory=list[str], description="Videos: languages of the captions.")
    problems: list[JsonValue] = Field(default_factory=list[JsonValue], description="Each with `code` and `message`.")


class Description(BaseModel):
    """What a kind makes of a request: the place by which the source is known, and a name for it."""

    root: str | None
    name: str


class RemoteKind(Protocol):
    """What is special about adding a source of one kind."""

    def describe(self, config: Any) -> Description:
        """Return the place and a name of a new source.

        Raises:
            AppError: no such source can be.
        """
        ...

    async def check(self, config: Any, token: str | None) -> CheckOut:
        """Look at the place without adding it."""
        ...


RemoteKinds = Mapping[str, RemoteKind]


class RemoteSources:
    """Adds and changes sources that have a configuration. What they have in common with others is in `lifecycle`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        blobs: BlobStore,
        lifecycle: SourceLifecycle,
        secrets: SecretBox,
        kinds: RemoteKinds,
    ) -> None:
        self._store = store
        self._clock = clock
        self._blobs = blobs
        self._lifecycle = lifecycle
        self._secrets = secrets
        self._kinds = kinds

    async def add(self, workspace_id: str, bot_id: str, wanted: RemoteCreate, *, is_owner: bool) -> SourceOut:
        """Add a source and have it looked at. The same place again takes the new configuration and one more look.

        Args:
            is_owner: whether the caller may name places on the server's own machine.

        Raises:
            NotFound: there is no such bot.
            NotPermitted: only the owner may add it.
            AppError: there can be no such source; the message says why.
        """
        if isinstance(wanted, TextCreate):
            return await self._add_text(workspace_id, bot_id, wanted)
        described = self._kind(wanted.kind).describe(wanted.config)
        if isinstance(wanted, GitCreate) and is_local(wanted.config.url) and not is_owner:
            raise NotPermitted("Only the owner may add a repository of the server's own machine.")
        values: dict[str, Any] = {"config": wanted.config.model_dump_json(), "status": _first_status(wanted)}
        if isinstance(wanted, GitCreate) and wanted.token is not None:
            values["secret"] = self._sealed(wanted.token)
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            await require_bot(sources, bot_id)
            source = None
            if described.root is not None:
                source = await sources.local(wanted.kind, described.root, wanted.visibility, None)
            if source is None:
                source = self._new(sources, wanted, described)
                await session.flush()
            values |= rule_columns(source, wanted.chunking, self._lifecycle.usual_tokens)
            await sources.change(source.id, self._clock.now(), finished_at=None, paused=False, **values)
            await sources.link(source.id, bot_id)
        if "chunking_due" in values:
            await self._lifecycle.rechunk(workspace_id, source.id)
        schedule = None if isinstance(wanted, FaqCreate) else wanted.schedule
        if schedule is not None:
            await self._lifecycle.change(workspace_id, source.id, SourcePatch(schedule=schedule))
        return await self._lifecycle.wake(workspace_id, source.id)

    async def _add_text(self, workspace_id: str, bot_id: str, wanted: TextCreate) -> SourceOut:
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            await require_bot(sources, bot_id)
            source = self._new(sources, wanted, Description(root=None, name=wanted.config.title))
            source.config = wanted.config.model_dump_json()
            await session.flush()
            await sources.link(source.id, bot_id)
        await self._write_note(source, wanted.config.title, wanted.text)
        return await self._lifecycle.read(workspace_id, source.id)

    async def note(self, workspace_id: str, source_id: str) -> tuple[str, str]:
        """Return a note's title and its text, as it was written.

        Raises:
            NotFound: there is no such source.
            Conflict: it is not a note.
        """
        async with self._store.read() as session:
            source = await require_source(SourceRepository(session, workspace_id), source_id)
            title = _note_title(source)
            documents = await DocumentRepository(session, workspace_id).ids_of(source_id, 1)
        key = documents[0].blob_key if documents else None
        if key is None:
            return title, ""
        content = self._blobs.path(workspace_id, key).read_text("utf-8")
        return title, content.removeprefix(f"# {title}\n\n")

    async def rewrite_note(self, workspace_id: str, source_id: str, title: str | None, text: str) -> SourceOut:
        """Give a note another text, which makes a new version of it.

        Raises:
            NotFound: there is no such source.
            Conflict: it is not a note.
        """
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            source = await require_source(sources, source_id)
            named = title or _note_title(source)
            config = changed_config(source.kind, source.config, {"title": named})
            values: dict[str, Any] = {"config": config.model_dump_json()}
            if source.name == _note_title(source):
                values["name"] = named
            await sources.change(source_id, self._clock.now(), **values)
        await self._write_note(source, named, text)
        return await self._lifecycle.read(workspace_id, source_id)

    async def _write_note(self, source: Source, title: str, text: str) -> None:
        """The title is the note's heading, so that it counts in search; the document keeps its path for ever."""
        content = f"# {title}\n\n{text.strip()}\n".encode()
        writer = self._blobs.writer(len(content))
        await writer.write(content)
        staged = await writer.finish()
        intake = await RemoteIntake(self._store, self._clock, self._blobs, source).open()
        path = next(iter(intake.documents), "note.md")
        known = intake.documents.get(path)
        if known is not None and known.content_hash == staged.key and known.status == "ready":
            await self._blobs.discard(staged)
            return
        await intake.take([Arrival(path, title, staged=staged, content_hash=staged.key)])

    async def reconfigure(
        self,
        workspace_id: str,
        source_id: str,
        changes: dict[str, JsonValue] | None,
        token: SecretStr | None,
        *,
        is_owner: bool,
    ) -> None:
        """Change fields of a configuration, or the token; the next look follows it. The place itself stays.

        Raises:
            NotFound: there is no such source.
            InvalidInput: a field is not one of this kind, or not valid.
            NotPermitted: only the owner may set it.
        """
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            source = await require_source(sources, source_id)
            present = stored_config(source.kind, source.config)
            config = changed_config(source.kind, source.config, dict(changes or {}))
            values: dict[str, Any] = {"config": config.model_dump_json()}
            described = self._kind(source.kind).describe(config) if source.kind in self._kinds else None
            if isinstance(config, GitConfig) and is_local(config.url) and not is_owner:
                raise NotPermitted("Only the owner may name a place on the server's own machine.")
            if described is not None:
                values |= {"root": described.root, "config": config.model_dump_json()}
            if config != present:
                # What was read under other rules is no measure of what is new under these.
                values["cursor"] = None
            if token is not None:
                if source.kind != "git":
                    raise InvalidInput("Only repositories are opened by a token.", code="no_token")
                values["secret"] = self._sealed(token)
            await sources.change(source_id, self._clock.now(), **values)

    async def check(self, wanted: RemoteCreate, *, is_owner: bool) -> CheckOut:
        """Look at a place without adding it: is it there, may it be read, how much is there.

        Raises:
            InvalidInput: there is nothing to look at for this kind.
            AppError: the request itself is wrong.
        """
        if isinstance(wanted, FaqCreate | TextCreate):
            raise InvalidInput("Questions and notes are written here; there is nothing to look at.", code="no_check")
        if isinstance(wanted, GitCreate) and is_local(wanted.config.url) and not is_owner:
            raise NotPermitted("Only the owner may look at a repository of the server's own machine.")
        token = wanted.token.get_secret_value() if isinstance(wanted, GitCreate) and wanted.token else None
        return await self._kind(wanted.kind).check(wanted.config, token)

    def _sealed(self, token: SecretStr) -> bytes | None:
        secret = token.get_secret_value().strip()
        return self._secrets.encrypt(secret) if secret else None

    def _kind(self, kind: str) -> RemoteKind:
        if kind not in self._kinds:
            raise InvalidInput(f"Sources of kind {kind} cannot be added here.", code="kind_unknown")
        return self._kinds[kind]

    def _new(self, sources: SourceRepository, wanted: RemoteCreate, described: Description) -> Source:
        now = self._clock.now()
        source = Source(
            id=new_id("src"),
            kind=wanted.kind,
            name=(wanted.name or described.name)[:MAX_NAME],
            root=described.root,
            visibility=wanted.visibility,
            status=_first_status(wanted),
            unchanged=0,
            created_at=now,
            updated_at=now,
        )
        return sources.add(begin_rule(source, wanted.chunking, self._lifecycle.usual_tokens))


def token_of(source: Source, secrets: SecretBox) -> str | None:
    """Return the token that opens a source.

    Raises:
        InvalidInput: it was encrypted under another key.
    """
    try:
        return secrets.decrypt(source.secret) if source.secret is not None else None
    except SecretLost as error:
        raise InvalidInput("The stored token cannot be read any more. Give it again.", code="secret_lost") from error


def _first_status(wanted: WebsiteCreate | GitCreate | VideoCreate | FaqCreate | TextCreate) -> str:
    return "reading" if isinstance(wanted, FaqCreate | TextCreate) else "scanning"


def _note_title(source: Source) -> str:
    config: RemoteConfig | None = stored_config(source.kind, source.config)
    title = getattr(config, "title", None)
    if source.kind != "text" or title is None:
        raise Conflict("This source is not a note.", code="not_a_note")
    return str(title)
