"""Wire the sources that lie elsewhere: what fetches them, under which rules, and what is special about each kind."""

from collections.abc import Awaitable, Callable

from parley.kit.clock import Clock
from parley.kit.crypto import SecretBox
from parley.kit.fetching import AddressRules, Fetcher
from parley.knowledge.events import WorkspaceEvents
from parley.knowledge.faq.kind import FaqKind
from parley.knowledge.git.kind import GitKind
from parley.knowledge.git.loader import GitLoader
from parley.knowledge.git.webhook import GitWebhooks
from parley.knowledge.loading import SourceLoader
from parley.knowledge.remote.service import RemoteKind, RemoteSources, token_of
from parley.knowledge.service import KnowledgeService
from parley.knowledge.video.loader import VideoKind, VideoLoader
from parley.knowledge.web.kind import WebsiteKind
from parley.knowledge.web.loader import WebsiteLoader
from parley.knowledge.web.plan import CrawlLimits
from parley.settings import FetchSettings, Settings
from parley.store.blobs import BlobStore
from parley.store.engine import Store


def remote_loaders(
    settings: Settings, store: Store, clock: Clock, events: WorkspaceEvents, blobs: BlobStore
) -> dict[str, SourceLoader]:
    """Return what looks at the sources of each kind that lies elsewhere."""
    fetch = settings.fetch
    limits = CrawlLimits(
        delay_seconds=fetch.delay_seconds,
        seconds=fetch.crawl_seconds,
        page_bytes=fetch.page_bytes,
        file_bytes=fetch.file_bytes,
        file_seconds=fetch.file_seconds,
    )
    secrets = SecretBox(settings.data / "secret.key")
    return {
        "website": WebsiteLoader(store, clock, events, blobs, fetcher_maker(fetch), limits),
        "video": VideoLoader(store, clock, blobs, fetcher_maker(fetch)),
        "git": GitLoader(store, clock, events, blobs, fetch, lambda source: token_of(source, secrets)),
    }


def build_remote(settings: Settings, store: Store, clock: Clock, knowledge: KnowledgeService) -> RemoteSources:
    """Return what adds and changes sources that lie elsewhere or are written here."""
    kinds: dict[str, RemoteKind] = {
        "website": WebsiteKind(fetcher_maker(settings.fetch)),
        "git": GitKind(knowledge.blobs, settings.fetch),
        "faq": FaqKind(),
        "video": VideoKind(fetcher_maker(settings.fetch)),
    }
    secrets = SecretBox(settings.data / "secret.key")
    return RemoteSources(store, clock, knowledge.blobs, knowledge.lifecycle, secrets, kinds)


def build_webhooks(
    settings: Settings,
    store: Store,
    clock: Clock,
    knowledge: KnowledgeService,
    workspace_ids: Callable[[], Awaitable[list[str]]],
) -> GitWebhooks:
    """Return what takes the pushes that forges announce."""
    return GitWebhooks(store, clock, knowledge.lifecycle, SecretBox(settings.data / "secret.key"), workspace_ids)


def fetcher_maker(settings: FetchSettings) -> Callable[[], Fetcher]:
    """Return what makes a fetcher under the rules of the settings.

    Raises:
        ValueError: an opened network is none.
    """
    rules = AddressRules.of(settings.ports, settings.opened_networks)
    return lambda: Fetcher(rules, settings.user_agent)
