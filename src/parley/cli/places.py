"""What `parley add` is given, told apart: a folder, a file, a website, a repository, a video."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from parley.errors import InvalidInput

if TYPE_CHECKING:
    from parley.cli.client import Client

_VIDEO_HOSTS = frozenset({"youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be", "youtube-nocookie.com"})
_FORGES = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
_SCP_LIKE = re.compile(r"[\w.+-]+@[\w.-]+:[^/].*\Z|[\w.+-]+@[\w.-]+:/.*\Z")
_SITEMAP = re.compile(r"sitemap[^/]*\.(?:xml|txt)(?:\.gz)?\Z|\.xml(?:\.gz)?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AddOptions:
    """The flags of `parley add` that belong to some kinds of sources only."""

    depth: int | None = None
    max_pages: int | None = None
    branch: str | None = None
    include: list[str] = field(default_factory=list[str])
    exclude: list[str] = field(default_factory=list[str])
    schedule: str | None = None
    token: str | None = None


def token_in(variable: str | None) -> str | None:
    """Return the token that an environment variable holds.

    Raises:
        InvalidInput: it holds none.
    """
    if variable is None:
        return None
    token = os.environ.get(variable, "").strip()
    if not token:
        raise InvalidInput(f"The environment variable {variable} is empty or not set.", code="no_token")
    return token


def remote_source(place: str, options: AddOptions) -> dict[str, Any] | None:
    """Return the description of the source that a place is, None for a local folder or file."""
    kind = kind_of(place, options)
    if kind is None:
        return None
    if kind == "video":
        return _described("video", {"url": place}, options)
    if kind == "git":
        url = place if "://" in place or _SCP_LIKE.match(place) else str(Path(place).absolute())
        config: dict[str, Any] = {"url": url, "include": options.include, "exclude": options.exclude}
        if options.branch is not None:
            config["branch"] = options.branch
        return _described("git", config, options) | ({"token": options.token} if options.token else {})
    config = {"url": place, "include": options.include, "exclude": options.exclude, "mode": _mode(place, options)}
    if options.depth:
        config["max_depth"] = options.depth
    if options.max_pages is not None:
        config["max_pages"] = options.max_pages
    return _described("website", config, options)


def kind_of(place: str, options: AddOptions) -> str | None:
    """Return website, git or video; None for what lies on this machine and is no repository.

    A folder is a repository if its name ends in `.git`, or if a branch is asked for.
    """
    if _SCP_LIKE.match(place) and not Path(place).exists():
        return "git"
    parts = urlsplit(place)
    if parts.scheme in ("ssh", "git+ssh"):
        return "git"
    if parts.scheme not in ("http", "https"):
        return "git" if Path(place).is_dir() and (place.rstrip("/").endswith(".git") or options.branch) else None
    host = (parts.hostname or "").removeprefix("www.")
    segments = [segment for segment in parts.path.split("/") if segment]
    if host in _VIDEO_HOSTS and segments:
        return "video"
    if parts.path.rstrip("/").endswith(".git") or (host in _FORGES and len(segments) == 2) or options.branch:
        return "git"
    return "website"


def note_of(path: Path) -> dict[str, Any]:
    """Return the description of a note: the file's text under its first heading, or its name.

    Raises:
        InvalidInput: it is not a text.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not a UTF-8 text.", code="not_text") from error
    first, _, rest = text.lstrip().partition("\n")
    if first.startswith("# ") and rest.strip():
        return {"kind": "text", "config": {"title": first[2:].strip()[:300]}, "text": rest.strip()}
    return {"kind": "text", "config": {"title": path.stem[:300]}, "text": text}


def import_faq(client: "Client", bot_id: str, path: Path, common: dict[str, Any]) -> tuple[Any, list[dict[str, str]]]:
    """Make a FAQ of a CSV file; return its source, and the rows that were not taken."""
    source = client.post(f"/bots/{bot_id}/sources", {"kind": "faq", "name": path.stem, **common})
    result = client.send_file(f"/sources/{source['id']}/faq/csv", path.read_bytes(), "text/csv")
    problems = [
        {"path": f"{path}:{problem['row']}", "code": problem["code"], "message": problem["message"]}
        for problem in result["problems"]
    ]
    return source, problems


def _mode(url: str, options: AddOptions) -> str:
    if _SITEMAP.search(urlsplit(url).path):
        return "sitemap"
    return "page" if options.depth == 0 else "crawl"


def _described(kind: str, config: dict[str, Any], options: AddOptions) -> dict[str, Any]:
    body: dict[str, Any] = {"kind": kind, "config": config}
    return body | ({"schedule": options.schedule} if options.schedule else {})
