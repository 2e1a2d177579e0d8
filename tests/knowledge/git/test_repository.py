"""Git repositories as sources, against git's own server on loopback and clones on disk."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr

from parley.errors import AddressRefused, InvalidInput, NotPermitted
from parley.knowledge.git.places import file_url, name_of, normalise, ssh_place
from parley.knowledge.remote.config import GitConfig, GitCreate
from parley.knowledge.schemas import DocumentOut
from parley.settings import FetchSettings
from parley.store.engine import Store
from tests.support.git import HAS_GIT, GitServer, Repository, git, git_server
from tests.support.ingestion import Room, running_room

needs_git = pytest.mark.skipif(not HAS_GIT, reason="there is no git on this machine to serve repositories")
GUIDE = "# Guide\n\n" + "\n".join(f"Step {n}: turn the valve number {n} a quarter to the left." for n in range(30))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "served" / "docs")
    made.write("README.md", "# Harbour\n\nThe ferry leaves at nine.")
    made.write("docs/guide.md", GUIDE)
    made.write("src/main.py", "def main():\n    '''Start the pump.'''\n    return 1\n")
    made.write("logo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    made.write(".github/workflows/ci.yml", "on: push")
    made.write("big.txt", Random(7).randbytes(300_000).hex())
    made.write("model.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")
    made.commit()
    return made


@pytest.fixture
def server(tmp_path: Path, repository: Repository) -> Generator[GitServer]:
    with git_server(tmp_path / "served") as running:
        yield running


@pytest.fixture
async def room(store: Store, data_folder: Path, server: GitServer) -> AsyncGenerator[Room]:
    fetch = FetchSettings(ports=[server.port], opened_networks=["127.0.0.1"], repository_seconds=60)
    async with running_room(store, data_folder, fetch=fetch) as running:
        yield running


def wanted(url: str, token: str | None = None, **config: object) -> GitCreate:
    return GitCreate(
        kind="git",
        config=GitConfig.model_validate({"url": url, "max_file_bytes": 200_000, **config}),
        token=SecretStr(token) if token else None,
    )


async def by_status(room: Room, source_id: str, status: str) -> dict[str, DocumentOut]:
    found = await room.all_documents(source_id)
    return {path: document for path, document in found.items() if document.status == status}


@needs_git
class TestARepository:
    async def test_is_read_file_by_file(self, room: Room, server: GitServer) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        assert (source.status, source.error) == ("ready", None)
        ready = await by_status(room, source.id, "ready")
        assert set(ready) == {"README.md", "docs/guide.md", "src/main.py"}
        assert "leaves at nine" in await room.text_of(ready["README.md"])
        assert source.counts.documents == 3

    async def test_lists_what_is_not_read_with_the_reason(self, room: Room, server: GitServer) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        skipped = await by_status(room, source.id, "skipped")
        codes = {path: document.error.code for path, document in skipped.items() if document.error}
        assert codes == {"logo.png": "binary_file", "big.txt": "oversized_document", "model.bin": "lfs_pointer"}
        assert source.counts.skipped == 3
        assert source.last_sync is not None
        assert source.last_sync.result == "ok"

    async def test_keeps_to_its_patterns(self, room: Room, server: GitServer) -> None:
        url = server.url("docs/.git")
        source = await room.add_remote(wanted(url, include=["*.md", "/.github/"], exclude=["README.md"]))
        assert set(await room.all_documents(source.id)) == {"docs/guide.md", ".github/workflows/ci.yml"}

    async def test_of_another_branch_has_that_branchs_files(
        self, room: Room, server: GitServer, repository: Repository
    ) -> None:
        git(repository.folder, "checkout", "-q", "-b", "next")
        repository.write("NEWS.md", "# News\n\nThe next season begins in April.")
        repository.commit()
        git(repository.folder, "checkout", "-q", "main")
        source = await room.add_remote(wanted(server.url("docs/.git"), branch="next"))
        assert "NEWS.md" in await by_status(room, source.id, "ready")
        lost = await room.add_remote(wanted(server.url("docs/.git"), branch="nowhere"))
        assert lost.error is not None
        assert (lost.status, lost.error.code) == ("failed", "branch_not_found")

    async def test_that_is_private_needs_its_token(self, room: Room, server: GitServer, data_folder: Path) -> None:
        server.token = "canary-token-8831"
        closed = await room.add_remote(wanted(server.url("docs/.git")))
        assert closed.error is not None
        assert (closed.status, closed.error.code) == ("failed", "access_denied")
        opened = await room.add_remote(wanted(server.url("docs/.git"), token=server.token, branch="main"))
        assert (opened.status, opened.has_token) == ("ready", True)
        assert "canary" not in opened.model_dump_json()
        stored = [path for path in data_folder.rglob("*") if path.is_file() and b"canary-token" in path.read_bytes()]
        assert stored == []

    async def test_that_is_none_says_so(self, room: Room, server: GitServer) -> None:
        source = await room.add_remote(wanted(server.url("nothing/.git")))
        assert source.error is not None
        assert source.error.code == "repository_not_found"

    async def test_leaves_nothing_behind_where_it_was_unpacked(
        self, room: Room, server: GitServer, data_folder: Path
    ) -> None:
        await room.add_remote(wanted(server.url("docs/.git")))
        assert list((data_folder / "blobs").glob("staging/git*")) == []


@needs_git
class TestLookingAgain:
    async def test_reads_only_what_has_changed(self, room: Room, server: GitServer, repository: Repository) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        server.received.clear()
        repository.write("README.md", "# Harbour\n\nThe ferry leaves at ten.")
        repository.write("docs/new.md", "# New\n\nTickets are sold on board.")
        repository.commit()
        again = await room.look_again(source.id)
        assert again.last_sync is not None
        assert (again.last_sync.added, again.last_sync.changed, again.last_sync.removed) == (1, 1, 0)
        found = await by_status(room, source.id, "ready")
        assert found["README.md"].version == 2
        assert found["docs/guide.md"].version == 1
        assert "leaves at ten" in await room.text_of(found["README.md"])
        # Two small files, two folders and a commit; not the 440 kB of text beside them.
        assert max(size for _, _, size in server.received) < 1_200

    async def test_asks_once_where_nothing_has(self, room: Room, server: GitServer) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        server.received.clear()
        again = await room.look_again(source.id)
        assert again.status == "ready"
        assert all("git-upload-pack" in path for path, _, _ in server.received)
        assert sum(size for _, _, size in server.received) < 2_000

    async def test_removes_what_is_gone(self, room: Room, server: GitServer, repository: Repository) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        git(repository.folder, "rm", "-q", "-r", "docs", "logo.png")
        repository.commit()
        await room.look_again(source.id)
        assert set(await room.all_documents(source.id)) == {"README.md", "src/main.py", "big.txt", "model.bin"}

    @pytest.mark.parametrize("edited", [False, True])
    async def test_keeps_a_document_that_moved(
        self, room: Room, server: GitServer, repository: Repository, edited: bool
    ) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        before = (await room.all_documents(source.id))["docs/guide.md"]
        git(repository.folder, "mv", "docs", "handbook")
        git(repository.folder, "mv", "handbook/guide.md", "handbook/valves.md")
        if edited:
            repository.write("handbook/valves.md", GUIDE + "\nStep 31: close the lid.")
        repository.commit()
        await room.look_again(source.id)
        after = await room.all_documents(source.id)
        assert "docs/guide.md" not in after
        assert after["handbook/valves.md"].id == before.id
        assert after["handbook/valves.md"].version == (2 if edited else 1)
        assert before.version_id in await room.renamed()

    async def test_copes_with_a_history_that_was_rewritten(
        self, room: Room, server: GitServer, repository: Repository
    ) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        git(repository.folder, "checkout", "-q", "--orphan", "fresh")
        repository.write("README.md", "# Harbour\n\nAll is new.")
        repository.commit()
        git(repository.folder, "branch", "-M", "main")
        git(repository.folder, "reflog", "expire", "--expire=now", "--all")
        git(repository.folder, "gc", "-q", "--prune=now")
        again = await room.look_again(source.id)
        assert again.status == "ready"
        assert "All is new" in await room.text_of((await room.all_documents(source.id))["README.md"])

    async def test_finds_a_folder_again_that_comes_back_elsewhere(
        self, room: Room, server: GitServer, repository: Repository
    ) -> None:
        """The server sends nothing of a folder whose content it thinks we have, though we left it out before."""
        source = await room.add_remote(wanted(server.url("docs/.git"), exclude=["/docs/"]))
        git(repository.folder, "mv", "docs", "manual")
        repository.commit()
        await room.look_again(source.id)
        assert "manual/guide.md" in await by_status(room, source.id, "ready")

    async def test_takes_new_patterns_into_account(self, room: Room, server: GitServer) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        await room.remote.reconfigure(room.workspace_id, source.id, {"include": ["*.py"]}, None, is_owner=True)
        await room.look_again(source.id)
        assert set(await room.all_documents(source.id)) == {"src/main.py"}

    async def test_keeps_everything_while_the_server_is_away(
        self, room: Room, server: GitServer, repository: Repository
    ) -> None:
        source = await room.add_remote(wanted(server.url("docs/.git")))
        server.redirect = "http://127.0.0.1:1"
        again = await room.look_again(source.id)
        assert again.status in ("unavailable", "failed")
        assert len(await by_status(room, source.id, "ready")) == 3


@needs_git
class TestAClone:
    async def test_on_disk_is_read_by_its_owner_alone(self, room: Room, repository: Repository) -> None:
        source = await room.add_remote(wanted(str(repository.folder)))
        assert set(await by_status(room, source.id, "ready")) == {"README.md", "docs/guide.md", "src/main.py"}
        repository.write("README.md", "# Harbour\n\nNot committed yet.")
        await room.look_again(source.id)
        assert (await room.all_documents(source.id))["README.md"].version == 1
        repository.commit()
        await room.look_again(source.id)
        assert (await room.all_documents(source.id))["README.md"].version == 2
        with pytest.raises(NotPermitted):
            await room.remote.add(room.workspace_id, room.bot_id, wanted(str(repository.folder)), is_owner=False)

    async def test_that_is_bare_is_read_too(self, room: Room, repository: Repository, tmp_path: Path) -> None:
        git(tmp_path, "clone", "-q", "--bare", str(repository.folder), "bare.git")
        source = await room.add_remote(wanted(str(tmp_path / "bare.git")))
        assert len(await by_status(room, source.id, "ready")) == 3


@needs_git
class TestSafety:
    @pytest.mark.parametrize(
        "location", ["http://127.0.0.2:{port}", "http://10.0.0.1:{port}", "http://[::1]:{port}", "http://127.0.0.1:1"]
    )
    async def test_redirects_inwards_are_refused(self, room: Room, server: GitServer, location: str) -> None:
        server.redirect = location.format(port=server.port)
        source = await room.add_remote(wanted(server.url("docs/.git")))
        assert source.error is not None
        assert source.error.code in ("address_refused", "port_refused")

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.2/x.git", "http://169.254.169.254/x.git", "ssh://git@10.0.0.1/x", "git@127.0.0.2:x.git"]
    )
    async def test_inner_addresses_are_refused(self, room: Room, url: str) -> None:
        source = await room.add_remote(wanted(url))
        assert source.error is not None
        assert source.error.code in ("address_refused", "port_refused")

    async def test_a_repository_over_the_limit_is_broken_off(
        self, store: Store, data_folder: Path, server: GitServer, repository: Repository
    ) -> None:
        repository.write("noise.txt", Random(1).randbytes(400_000).hex())
        repository.commit()
        fetch = FetchSettings(ports=[server.port], opened_networks=["127.0.0.1"], repository_bytes=100_000)
        async with running_room(store, data_folder, fetch=fetch) as room:
            source = await room.add_remote(wanted(server.url("docs/.git"), max_file_bytes=10_000_000))
        assert source.error is not None
        assert source.error.code == "oversized_document"

    async def test_paths_and_links_that_lead_out_are_not_followed(
        self, room: Room, server: GitServer, repository: Repository
    ) -> None:
        (repository.folder / "passwd.txt").symlink_to("/etc/passwd")
        repository.commit()
        source = await room.add_remote(wanted(server.url("docs/.git")))
        assert "passwd.txt" not in await room.all_documents(source.id)


@needs_git
class TestACheck:
    async def test_tells_the_branches(self, room: Room, server: GitServer, repository: Repository) -> None:
        git(repository.folder, "branch", "next")
        found = await room.remote.check(wanted(server.url("docs/.git")), is_owner=False)
        assert (found.reachable, found.branch, found.branches) == (True, "main", ["main", "next"])
        lost = await room.remote.check(wanted(server.url("docs/.git"), branch="nowhere"), is_owner=False)
        assert not lost.reachable
        assert "branch_not_found" in str(lost.problems)


class TestPlaces:
    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("https://github.com/owner/repo", "owner/repo"),
            ("https://github.com/owner/repo.git/", "owner/repo"),
            ("git@github.com:owner/repo.git", "owner/repo"),
            ("ssh://git@git.example.org:2222/team/docs.git", "team/docs"),
        ],
    )
    def test_have_a_name(self, url: str, name: str) -> None:
        assert name_of(normalise(url)) == name

    def test_lead_people_to_the_file_where_the_forge_is_known(self) -> None:
        assert (
            file_url("git@github.com:owner/repo.git", "main", "docs/a b.md")
            == "https://github.com/owner/repo/blob/main/docs/a%20b.md"
        )
        assert file_url("https://git.example.org/x.git", "main", "a.md") is None

    @pytest.mark.parametrize(
        "url",
        [
            "ext::sh -c touch% /tmp/x",
            "file:///etc",
            "git://example.org/x",
            "ssh://-oProxyCommand=touch/x",
            "ssh://git:secret@example.org/x",
            "-oProxyCommand=x@example.org:y",
            "https://user:token@github.com/owner/repo",
            "relative/path",
        ],
    )
    def test_that_run_programs_or_hide_something_are_refused(self, url: str) -> None:
        with pytest.raises((AddressRefused, InvalidInput)):
            normalise(url)

    def test_behind_ssh_are_taken_apart(self) -> None:
        place = ssh_place("ssh://me@git.example.org:2222/team/docs.git")
        assert place is not None
        assert (place.user, place.host, place.port, place.path) == ("me", "git.example.org", 2222, "/team/docs.git")
