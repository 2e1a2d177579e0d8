"""Everything a running Parley is made of, built once from settings and taken down in reverse order."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from parley.accounts.schemas import Caller
from parley.accounts.service import AccountService
from parley.bots.service import BotService
from parley.kit.clock import Clock, SystemClock
from parley.llm.embedding import Embedder
from parley.llm.embedding.models import open_embedder
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.service import Searcher
from parley.settings import Settings
from parley.store.engine import Store
from parley.store.migrate import migrate


@dataclass(slots=True)
class Container:
    """The services that front doors call. `owner` is who this installation belongs to."""

    settings: Settings
    clock: Clock
    store: Store
    accounts: AccountService
    bots: BotService
    embedder: Embedder
    searcher: Searcher
    owner: Caller


@asynccontextmanager
async def open_container(settings: Settings) -> AsyncGenerator[Container]:
    """Migrate the database, build the services, start what runs in the background; stop it all at the end."""
    settings.data.mkdir(parents=True, exist_ok=True)
    await migrate(settings.database_url)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        store = Store(settings.database_url)
        stack.push_async_callback(store.close)
        accounts = AccountService(store, clock)
        owner = await accounts.ensure_owner()
        embedder = open_embedder(settings.retrieval.embedder, settings.data / "models")
        keeper = IndexKeeper(store, settings.data / "indexes", embedder)
        stack.push_async_callback(keeper.close)
        yield Container(
            settings=settings,
            clock=clock,
            store=store,
            accounts=accounts,
            bots=BotService(store, clock),
            embedder=embedder,
            searcher=Searcher(store, settings.retrieval, embedder, keeper),
            owner=owner,
        )
