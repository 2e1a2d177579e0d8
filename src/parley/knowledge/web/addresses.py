"""Addresses of pages: one spelling for each, which belong to a site, and which are likely to have no end."""

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from parley.errors import AddressRefused
from parley.kit.fetching import parse_target

MAX_SEGMENTS = 16
MAX_REPEATS = 3
# Set by mail and advertising tools to tell where a visitor came from; the page is the same without them.
_TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|matomo_\w+|hsa_\w+|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|twclid|ttclid|"
    r"igshid|mc_cid|mc_eid|_hsenc|_hsmi|vero_id|oly_anon_id|oly_enc_id|_openstat|ref_src|spm|scm|trk|_ga|_gl)\Z",
    re.IGNORECASE,
)
# Name a visit, so each visit sees other addresses for the same pages.
_SESSION = re.compile(
    r"(?:phpsessid|jsessionid|aspsessionid\w*|sessionid|session_id|sessid|sid|cfid|cftoken|zenid|oscsid)\Z",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_DIGITS = re.compile(r"\d+")
_NOT_READ = frozenset(
    """
    .png .jpg .jpeg .gif .webp .avif .ico .bmp .tif .tiff .svg .heic .psd .mp3 .mp4 .m4a .m4v .mov .avi .mkv .webm .ogg
    .oga .ogv .wav .flac .aac .woff .woff2 .ttf .otf .eot .css .js .mjs .map .zip .gz .tgz .bz2 .xz .7z .rar .tar .zst
    .exe .msi .dmg .pkg .deb .rpm .apk .iso .img .jar .war .bin .dll .so .wasm .swf .torrent .ics .vcf .crt .pem .asc
    .sig .rss .atom .xsl
    """.split()  # noqa: SIM905  easier to read as a table
)


def normalise(url: str) -> str:
    """Return the one spelling of an address: no fragment, no tracking or session, dots resolved, escapes canonical.

    Raises:
        AddressRefused: it is not an address that could be fetched.
    """
    target = parse_target(url.partition("#")[0])
    path, _, query = target.path.partition("?")
    path = _ESCAPE.sub(_escape, _PATH_SESSION.sub("", path))
    return target.origin + _without_dots(path) + _clean_query(query)


def host_of(url: str) -> str:
    """Return the host of a normalised address, without a leading `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def is_same_site(url: str, site: str) -> bool:
    """Whether an address belongs to the site of another: the same host, with or without `www.`, and the same port."""
    return host_of(url) == host_of(site) and _port(url) == _port(site)


def is_readable(url: str) -> bool:
    """Whether the name at the end of an address lets hope for text; pictures, archives and programs do not."""
    return PurePosixPath(unquote(urlsplit(url).path)).suffix.lower() not in _NOT_READ


def is_wanted(url: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    """Whether patterns let an address through; `*` stands for anything, and they see path and query."""
    parts = urlsplit(url)
    seen = unquote(parts.path) + (f"?{parts.query}" if parts.query else "")
    if any(_matches(seen, pattern) for pattern in exclude):
        return False
    return not include or any(_matches(seen, pattern) for pattern in include)


def is_trap(url: str) -> bool:
    """Whether an address looks like one of those that a broken site makes up for ever: too deep, or in circles."""
    segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return True
    return any(segments.count(segment) > MAX_REPEATS for segment in set(segments))


def shape(url: str) -> str:
    """Return what an address has in common with its siblings: numbers and the values of the query left out.

    `/calendar/2031/05?view=day` and `/calendar/1999/12?view=week` have the same shape, `/calendar/0/0?view`.
    """
    parts = urlsplit(url)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return _DIGITS.sub("0", parts.path) + ("?" + "&".join(names) if names else "")


def resolved(base: str, reference: str) -> str | None:
    """Return the normalised address that a reference on a page leads to, None if it is none that could be fetched."""
    from parley.kit.fetching.urls import join

    if not reference or reference.startswith(("#", "mailto:", "tel:", "javascript:", "data:")):
        return None
    try:
        return normalise(join(base, reference))
    except AddressRefused:
        return None


def _port(url: str) -> int | None:
    parts = urlsplit(url)
    return parts.port if parts.port not in (80, 443) else None


def _matches(seen: str, pattern: str) -> bool:
    wanted = pattern if pattern.startswith(("/", "*")) else f"*{pattern}*"
    return fnmatchcase(seen, wanted) or (wanted.endswith("/") and seen.startswith(wanted))


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.match(character) else match[0].upper()


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _clean_query(query: str) -> str:
    if not query:
        return ""
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=100)
        if not _TRACKING.match(name) and not _SESSION.match(name)
    ]
    return "?" + urlencode(kept) if kept else ""
