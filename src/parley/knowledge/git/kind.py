"""What is special about adding a repository."""

from parley.errors import AppError
from parley.knowledge.git.loader import GitTasks, work_folder
from parley.knowledge.git.messages import Looked
from parley.knowledge.git.places import name_of, normalise
from parley.knowledge.git.process import ask_git
from parley.knowledge.remote.config import GitConfig
from parley.knowledge.remote.service import CheckOut, Description
from parley.settings import FetchSettings
from parley.store.blobs import BlobStore

CHECK_SECONDS = 60


class GitKind:
    """Repositories, known by their address and branch."""

    def __init__(self, blobs: BlobStore, settings: FetchSettings) -> None:
        self._blobs = blobs
        self._settings = settings

    def describe(self, config: GitConfig) -> Description:
        """Return the place and a name.

        Raises:
            AddressRefused, InvalidInput: the address is none that is fetched.
        """
        config.url = normalise(config.url)
        branch = f"#{config.branch}" if config.branch else ""
        return Description(root=config.url + branch, name=name_of(config.url) + branch)

    async def check(self, config: GitConfig, token: str | None) -> CheckOut:
        """Ask for the branches."""
        config.url = normalise(config.url)
        found = CheckOut(kind="git", reachable=False, url=config.url)
        async with work_folder(self._blobs) as folder:
            task = GitTasks(self._settings).task(config, folder, token)
            task.only_look = True
            try:
                async for said in ask_git(task, CHECK_SECONDS):
                    if isinstance(said, Looked):
                        found.reachable, found.branch, found.branches = True, said.branch, said.branches
            except AppError as error:
                found.problems.append({"code": error.stable_code, "message": error.message})
        return found
