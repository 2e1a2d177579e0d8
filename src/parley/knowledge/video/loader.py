"""Bring a video's document up to date with its captions."""

from parley.errors import FetchError, IngestionError, PageGone, PageRefused, SourceUnavailable
from parley.kit.clock import Clock
from parley.kit.fetching import Fetcher
from parley.knowledge.loading import Loaded
from parley.knowledge.remote.config import VideoConfig, stored_config
from parley.knowledge.remote.intake import Arrival, RemoteIntake
from parley.knowledge.remote.service import CheckOut, Description
from parley.knowledge.tables import Source
from parley.knowledge.video.captions import Player, choose_track, read_player, to_webvtt, video_id
from parley.knowledge.web.loader import MakeFetcher
from parley.store.blobs import BlobStore
from parley.store.engine import Store

WATCH = "https://www.youtube.com/watch"


async def fetch_player(fetcher: Fetcher, watch: str, video: str) -> Player:
    """Return what the page of a video says.

    Raises:
        FetchError, DamagedDocument: it cannot be had or read.
    """
    answer = await fetcher.fetch(f"{watch}?v={video}", headers={"accept-language": "en"})
    if answer.status in (404, 410):
        raise PageGone("There is no such video.")
    if not 200 <= answer.status < 300:
        raise PageRefused(f"YouTube answered with {answer.status}.")
    return read_player(answer.body.decode("utf-8", "replace"))


class VideoLoader:
    """Fetches the captions of one video; its document's path is the video's address.

    Args:
        watch: the address of YouTube's player page, without the video.
    """

    def __init__(
        self, store: Store, clock: Clock, blobs: BlobStore, make_fetcher: MakeFetcher, watch: str = WATCH
    ) -> None:
        self._store = store
        self._clock = clock
        self._blobs = blobs
        self._make_fetcher = make_fetcher
        self._watch = watch

    async def load(self, source: Source) -> Loaded:
        """Look at the captions once.

        Raises:
            SourceUnavailable: YouTube does not answer.
            IngestionError: there is no such video, or it has no captions.
        """
        config = stored_config(source.kind, source.config)
        assert isinstance(config, VideoConfig)
        video = video_id(config.url)
        try:
            title, text = await self._captions(video, config.languages)
        except FetchError as error:
            raise SourceUnavailable(error.message) if error.retryable else error from error
        intake = await RemoteIntake(self._store, self._clock, self._blobs, source).open()
        content = text.encode()
        writer = self._blobs.writer(len(content))
        await writer.write(content)
        staged = await writer.finish()
        path = f"{WATCH}?v={video}"
        known = intake.documents.get(path)
        if known is not None and known.content_hash == staged.key:
            await self._blobs.discard(staged)
            await intake.same(path)
        else:
            await intake.take([Arrival(path, title or path, url=path, staged=staged, content_hash=staged.key)])
        return intake.loaded

    async def _captions(self, video: str, languages: list[str]) -> tuple[str, str]:
        async with self._make_fetcher() as fetcher:
            player = await fetch_player(fetcher, self._watch, video)
            track = choose_track(player, languages)
            answer = await fetcher.fetch(f"{track.url}&fmt=json3")
            if not 200 <= answer.status < 300:
                raise PageRefused(f"YouTube answered with {answer.status} to the request for captions.")
        return player.details.title, to_webvtt(player.details.title, answer.body)


class VideoKind:
    """Videos, known by their id."""

    def __init__(self, make_fetcher: MakeFetcher, watch: str = WATCH) -> None:
        self._make_fetcher = make_fetcher
        self._watch = watch

    def describe(self, config: VideoConfig) -> Description:
        """Return the place and a name.

        Raises:
            InvalidInput: the address names no video.
        """
        place = f"{WATCH}?v={video_id(config.url)}"
        return Description(root=place, name=place)

    async def check(self, config: VideoConfig, token: str | None) -> CheckOut:
        """Ask which captions there are."""
        video = video_id(config.url)
        found = CheckOut(kind="video", reachable=False, url=f"{WATCH}?v={video}")
        async with self._make_fetcher() as fetcher:
            try:
                player = await fetch_player(fetcher, self._watch, video)
                found.reachable, found.title = True, player.details.title or None
                found.languages = [track.language for track in player.captions.renderer.tracks]
                choose_track(player, config.languages)
            except IngestionError as error:
                found.problems.append({"code": error.stable_code, "message": error.message})
        return found
