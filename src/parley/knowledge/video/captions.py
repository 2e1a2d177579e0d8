"""YouTube's captions: which video an address names, what its page says about captions, and captions as WebVTT."""

import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from parley.errors import DamagedDocument, EmptyDocument, InvalidInput, PageGone

_ID = re.compile(r"[\w-]{11}\Z")
_HOSTS = frozenset({"youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"})
_PLAYER = re.compile(r"ytInitialPlayerResponse\s*=\s*(?=\{)")


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Track(_Lenient):
    """One track of captions. `kind` is `asr` where a machine wrote them."""

    url: str = Field(alias="baseUrl")
    language: str = Field(default="", alias="languageCode")
    kind: str = ""


class _Renderer(_Lenient):
    tracks: list[Track] = Field(default_factory=list[Track], alias="captionTracks")


class _Captions(_Lenient):
    renderer: _Renderer = Field(default_factory=_Renderer, alias="playerCaptionsTracklistRenderer")


class _Details(_Lenient):
    title: str = ""


class _Playability(_Lenient):
    status: str = "OK"


class Player(_Lenient):
    """What a video's page says about it."""

    captions: _Captions = Field(default_factory=_Captions)
    details: _Details = Field(default_factory=_Details, alias="videoDetails")
    playability: _Playability = Field(default_factory=_Playability, alias="playabilityStatus")


class _Segment(_Lenient):
    utf8: str = ""


class _Event(_Lenient):
    start: int = Field(default=0, alias="tStartMs")
    duration: int = Field(default=0, alias="dDurationMs")
    segments: list[_Segment] = Field(default_factory=list[_Segment], alias="segs")


class _Json3(_Lenient):
    events: list[_Event] = Field(default_factory=list[_Event])


def video_id(url: str) -> str:
    """Return the id of the video that an address names.

    Raises:
        InvalidInput: it names none.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    segments = [segment for segment in parts.path.split("/") if segment]
    candidate = ""
    if host == "youtu.be" and segments:
        candidate = segments[0]
    elif host in _HOSTS and segments:
        named = segments[0] in ("embed", "shorts", "live", "v") and len(segments) > 1
        candidate = segments[1] if named else parse_qs(parts.query).get("v", [""])[0]
    if not _ID.match(candidate):
        raise InvalidInput("This is not the address of a video on YouTube.", code="not_a_video")
    return candidate


def read_player(page: str) -> Player:
    """Return what a watch page says.

    Raises:
        PageGone: there is no such video, or it is not public.
        DamagedDocument: the page is not what it used to be.
    """
    found = _PLAYER.search(page)
    if found is None:
        raise DamagedDocument("YouTube's page could not be read. It may want a sign-in, or have changed.")
    try:
        raw, _ = json.JSONDecoder().raw_decode(page, found.end())
        player = Player.model_validate(raw)
    except (ValueError, ValidationError) as error:
        raise DamagedDocument("YouTube's page could not be read. It may have changed.") from error
    if player.playability.status in ("ERROR", "LOGIN_REQUIRED", "UNPLAYABLE"):
        raise PageGone("There is no such video, or it is not public.")
    return player


def choose_track(player: Player, languages: Sequence[str]) -> Track:
    """Return the wanted captions: by language, those a person wrote first.

    Raises:
        EmptyDocument: the video has none.
    """
    tracks = sorted(player.captions.renderer.tracks, key=lambda track: track.kind == "asr")
    if not tracks:
        raise EmptyDocument("The video has no captions, so there is no text to read.")
    for language in languages:
        for track in tracks:
            if track.language.split("-")[0] == language.split("-")[0]:
                return track
    return tracks[0]


def to_webvtt(title: str, content: bytes) -> str:
    """Return captions (YouTube's `json3`) as WebVTT.

    Raises:
        EmptyDocument: nothing is said in them.
        DamagedDocument: they are of another form.
    """
    if not content.strip():
        raise EmptyDocument("YouTube sent no captions; it does so where it takes us for a robot.")
    try:
        events = _Json3.model_validate_json(content).events
    except ValidationError as error:
        raise DamagedDocument("The captions are of a form that is not known.") from error
    cues: list[str] = []
    for event in events:
        words = " ".join("".join(segment.utf8 for segment in event.segments).split())
        if words:
            cues.append(f"{_time(event.start)} --> {_time(event.start + event.duration)}\n{_escaped(words)}")
    if not cues:
        raise EmptyDocument("The captions hold no words.")
    return f"WEBVTT - {_escaped(' '.join(title.split())) or 'Video'}\n\n" + "\n\n".join(cues) + "\n"


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(max(milliseconds, 0), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
