"""A process that indexes a workspace, change by change, and dies without warning between the two commits of one."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval import keeper as keeping
from parley.retrieval.dense import DenseIndex
from parley.retrieval.spaces import OneEmbedder
from parley.store.engine import Store


async def run(url: str, folder: Path, workspace_id: str, commits: int) -> None:
    """Index until the n-th commit of the vectors is done and that of the keywords is not."""
    keeping.CHUNKS_PER_COMMIT = 2
    done = 0
    commit = DenseIndex.commit

    def commit_or_die(self: DenseIndex, seq: int) -> None:
        nonlocal done
        commit(self, seq)
        done += seq > 0
        if done == commits:
            os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)

    DenseIndex.commit = commit_or_die
    keeper = keeping.IndexKeeper(Store(url), folder, OneEmbedder(HashEmbedder(64)))
    await keeper.catch_up(workspace_id)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
