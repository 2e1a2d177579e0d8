"""Addresses in text, however they are written, and which of them may be told."""

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Top-level domains that messengers and mail programs make links of; those of countries are words and ends of file names
# as well, so they count only with a path behind them.
_TOP_LEVEL = (
    "com|net|org|edu|gov|mil|int|info|biz|io|dev|app|xyz|site|online|top|club|shop|store|live|link|click|icu|pages?|"
    "cloud|tech|space|website|example|test|invalid|localhost|internal|onion"
)
_COUNTRIES = (
    "ai|co|me|tv|cc|ly|gg|to|uk|de|fr|es|it|nl|eu|us|ca|au|jp|cn|ru|br|in|ch|at|be|dk|se|no|fi|cz|pt|gr|ie|kr|tw|hk|"
    "sg|za|mx|ar|tr|ua|su|ws|id|local|arpa|pl|sh"
)
_SCHEMES = (
    "javascript|vbscript|livescript|mocha|blob|mailto|intent|view-source|magnet|cid|callto|sips?|xmpp|skype|facetime|"
    "whatsapp|tg|webcal|geo|ms-[a-z]+"
)
_REST = r"[^\s<>\"`]"
ADDRESS = re.compile(
    rf"(?:[a-z][a-z0-9+.\-]{{1,30}}:[/\\]+{_REST}+"
    rf"|(?<![a-z0-9])(?:{_SCHEMES}):{_REST}+"
    rf"|(?<![a-z0-9])(?:data:(?:[\w.+\-]+/|[;,])|(?:tel|sms):\+?\d|about:(?:blank|srcdoc|config)){_REST}*"
    rf"|(?<![a-z0-9@])www\d?\.{_REST}+"
    rf"|(?<![:\w/\\])[/\\]{{2,}}(?:[\w-]+(?:\.[\w-]+)+|localhost|\[[0-9a-f:.]+\])(?:[:/?#]{_REST}*)?"
    rf"|(?<![\w/])/(?:api|sign-in|sign-out|metrics|healthz|readyz)\b{_REST}*"
    r"|[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"
    rf"|(?<![\w./@\-])(?:[\w\-]+\.)+(?:{_TOP_LEVEL})(?![\w\-])(?!\.\w)(?::\d+)?(?:[/?#]{_REST}*)?"
    rf"|(?<![\w./@\-])(?:[\w\-]+\.)+(?:{_COUNTRIES})(?::\d+)?[/?#]{_REST}*"
    rf"|(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?:(?::\d+)?[/?#]{_REST}*|:\d+))",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TRAILING = ".,;:!?'’”»*_~|]}"


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return text as it is read: entities, escapes, invisible characters and wide letters resolved."""
    for _ in range(3):
        read = _ESCAPED.sub(r"\1", html.unescape(text))
        if read == text:
            break
        text = read
    shown = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc") or char in "\n\t ")
    return unicodedata.normalize("NFKC", shown)


def split_end(address: str) -> tuple[str, str]:
    """Return an address without the punctuation that closes the sentence around it, and that punctuation."""
    end = len(address)
    while end:
        last = address[end - 1]
        unbalanced = last == ")" and address.count(")", 0, end) > address.count("(", 0, end)
        if last not in _TRAILING and not unbalanced:
            break
        end -= 1
    return address[:end], address[end:]


def _key(address: str) -> str:
    """Return what addresses are compared by: scheme and host in lower case, no slash at the end."""
    read = plain(address).strip()
    scheme, separator, rest = read.partition("://")
    if not separator:
        return read.casefold().rstrip("/") if "/" not in read.rstrip("/") else read.rstrip("/")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}".rstrip("/")


class AllowedAddresses:
    """The addresses that stand in what may be told; nothing else is let through, not even a part of one or one more.

    Args:
        texts: citable passages, the question, what the reader wrote before.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_key: dict[str, str] = {}
        for text in texts:
            for match in ADDRESS.finditer(plain(text)):
                for address in (match.group(), split_end(match.group())[0]):
                    self._by_key.setdefault(_key(address), address)

    def find(self, address: str) -> str | None:
        """Return an address as its source writes it; None where no source has it."""
        found = self._by_key.get(_key(address))
        return found if found is None or not found.startswith("/") else None

    def find_destination(self, destination: str) -> str | None:
        """Return the destination of a link as its source writes it: with a scheme, never a path of our own."""
        found = self.find(destination) or self.find(plain(destination).removeprefix("mailto:"))
        if found is None:
            return None
        if "://" in found or found.lower().startswith(("mailto:", "tel:")):
            return found if found.lower().startswith(("http://", "https://", "mailto:", "tel:")) else None
        return f"mailto:{found}" if "@" in found else f"https://{found}"
