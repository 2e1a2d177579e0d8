"""Connect chat models, keep their keys safe, try them, and open them for a turn."""

from collections.abc import Callable

from parley.errors import Conflict, NotFound
from parley.kit.clock import Clock
from parley.kit.crypto import SecretBox
from parley.kit.ids import new_id
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.llm.chat import ChatMessage, ChatModel, TextDelta
from parley.llm.keys import read_key, two_keys
from parley.llm.providers import Connection
from parley.llm.repository import ModelRepository
from parley.llm.schemas import ModelIn, ModelPatch, ModelTest, ModelView
from parley.llm.tables import ChatModelRow
from parley.llm.trial import last_test, remember, try_out
from parley.store.engine import Store

# Enough for models that think before they speak.
TEST_TOKENS = 500


OpenModel = Callable[[Connection], ChatModel]


class ModelService:
    """Connected models of a workspace.

    Args:
        secrets: encrypts keys; its key lies outside the database.
        open_model: makes a model of a connection: the provider adapter, or a fake.
    """

    def __init__(self, store: Store, clock: Clock, secrets: SecretBox, open_model: OpenModel) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets
        self._open_model = open_model

    async def create(self, workspace_id: str, wanted: ModelIn) -> ModelView:
        """Connect a model; it is not called yet.

        Raises:
            Conflict: the name is taken.
            InvalidInput: both a key and a variable are given.
        """
        if wanted.key is not None and wanted.key_env is not None:
            raise two_keys()
        async with self._store.write() as session:
            models = ModelRepository(session, workspace_id)
            if await models.named(wanted.name) is not None:
                raise _taken(wanted.name)
            row = models.add(
                ChatModelRow(
                    id=new_id("model"),
                    name=wanted.name,
                    kind=wanted.kind,
                    base_url=str(wanted.base_url).rstrip("/"),
                    model=wanted.model,
                    key_env=wanted.key_env,
                    key_encrypted=self._secrets.encrypt(wanted.key.get_secret_value()) if wanted.key else None,
                    created_at=self._clock.now(),
                )
            )
        return _view(row)

    async def page(self, workspace_id: str, cursor: str | None, limit: int) -> Page[ModelView]:
        """Return models in the order they were connected."""
        after = str(decode_cursor(cursor)[0]) if cursor else None
        async with self._store.read() as session:
            rows = await ModelRepository(session, workspace_id).page(after, limit + 1)
        return page_of([_view(row) for row in rows], limit, lambda view: encode_cursor(view.id))

    async def change(self, workspace_id: str, model_id: str, patch: ModelPatch) -> ModelView:
        """Change what the patch names; the last test no longer counts.

        A key is sent to the address it was given for and to no other: changing the address drops it unless the patch
        brings one along.

        Raises:
            NotFound: the workspace has no such model.
            Conflict: the name is taken.
            InvalidInput: both a key and a variable are given.
        """
        named = patch.model_fields_set
        if patch.key is not None and patch.key_env is not None:
            raise two_keys()
        async with self._store.write() as session:
            models = ModelRepository(session, workspace_id)
            row = await _existing(models, model_id)
            if patch.name is not None and patch.name != row.name:
                if await models.named(patch.name) is not None:
                    raise _taken(patch.name)
                row.name = patch.name
            if patch.base_url is not None and str(patch.base_url).rstrip("/") != row.base_url:
                row.base_url, row.key_encrypted = str(patch.base_url).rstrip("/"), None
            row.model = patch.model or row.model
            if "key" in named:
                row.key_encrypted = self._secrets.encrypt(patch.key.get_secret_value()) if patch.key else None
                row.key_env = None if patch.key else row.key_env
            if "key_env" in named:
                row.key_env = patch.key_env
                row.key_encrypted = None if patch.key_env else row.key_encrypted
            remember(row, None)
        return _view(row)

    async def remove(self, workspace_id: str, model_id: str) -> None:
        """Remove a model; bots that used it answer with quotes again.

        Raises:
            NotFound: the workspace has no such model.
        """
        async with self._store.write() as session:
            if not await ModelRepository(session, workspace_id).remove(model_id):
                raise _no_model()

    async def open(self, workspace_id: str, model_id: str) -> ChatModel:
        """Return the model ready to be called.

        Raises:
            NotFound: the workspace has no such model.
            InvalidInput: its key cannot be read.
        """
        async with self._store.read() as session:
            row = await _existing(ModelRepository(session, workspace_id), model_id)
        return self.open_row(row)

    def open_row(self, row: ChatModelRow) -> ChatModel:
        """Return a model that was read already, ready to be called.

        Raises:
            InvalidInput: its key cannot be read.
        """
        key = read_key(self._secrets, row.name, row.key_env, row.key_encrypted)
        return self._open_model(Connection(row.base_url, row.model, key))

    async def open_named(self, workspace_id: str, name: str) -> ChatModel:
        """Return the model of this name ready to be called.

        Raises:
            NotFound: the workspace has no model of this name.
            InvalidInput: its key cannot be read.
        """
        async with self._store.read() as session:
            row = await ModelRepository(session, workspace_id).named(name)
        if row is None:
            raise _no_model()
        return await self.open(workspace_id, row.id)

    async def test(self, workspace_id: str, model_id: str) -> ModelTest:
        """Ask the model for a word, and remember how that went.

        Raises:
            NotFound: the workspace has no such model.
        """

        async def greeting() -> tuple[bool, str]:
            said = await _greet(await self.open(workspace_id, model_id))
            return bool(said), said or "The model answered, but without a word of text."

        result = await try_out(greeting, self._clock)
        async with self._store.write() as session:
            remember(await _existing(ModelRepository(session, workspace_id), model_id), result)
        return result


async def _greet(model: ChatModel) -> str:
    events = model.stream([ChatMessage("user", "Reply with the single word: ready")], max_tokens=TEST_TOKENS)
    try:
        said = [event.text async for event in events if isinstance(event, TextDelta)]
    finally:
        await events.aclose()
    return "".join(said).strip()


async def _existing(models: ModelRepository, model_id: str) -> ChatModelRow:
    row = await models.get(ChatModelRow, model_id)
    if row is None:
        raise _no_model()
    return row


def _view(row: ChatModelRow) -> ModelView:
    return ModelView(
        id=row.id,
        name=row.name,
        kind="openai",
        base_url=row.base_url,
        model=row.model,
        has_key=row.key_encrypted is not None,
        key_env=row.key_env,
        last_test=last_test(row),
    )


def _no_model() -> NotFound:
    return NotFound("There is no such model. See the list with: parley models list", code="model_not_found")


def _taken(name: str) -> Conflict:
    return Conflict(f"A model is called {name} already.", code="model_name_taken")
