"""Headers that every response carries, and the names that this server answers to."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parley.api.errors import problem

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",  # pdf.js decodes JPEG 2000 and JBIG2 in WebAssembly
        "style-src 'self' 'unsafe-inline'",  # positions of virtual rows and PDF layers are inline styles
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})


class SecurityHeaders:
    """Adds the security headers, and refuses host names that are not this machine's (DNS rebinding).

    A page of another site can point its own name at 127.0.0.1; the Host header gives it away.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: frozenset[str] = LOOPBACK_NAMES) -> None:
        self._app = app
        self._allowed = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        if host.rpartition(":")[0] not in self._allowed and host not in self._allowed:
            refusal = problem(421, "unknown_host", "Parley does not answer to this host name. Use 127.0.0.1.")
            await refusal(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, send_with_headers)
