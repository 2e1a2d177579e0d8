"""A real `parley serve` in a process of its own, on a free port and a fresh data folder."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.network import closed_environment
from tests.support.waiting import wait_for

START_SECONDS = 60


def parley_program() -> str:
    """Return the path of the `parley` launcher beside this Python."""
    program = shutil.which("parley", path=str(Path(sys.executable).parent))
    assert program, "the launcher is missing: set the environment up again"
    return program


def run_parley(
    data: Path, *arguments: str, env: Mapping[str, str] | None = None, seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run one verb on a data folder and return what it printed."""
    return subprocess.run(
        [parley_program(), "--data", str(data), *arguments],
        env=closed_environment(**(env or {})),
        capture_output=True,
        text=True,
        timeout=seconds,
        encoding="utf-8",
        check=False,
    )


@dataclass(slots=True)
class ParleyServer:
    """A running server; `client` speaks as an API key of its owner."""

    url: str
    sign_in_link: str
    key: str
    data: Path
    process: subprocess.Popen[str]
    client: httpx.Client
    log: list[str] = field(default_factory=list[str])

    def api(self, method: str, path: str, **kwargs: Any) -> Any:
        """Call `/api/v1` + path, and return the decoded body of a success."""
        response = self.client.request(method, f"/api/v1{path}", **kwargs)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    def local_token(self) -> str:
        """Return the token by which the command line on this machine is the owner."""
        return str(json.loads((self.data / "server.json").read_text("utf-8"))["token"])

    def new_sign_in_link(self) -> str:
        """Return a fresh one-time link."""
        headers = {"Authorization": f"Bearer {self.local_token()}"}
        return str(self.api("POST", "/sign-in-links", headers=headers)["url"])

    def create_bot(self, name: str) -> str:
        """Make a bot and return its id."""
        return str(self.api("POST", "/bots", json={"name": name})["id"])

    def upload(self, bot_id: str, files: Mapping[str, bytes], seconds: float = 120, **fields: str) -> dict[str, Any]:
        """Upload files as one source, wait until they are read, and return the source."""
        parts = [("files", (name, content)) for name, content in files.items()]
        source = self.api("POST", f"/bots/{bot_id}/sources", files=parts, data=fields)
        return self.wait_for_source(str(source["id"]), seconds)

    def wait_for_source(self, source_id: str, seconds: float = 120) -> dict[str, Any]:
        """Wait until a source has ended one way or another, and return it."""

        def ended() -> dict[str, Any] | None:
            source: dict[str, Any] = self.api("GET", f"/sources/{source_id}")
            return source if source["status"] in ("ready", "failed", "cancelled") else None

        return wait_for(ended, f"source {source_id}", seconds)


def _read_output(process: subprocess.Popen[str], log: list[str]) -> None:
    assert process.stdout is not None
    log.extend(iter(process.stdout.readline, ""))


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


def _announced(process: subprocess.Popen[str], log: list[str]) -> tuple[str, str]:
    def look() -> tuple[str, str] | None:
        text = "".join(log)
        assert process.poll() is None, f"the server ended at once:\n{text}"
        url = re.search(r"ready at (http://\S+)", text)
        link = re.search(r"(http://\S+/sign-in\?token=\S+)", text)
        return (url[1], link[1]) if url and link else None

    return wait_for(look, "the server's address", START_SECONDS)


@contextmanager
def running_parley(data: Path, env: Mapping[str, str] | None = None) -> Generator[ParleyServer]:
    """Start `parley serve` on a data folder, yield it once it answers, and stop it at the end."""
    log: list[str] = []
    process = subprocess.Popen(
        [parley_program(), "--data", str(data), "serve", "--port", "0", "--no-open"],
        env=closed_environment(PYTHONUNBUFFERED="1", **(env or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=os.name != "nt",
    )
    reader = threading.Thread(target=_read_output, args=(process, log), daemon=True)
    reader.start()
    try:
        url, link = _announced(process, log)
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            server = ParleyServer(url, link, "", data, process, client, log)
            headers = {"Authorization": f"Bearer {server.local_token()}"}
            server.key = server.api("POST", "/keys", json={"name": "tests"}, headers=headers)["key"]
            client.headers["Authorization"] = f"Bearer {server.key}"
            yield server
    finally:
        _stop(process)
        reader.join(10)
        if process.stdout is not None:
            process.stdout.close()
