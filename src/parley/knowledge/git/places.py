"""Where repositories lie, as people write it."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from parley.errors import AddressRefused, InvalidInput
from parley.kit.fetching.urls import canonical_host, parse_target

_SCP_LIKE = re.compile(r"(?:(?P<user>[A-Za-z0-9._+-]+)@)(?P<host>[A-Za-z0-9.-]+):(?P<path>[^:].*)\Z")
_USER = re.compile(r"[A-Za-z0-9._+][A-Za-z0-9._+-]*\Z")
_FORGE_FILES = {"github.com": "/blob/{branch}/{path}", "gitlab.com": "/-/blob/{branch}/{path}"}


@dataclass(frozen=True, slots=True)
class SshPlace:
    """A repository behind ssh."""

    user: str
    host: str
    port: int | None
    path: str


def ssh_place(url: str) -> SshPlace | None:
    """Return where an ssh address leads, written either way; None for other addresses.

    Raises:
        AddressRefused: it is one, but not a valid one.
    """
    if "://" not in url:
        found = _SCP_LIKE.match(url)
        return _checked(found["user"], found["host"], None, found["path"]) if found else None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("This is not a valid address.", code="url_invalid") from error
    if parts.scheme not in ("ssh", "git+ssh"):
        return None
    if parts.password:
        raise AddressRefused("The address carries a password. Leave it out.", code="credentials_in_url")
    return _checked(parts.username or "git", parts.hostname or "", port, unquote(parts.path))


def _checked(user: str, host: str, port: int | None, path: str) -> SshPlace:
    if not _USER.match(user) or path.startswith("-") or not path or any(c in path for c in "\0\r\n"):
        raise AddressRefused("This is not a valid ssh address.", code="url_invalid")
    return SshPlace(user, canonical_host(host), port, path)


def is_local(url: str) -> bool:
    """Whether an address is a path on the server's own machine."""
    return "://" not in url and _SCP_LIKE.match(url) is None


def normalise(url: str) -> str:
    """Return the one spelling of a repository's address.

    Raises:
        AddressRefused: it is none that is fetched.
        InvalidInput: it is a path, but not a whole one, or nothing is there.
    """
    if is_local(url):
        path = Path(url)
        if not path.is_absolute():
            raise InvalidInput("Give the repository's absolute path, or its address.", code="path_not_absolute")
        if not path.is_dir():
            raise InvalidInput(f"{url} is not a folder on this machine.", code="not_a_folder")
        return str(path)
    place = ssh_place(url)
    if place is not None:
        port = f":{place.port}" if place.port else ""
        return f"ssh://{place.user}@{place.host}{port}/{place.path.lstrip('/')}" if "://" in url else url
    target = parse_target(url.partition("#")[0])
    return target.origin + target.path.partition("?")[0].rstrip("/")


def name_of(url: str) -> str:
    """Return `owner/repository`, or the last part of a path."""
    place = ssh_place(url) if not is_local(url) else None
    path = place.path if place else url if is_local(url) else urlsplit(url).path
    parts = [part for part in PurePosixPath(path.replace("\\", "/")).parts if part != "/"]
    return "/".join(parts[-1:] if is_local(url) else parts[-2:]).removesuffix(".git") or url


def file_url(url: str, branch: str, path: str) -> str | None:
    """Return where people read a file of a repository on a forge that is known, else None."""
    place = ssh_place(url) if not is_local(url) else None
    host = place.host if place else (urlsplit(url).hostname or "")
    pattern = _FORGE_FILES.get(host.removeprefix("www."))
    if pattern is None:
        return None
    return f"https://{host}/{name_of(url)}" + pattern.format(branch=quote(branch), path=quote(path))
