"""Fetch one URL: each redirect checked again, bytes counted after unpacking, time bounded as a whole."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from parley.errors import (
    FetchError,
    FetchTimeout,
    HostUnreachable,
    OversizedDocument,
    TooManyRedirects,
)
from parley.kit.fetching.addresses import AddressRules
from parley.kit.fetching.urls import Target, join, parse_target

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpcore

    from parley.kit.fetching.guard import Resolver

Visit = Callable[[Target], Awaitable[None]]
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 65_536
# What is known of us alone and must not follow a redirect to another site.
_PRIVATE_HEADERS = frozenset({"authorization", "cookie"})


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may cost. `max_bytes` counts what the body unpacks to; `seconds` is for all of it."""

    max_bytes: int = 20_000_000
    seconds: float = 60
    idle_seconds: float = 20
    redirects: int = 5


@dataclass(slots=True)
class Fetched:
    """An answer. `url` is where the last redirect led; `headers` have lower-case names; `body` is empty with a sink."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes = b""
    redirected: list[str] = field(default_factory=list[str])

    @property
    def media_type(self) -> str:
        """The declared type in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Receiver(Protocol):
    """Takes a successful answer as it arrives; may refuse it by raising."""

    def begin(self, answer: Fetched) -> None:
        """See status and headers, before the first byte."""
        ...

    async def take(self, piece: bytes) -> None:
        """Take some unpacked bytes."""
        ...


class Fetcher:
    """Fetches under one set of rules; an async context manager that keeps connections between fetches.

    Proxies named in the environment are not used: a proxy would resolve names in our place, unchecked.

    Args:
        rules: which addresses and ports may be asked.
        resolve: how names become addresses; the machine's resolver unless given.
        tls: how TLS servers are verified; the usual authorities unless given.
    """

    def __init__(
        self,
        rules: AddressRules,
        user_agent: str,
        *,
        limits: FetchLimits | None = None,
        resolve: "Resolver | None" = None,
        tls: "SSLContext | None" = None,
    ) -> None:
        self.rules = rules
        self.user_agent = user_agent
        self.limits = limits or FetchLimits()
        self._resolve = resolve
        self._tls = tls
        self._pool: httpcore.AsyncConnectionPool | None = None

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
        content: bytes | None = None,
        receiver: Receiver | None = None,
        visit: Visit | None = None,
    ) -> Fetched:
        """Return the answer, whatever its status; the body of an error page is not read.

        Args:
            headers: more of them; those that say who we are do not follow a redirect to another site.
            limits: instead of the fetcher's own.
            content: a body to send along.
            receiver: takes the body of a successful answer piece by piece, instead of the answer's `body`.
            visit: called with each place before it is asked, the first and those redirected to; may raise.

        Raises:
            AddressRefused: a rule forbids the address, or one that it leads to.
            FetchError: nothing answers, too late, too many redirects, or the answer breaks off.
            OversizedDocument: the answer is longer than the limit.
        """
        bounds = limits or self.limits
        sent = {"accept": "*/*"} | {name.lower(): value for name, value in (headers or {}).items()}
        try:
            async with asyncio.timeout(bounds.seconds):
                return await self._follow(parse_target(url), _Ask(method, sent, content, bounds, receiver), visit)
        except TimeoutError as error:
            raise FetchTimeout(
                f"The answer took longer than {bounds.seconds:g} seconds. Try again later, or raise the limit."
            ) from error

    async def _follow(self, target: Target, ask: "_Ask", visit: Visit | None) -> Fetched:
        passed: list[str] = []
        while True:
            if visit is not None:
                await visit(target)
            answer = await self._ask(target, ask)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                answer.redirected = passed
                return answer
            passed.append(str(target))
            if len(passed) > ask.limits.redirects:
                raise TooManyRedirects(f"The address leads on more than {ask.limits.redirects} times.")
            following = parse_target(join(str(target), location))
            if str(following) in passed:
                raise TooManyRedirects("The address leads in a circle.", code="redirect_loop")
            ask = ask.redirected(leaves=following.origin != target.origin)
            target = following

    async def _ask(self, target: Target, ask: "_Ask") -> Fetched:
        import httpcore

        idle = ask.limits.idle_seconds
        times = {"connect": idle, "read": idle, "write": idle, "pool": ask.limits.seconds}
        url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        sent = [("host", target.authority), ("user-agent", self.user_agent), ("accept-encoding", "gzip, deflate")]
        sent += list(ask.headers.items())
        if ask.content is not None:
            sent.append(("content-length", str(len(ask.content))))
        try:
            async with self._connections().stream(
                ask.method, url, headers=sent, content=ask.content, extensions={"timeout": times}
            ) as response:
                answer = Fetched(str(target), response.status, _headers(response.headers))
                if 200 <= answer.status < 300:
                    await _receive(response.aiter_stream(), answer, ask)
                return answer
        except httpcore.TimeoutException as error:
            raise FetchTimeout(f"{target.host} did not answer within {idle:g} seconds.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ConnectionNotAvailable) as error:
            raise HostUnreachable(f"{target.host} could not be reached, or broke off: {_reason(error)}.") from error

    def _connections(self) -> "httpcore.AsyncConnectionPool":
        if self._pool is None:
            import httpcore

            from parley.kit.fetching.guard import GuardedBackend, system_resolver, tls_context

            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=self._tls or tls_context(),
                max_connections=8,
                keepalive_expiry=15,
                network_backend=GuardedBackend(self.rules, self._resolve or system_resolver),
            )
        return self._pool


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked of each place on the way."""

    method: str
    headers: dict[str, str]
    content: bytes | None
    limits: FetchLimits
    receiver: Receiver | None

    def redirected(self, *, leaves: bool) -> "_Ask":
        """Return what to ask of the place that an answer leads to; a body is not sent on."""
        kept = {name: value for name, value in self.headers.items() if not leaves or name not in _PRIVATE_HEADERS}
        return _Ask("GET" if self.content is not None else self.method, kept, None, self.limits, self.receiver)


async def _receive(pieces: AsyncIterator[bytes], answer: Fetched, ask: _Ask) -> None:
    limit = ask.limits.max_bytes
    declared = answer.headers.get("content-length", "")
    if ask.receiver is not None:
        ask.receiver.begin(answer)
    if declared.isdigit() and int(declared) > limit:
        raise _too_long(limit)
    body = bytearray()
    size = 0
    async for piece in _unpacked(pieces, answer.headers.get("content-encoding", "")):
        size += len(piece)
        if size > limit:
            raise _too_long(limit)
        if ask.receiver is None:
            body += piece
        else:
            await ask.receiver.take(piece)
    answer.body = bytes(body)


async def _unpacked(pieces: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Unpack in bounded pieces, so that a bomb is noticed before it has gone off."""
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        async for piece in pieces:
            yield piece
        return
    if kind not in ("gzip", "x-gzip", "deflate"):
        raise FetchError("The server packs its answer in a way that was not asked for.", code="encoding_unknown")
    unpacker = None
    async for packed in pieces:
        if unpacker is None:
            unpacker = _unpacker(kind, packed)
        while packed:
            try:
                piece = unpacker.decompress(packed, _PIECE)
            except zlib.error as error:
                raise FetchError("The answer is damaged: it does not unpack.", code="answer_damaged") from error
            if piece:
                yield piece
            packed = unpacker.unconsumed_tail
    if unpacker is not None:
        # What is still held inside after the last input is at most a window's worth.
        yield unpacker.flush()


def _unpacker(kind: str, start: bytes) -> "zlib._Decompress":
    if kind != "deflate":
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    # "deflate" is sent with and without zlib's header.
    has_header = len(start) >= 2 and start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)


def _too_long(max_bytes: int) -> OversizedDocument:
    return OversizedDocument(f"The answer is longer than {max_bytes / 1e6:g} MB, the limit for one address.")


def _reason(error: Exception) -> str:
    """A short reason without addresses: libraries put what they connected to into their messages."""
    text = str(error).lower()
    if "certificate" in text:
        return "its certificate is not valid"
    if "refused" in text:
        return "connection refused"
    if "ssl" in text or "tls" in text:
        return "no secure connection could be made"
    return "the connection failed"
