"""Run the process that fetches repositories, and pass on what it says."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator
from pathlib import Path

from pydantic import ValidationError

from parley.errors import (
    AddressRefused,
    AppError,
    FetchError,
    FetchTimeout,
    OversizedDocument,
    PageGone,
    PageRefused,
    SourceUnavailable,
)
from parley.kit.child_process import start_module
from parley.knowledge.git.messages import MAX_LINE_BYTES, SAID, Failure, GitTask, Said


async def ask_git(task: GitTask, seconds: float) -> AsyncGenerator[Said]:
    """Yield what the process says about a task; it is killed when it takes too long, or nobody listens any more.

    Raises:
        FetchTimeout: it took longer than `seconds`.
        FetchError, SourceUnavailable, OversizedDocument: it came to nothing.
    """
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    process = await start_module("parley.knowledge.git.child", most_line_bytes=MAX_LINE_BYTES, env=env)
    assert process.stdin is not None
    assert process.stdout is not None
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        # The token goes through the pipe: arguments and environment can be seen by others.
        process.stdin.write(task.model_dump_json().encode() + b"\n")
        await process.stdin.drain()
        process.stdin.close()
        while line := await asyncio.wait_for(process.stdout.readline(), max(until - loop.time(), 0.01)):
            said = SAID.validate_json(line)
            if isinstance(said, Failure):
                raise _error(said)
            yield said
        if await process.wait() != 0:
            raise FetchError("The repository could not be read: its process died.", code="repository_damaged")
    except TimeoutError as error:
        raise FetchTimeout(f"The repository took longer than {seconds:g} seconds.") from error
    except (ValidationError, ValueError, BrokenPipeError, ConnectionResetError) as error:
        raise FetchError("The repository could not be read.", code="repository_damaged") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _error(failure: Failure) -> AppError:
    match failure.kind:
        case "refused":
            return AddressRefused(failure.message, code=failure.code)
        case "unreachable":
            return SourceUnavailable(failure.message)
        case "gone":
            return PageGone(failure.message, code=failure.code)
        case "denied":
            return PageRefused(failure.message, code=failure.code)
        case "oversized":
            return OversizedDocument(failure.message)
        case "failed":
            return FetchError(failure.message, code=failure.code)


def content_of(task: GitTask, name: str) -> Path:
    """Return where the process left a file; a name that leads elsewhere is refused.

    Raises:
        FetchError: it does.
    """
    if not name.removesuffix(".file").isdigit():
        raise FetchError("The repository could not be read.", code="repository_damaged")
    return Path(task.folder, name)
