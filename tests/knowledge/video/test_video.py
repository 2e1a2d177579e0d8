"""Videos by their captions, against a server on loopback that answers in YouTube's format."""

import json
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest

from parley.errors import InvalidInput
from parley.kit.fetching import Fetcher
from parley.knowledge.remote.config import VideoConfig, VideoCreate
from parley.knowledge.video.captions import video_id
from parley.store.engine import Store
from tests.support.ingestion import Room, running_room
from tests.support.site import Reply, Site, running_site

ID = "dQw4w9WgXcQ"


@pytest.fixture
def site() -> Generator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
async def room(store: Store, data_folder: Path, site: Site) -> AsyncGenerator[Room]:
    def make() -> Fetcher:
        return Fetcher(site.rules(), "ParleyTest/1")

    async with running_room(store, data_folder, make_fetcher=make, watch_page=site.url("/watch")) as running:
        yield running


def show(site: Site, tracks: list[tuple[str, str]], **more: Any) -> None:
    """Let the site show a video with these tracks (language, kind)."""
    player = {
        "playabilityStatus": {"status": "OK"},
        "videoDetails": {"videoId": ID, "title": "Valves & pumps", "lengthSeconds": "95"},
        "captions": {
            "playerCaptionsTracklistRenderer": {
                "captionTracks": [
                    {"baseUrl": site.url(f"/captions?lang={language}"), "languageCode": language, "kind": kind}
                    for language, kind in tracks
                ]
            }
        },
        **more,
    }
    script = f"<script>var ytInitialPlayerResponse = {json.dumps(player)};var meta = {{}};</script>"
    site.pages[f"/watch?v={ID}"] = Reply(f"<html><body>{script}</body></html>".encode())
    for language, _ in tracks:
        said = [
            {"tStartMs": 0, "dDurationMs": 4_000, "segs": [{"utf8": "Welcome to"}, {"utf8": " the workshop."}]},
            {"tStartMs": 61_500, "dDurationMs": 4_000, "segs": [{"utf8": f"Close the red valve first. {language}"}]},
            {"tStartMs": 70_000, "dDurationMs": 100, "segs": [{"utf8": "\n"}]},
        ]
        body = json.dumps({"wireMagic": "pb3", "events": said}).encode()
        site.pages[f"/captions?lang={language}&fmt=json3"] = Reply(body, type="application/json")


def wanted(**config: object) -> VideoCreate:
    url = f"https://www.youtube.com/watch?v={ID}&list=x"
    return VideoCreate(kind="video", config=VideoConfig.model_validate({"url": url, **config}))


class TestAVideo:
    async def test_is_read_by_its_captions_with_their_times(self, room: Room, site: Site) -> None:
        show(site, [("de", "asr"), ("en", "")])
        source = await room.add_remote(wanted())
        assert (source.status, source.error) == ("ready", None)
        (document,) = (await room.all_documents(source.id)).values()
        assert (document.title, document.url) == ("Valves & pumps", f"https://www.youtube.com/watch?v={ID}")
        found = await room.documents.text(room.workspace_id, document.id, None, None, None)
        assert found.text == "Welcome to the workshop.\nClose the red valve first. en"
        cues = [(found.text[cue.start : cue.end], cue.level) for cue in found.ranges if cue.kind == "cue"]
        assert cues == [("Welcome to the workshop.", 0), ("Close the red valve first. en", 61)]

    async def test_is_read_in_the_wanted_language(self, room: Room, site: Site) -> None:
        show(site, [("en", ""), ("de", "asr")])
        source = await room.add_remote(wanted(languages=["fr", "de"]))
        (document,) = (await room.all_documents(source.id)).values()
        assert (await room.text_of(document)).endswith("de")
        again = await room.look_again(source.id)
        assert again.status == "ready"
        assert (await room.all_documents(source.id))[document.path].version == 1

    async def test_without_captions_says_so(self, room: Room, site: Site) -> None:
        show(site, [])
        source = await room.add_remote(wanted())
        assert source.error is not None
        assert (source.status, source.error.code) == ("failed", "empty_document")

    async def test_that_is_not_public_says_so(self, room: Room, site: Site) -> None:
        show(site, [], playabilityStatus={"status": "LOGIN_REQUIRED"})
        source = await room.add_remote(wanted())
        assert source.error is not None
        assert source.error.code == "page_gone"

    async def test_is_looked_at_before_it_is_added(self, room: Room, site: Site) -> None:
        show(site, [("en", ""), ("de", "asr")])
        found = await room.remote.check(wanted(), is_owner=False)
        assert (found.reachable, found.title, found.languages) == (True, "Valves & pumps", ["en", "de"])


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            f"https://www.youtube.com/watch?v={ID}",
            f"https://youtu.be/{ID}?t=42",
            f"https://m.youtube.com/watch?list=a&v={ID}",
            f"https://www.youtube.com/shorts/{ID}",
            f"https://www.youtube-nocookie.com/embed/{ID}",
        ],
    )
    def test_name_the_video(self, url: str) -> None:
        assert video_id(url) == ID

    @pytest.mark.parametrize("url", ["https://example.org/watch?v=" + ID, "https://youtube.com/", "https://youtu.be/x"])
    def test_of_other_things_are_refused(self, url: str) -> None:
        with pytest.raises(InvalidInput):
            video_id(url)
