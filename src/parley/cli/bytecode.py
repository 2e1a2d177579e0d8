"""Keep compiled modules where a machine forbids to write them beside the sources."""

import os
import sys

from parley.kit.cache_folder import cache_folder


def keep_bytecode() -> None:
    """Where PYTHONDONTWRITEBYTECODE is set (containers do), compile into the user's cache folder instead.

    Nothing is written beside the sources, which is what the variable asks for. Without any byte code a start takes
    4.9 s instead of 1.8 s, and every worker process compiles its modules anew. Python carries on silently where the
    folder cannot be written.
    """
    if not sys.dont_write_bytecode or sys.pycache_prefix is not None:
        return
    folder = str(cache_folder() / "bytecode")
    sys.dont_write_bytecode, sys.pycache_prefix = False, folder
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = folder  # for worker processes
