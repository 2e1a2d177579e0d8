"""How every verb talks to Parley: HTTP, to the running server or to one started for the time of the command."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from parley import errors
from parley.cli.data_folder import ServerAddress, read_address
from parley.settings import Settings

if TYPE_CHECKING:
    import httpx

BUSY_TRIES = 50


class RemoteError(errors.AppError):
    """A problem that the server reported; keeps its code."""


class Client:
    """A thin JSON client of `/api/v1`."""

    def __init__(self, http: "httpx.Client", url: str) -> None:
        self.http = http
        self.url = url

    def request(self, method: str, path: str, **kwargs: Any) -> Any:
        """Call `/api/v1` + path and return the decoded body, None when there is none.

        Raises:
            RemoteError: the server answered with problem details.
            Unavailable: the server went away.
        """
        import httpx

        try:
            response = self.http.request(method, f"/api/v1{path}", **kwargs)
        except httpx.TransportError as error:
            raise errors.Unavailable(f"Parley at {self.url} stopped answering. Start it again.") from error
        if response.is_error:
            raise _remote_error(response)
        return response.json() if response.content else None

    def get(self, path: str, **params: Any) -> Any:
        """GET; parameters that are None are left out."""
        return self.request("GET", path, params={k: v for k, v in params.items() if v is not None})

    def post(self, path: str, body: Any = None, **kwargs: Any) -> Any:
        """POST a JSON body."""
        return self.request("POST", path, json=body, **kwargs)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH with a JSON body."""
        return self.request("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """DELETE."""
        self.request("DELETE", path)

    def download(self, path: str, **params: Any) -> bytes:
        """GET what is not JSON.

        Raises:
            RemoteError: the server answered with problem details.
        """
        response = self.http.get(f"/api/v1{path}", params=params)
        if response.is_error:
            raise _remote_error(response)
        return response.content

    def send_file(self, path: str, content: bytes, media_type: str) -> Any:
        """POST a file as the body and return the decoded answer.

        Raises:
            RemoteError: the server answered with problem details.
        """
        response = self.http.post(f"/api/v1{path}", content=content, headers={"Content-Type": media_type})
        if response.is_error:
            raise _remote_error(response)
        return response.json()

    def items(self, path: str, **params: Any) -> Iterator[Any]:
        """Yield the items of all pages of a list."""
        cursor: str | None = None
        while True:
            page = self.get(path, cursor=cursor, **{"limit": 200, **params})
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def stream(self, path: str, **params: Any) -> Iterator[Any]:
        """Yield the decoded events of a stream until the server ends it or the connection breaks.

        Raises:
            RemoteError: the server answered with problem details.
        """
        import json

        import httpx

        headers = {"Accept": "text/event-stream"}
        try:
            with self.http.stream("GET", f"/api/v1{path}", params=params, headers=headers) as response:
                if response.is_error:
                    response.read()
                    raise _remote_error(response)
                for line in response.iter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line[5:])
        except httpx.ReadError:
            return
        except httpx.TransportError as error:
            raise errors.Unavailable(f"Parley at {self.url} stopped answering. Start it again.") from error

    def bot(self, name: str) -> Any:
        """Return the bot with this name or id."""
        return self.get("/bots/find", name=name)


def _remote_error(response: "httpx.Response") -> RemoteError:
    try:
        problem = response.json()
        return RemoteError(problem["detail"], code=problem["code"])
    except (ValueError, KeyError, TypeError):
        return RemoteError(f"Parley answered with status {response.status_code}.", code="bad_answer")


def _open(address: ServerAddress) -> Client:
    import httpx

    # Nothing on loopback goes through a proxy; uploads and batch work may take long, connecting may not.
    http = httpx.Client(
        base_url=address.url,
        headers={"Authorization": f"Bearer {address.token}"},
        timeout=httpx.Timeout(3600, connect=5),
        trust_env=False,
    )
    return Client(http, address.url)


def _answers(client: Client) -> bool:
    import httpx

    try:
        return client.http.get("/api/v1/me", timeout=10).is_success
    except httpx.TransportError:
        return False


def running(settings: Settings) -> Client | None:
    """Return a client of the server that owns the data folder, None if none answers."""
    address = read_address(settings.data)
    if address is None:
        return None
    client = _open(address)
    if _answers(client):
        return client
    client.http.close()
    return None


@contextmanager
def connect(settings: Settings) -> Generator[Client]:
    """Yield a client of the running server; where none runs, of one started here until the block ends.

    Raises:
        DataFolderBusy: another process owns the folder but does not answer.
    """
    import time

    from parley.cli.server import temporary_server

    for attempt in range(BUSY_TRIES):
        client = running(settings)
        if client is not None:
            with closing(client.http):
                yield client
            return
        try:
            # Another command may be starting or ending just now: it either answers soon or lets go of the folder.
            with temporary_server(settings) as address:
                client = _open(address)
                with closing(client.http):
                    yield client
                return
        except errors.DataFolderBusy:
            if attempt == BUSY_TRIES - 1:
                raise
            time.sleep(0.2)
