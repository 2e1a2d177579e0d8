"""Processes of our own: a module of ours, with our own interpreter, that talks over pipes and can be killed."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping


async def start_module(
    module: str, *, most_line_bytes: int, env: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start a module in a process and return it with pipes to its input and output.

    What it writes to standard error is thrown away: it may hold text of documents, or addresses.

    Args:
        most_line_bytes: how long a line of its output may be.
        env: its environment; that of this process if None.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        module,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        limit=most_line_bytes,
        env=env,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
