"""The process that fetches a repository and tells what is different: `python -m parley.knowledge.git.child`.

A repository is somebody else's data: its packs may be bombs, its paths may lead upwards. So it is unpacked here, in a
process that can be killed, into a folder that is removed afterwards. Nothing of it is kept: a later look sends the
commit that it knows, and the server answers with what has come since.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from parley.errors import AddressRefused, AppError
from parley.kit.fetching.addresses import AddressRules
from parley.knowledge.git.compare import MissingObjects, TooLarge, compare
from parley.knowledge.git.messages import Failure, Finished, GitTask, Looked, Said
from parley.knowledge.git.places import is_local

if TYPE_CHECKING:
    from dulwich.repo import Repo

MAX_BRANCHES = 200
# Commits back in which the known one is looked for. A server leaves out what a commit holds only if that commit lies
# within the history that it sends: with a depth of 1 it sends everything again (measured with git 2.39).
SINCE_DEPTH = 50
_HEADS = b"refs/heads/"
_HEX = re.compile(r"[0-9a-f]{40}\Z")


def main() -> int:
    """Read a task, say what was found, and end."""
    task = GitTask.model_validate_json(sys.stdin.buffer.readline())

    def say(said: Said) -> None:
        sys.stdout.buffer.write(said.model_dump_json().encode() + b"\n")
        sys.stdout.buffer.flush()

    try:
        run(task, say)
    except Exception as error:  # noqa: BLE001  # broad: the border to hostile data: all of it becomes one message
        say(describe(error))
    return 0


def run(task: GitTask, say: Callable[[Said], None]) -> None:
    """Do the task, telling each thing as soon as it is known."""
    if is_local(task.url):
        _run_local(task, say)
    else:
        _run_remote(task, say)


def _run_local(task: GitTask, say: Callable[[Said], None]) -> None:
    from dulwich.refs import Ref
    from dulwich.repo import Repo

    with Repo(task.url) as repo:
        refs = {bytes(name): bytes(oid) for name, oid in repo.refs.as_dict().items()}
        head = repo.refs.get_symrefs().get(Ref(b"HEAD"))
        looked = _choose(task.branch, refs, bytes(head) if head else None)
        say(looked)
        if not task.only_look:
            compare(task, repo, looked, say)


def _run_remote(task: GitTask, say: Callable[[Said], None]) -> None:
    from dulwich.refs import Ref

    from parley.knowledge.git.transport import open_client

    received = 0

    def count(number: int, _kind: str) -> None:
        nonlocal received
        received += number
        if received > task.max_bytes:
            raise TooLarge

    rules = AddressRules.of(task.ports, task.opened_networks)
    client, path = open_client(task.url, rules, task.user_agent, task.username, task.token, counter=count)
    found = client.get_refs(path.encode())
    refs = {bytes(name): bytes(oid) for name, oid in found.refs.items() if oid is not None}
    head = found.symrefs.get(Ref(b"HEAD"))
    looked = _choose(task.branch, refs, bytes(head) if head else None)
    say(looked)
    if task.only_look:
        return
    if task.since == looked.commit:
        same = len(task.known)
        say(Finished(commit=looked.commit, branch=looked.branch, same=same, gone=[], trees=task.trees))
        return
    since = task.since if task.since and _HEX.match(task.since) else None
    for attempt, known_commit in enumerate([since, None] if since else [None]):
        folder = Path(task.folder, f"fetch{attempt}")
        folder.mkdir()
        repo = _fetch(client, path, looked.commit, known_commit, folder, task, lambda: received)
        try:
            compare(task, repo, looked, say)
            return
        except MissingObjects:
            if known_commit is None:
                raise
        finally:
            repo.close()


def _fetch(
    client: object,
    path: str,
    commit: str,
    since: str | None,
    folder: Path,
    task: GitTask,
    received: Callable[[], int],
) -> "Repo":
    """Fetch one commit without its history; of one that is known only what has come since."""
    from dulwich.client import GitClient
    from dulwich.object_store import ObjectStoreGraphWalker
    from dulwich.objects import ObjectID
    from dulwich.repo import Repo

    assert isinstance(client, GitClient)
    repo = Repo.init_bare(str(folder))
    known = {ObjectID(since.encode())} if since else set[ObjectID]()
    walker = ObjectStoreGraphWalker(known, lambda oid: [], shallow=set(known))
    file, commit_pack, abort = repo.object_store.add_pack()
    size = 0

    def write(data: bytes) -> int:
        nonlocal size
        size += len(data)
        if max(size, received()) > task.max_bytes:
            raise TooLarge
        return file.write(data)

    try:
        client.fetch_pack(
            path,
            lambda refs, depth=None: [ObjectID(commit.encode())],
            walker,
            write,
            depth=SINCE_DEPTH if since else 1,
            filter_spec=None if since else f"blob:limit={task.max_file_bytes + 1}".encode(),
        )
    except BaseException:
        abort()
        raise
    commit_pack()
    return repo


def _choose(wanted: str | None, refs: dict[bytes, bytes], head: bytes | None) -> Looked:
    """The branch to read: the one asked for, else the remote's own, else main or master."""
    branches = {_short(name): oid for name, oid in refs.items() if name.startswith(_HEADS)}
    own = _short(head) if head else ""
    candidates = [wanted] if wanted else [own, "main", "master", *branches]
    chosen = next((name for name in candidates if name in branches), None)
    if chosen is None:
        what = f"There is no branch {wanted}." if wanted else "The repository is empty."
        names = ", ".join(sorted(branches)[:10])
        raise AppError(f"{what} Branches: {names}." if branches else what, code="branch_not_found")
    others = sorted(name for name in branches if name != chosen)[: MAX_BRANCHES - 1]
    return Looked(branch=chosen, commit=branches[chosen].decode(), branches=[chosen, *others])


def _short(ref: bytes) -> str:
    return ref.removeprefix(_HEADS).decode("utf-8", "replace")


def describe(error: Exception) -> Failure:
    """Say what went wrong, without addresses, tokens or text."""
    from dulwich.client import HTTPUnauthorized
    from dulwich.errors import GitProtocolError, HangupException, NotGitRepository

    if isinstance(error, AddressRefused):
        return Failure(kind="refused", code=error.stable_code, message=error.message)
    if isinstance(error, AppError):
        kind = "unreachable" if error.retryable else "gone"
        return Failure(kind=kind, code=error.stable_code, message=error.message)
    if isinstance(error, TooLarge):
        message = "The repository is larger than the limit (fetch.repository_bytes). Name the paths that you want."
        return Failure(kind="oversized", code="oversized_document", message=message)
    if isinstance(error, HTTPUnauthorized):
        message = "The repository is not public, or the token does not open it. Give one that may read it."
        return Failure(kind="denied", code="access_denied", message=message)
    if isinstance(error, NotGitRepository):
        return Failure(kind="gone", code="repository_not_found", message="There is no Git repository.")
    if isinstance(error, HangupException):
        return Failure(kind="unreachable", code="host_unreachable", message=_hangup(error))
    if isinstance(error, GitProtocolError | OSError):
        message = "The server could not be reached, or does not speak Git."
        return Failure(kind="unreachable", code="host_unreachable", message=message)
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{type(error).__name__} at line {place.tb_lineno}" if place else type(error).__name__
    return Failure(kind="failed", code="repository_damaged", message=f"The repository could not be read ({where}).")


def _hangup(error: Exception) -> str:
    text = str(error).lower()
    if "host key" in text:
        return "The server's ssh key is not known here. Add it to known_hosts, after checking it."
    if "permission denied" in text:
        return "The server does not accept this machine's ssh key."
    return "The server hung up."


if __name__ == "__main__":
    sys.exit(main())
