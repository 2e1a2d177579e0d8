"""Which files of a folder are read: sensible defaults, `.gitignore` files, and the source's own patterns."""

import fnmatch
import os
from pathlib import Path

from parley.kit.ignore import IgnoreRules
from parley.knowledge.schemas import FileRules

IGNORED_FOLDERS = frozenset(
    {"node_modules", "__pycache__", "__MACOSX", "$RECYCLE.BIN", "System Volume Information", "lost+found", "venv"}
)
IGNORED_FILES = (
    *("~$*", "*~", "#*#", "*.tmp", "*.temp", "*.swp", "*.swo", "*.swx", "4913", "*.part", "*.partial"),
    *("*.crdownload", "*.lock", "*.pyc", "Thumbs.db", "desktop.ini", "Icon\r"),
    # Made by programs from what is read itself: a search index of a manual holds each of its words in one line.
    *("*.min.js", "*.min.css", "*.js.map", "*.css.map", "searchindex.js"),
)
GITIGNORE = ".gitignore"
_MAX_GITIGNORE_BYTES = 1_000_000


class FileFilter:
    """Says what to read below one root. Paths are relative to it, with slashes. Reads `.gitignore` files; blocking.

    Hidden, cached and temporary files are left out unless `include` names them letter by letter (`.github/**`, not
    `*`). `exclude` has the last word.
    """

    def __init__(self, root: Path, rules: FileRules) -> None:
        self._root = root
        self._include = [line for line in rules.include if line.strip()]
        self._includes = IgnoreRules(self._include)
        self._excludes = IgnoreRules(rules.exclude)
        self._obeys_gitignore = rules.gitignore
        self._gitignores: dict[str, IgnoreRules] = {}

    def enters(self, folder: str) -> bool:
        """Whether a folder is looked into; the folders above it are taken for granted."""
        name = folder.rpartition("/")[2]
        if (name.startswith(".") or name in IGNORED_FOLDERS) and not self._names(folder):
            return False
        return not self._is_left_out(folder, is_folder=True)

    def reads(self, path: str) -> bool:
        """Whether a file is read; the folders above it are taken for granted."""
        name = path.rpartition("/")[2]
        by_default = name.startswith(".") or any(fnmatch.fnmatchcase(name, pattern) for pattern in IGNORED_FILES)
        if by_default and not self._names(path):
            return False
        if self._is_left_out(path, is_folder=False):
            return False
        return not self._includes or self._is_included(path)

    def allows(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether a scan from the root would come to this path."""
        parts = path.split("/")
        above = ["/".join(parts[:n]) for n in range(1, len(parts))]
        return all(self.enters(folder) for folder in above) and (self.enters(path) if is_folder else self.reads(path))

    def _is_left_out(self, path: str, *, is_folder: bool) -> bool:
        if self._excludes.decide(path, is_folder=is_folder):
            return True
        return self._obeys_gitignore and self._git_leaves_out(path, is_folder=is_folder)

    def _git_leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Ask the `.gitignore` files from the innermost folder outwards; the first that speaks of the path decides."""
        folder, _, rest = path.rpartition("/")
        while True:
            decided = self._gitignore(folder).decide(rest, is_folder=is_folder)
            if decided is not None:
                return decided
            if not folder:
                return False
            folder, _, name = folder.rpartition("/")
            rest = f"{name}/{rest}"

    def _gitignore(self, folder: str) -> IgnoreRules:
        found = self._gitignores.get(folder)
        if found is None:
            found = self._gitignores[folder] = IgnoreRules(_read_lines(Path(self._root, folder, GITIGNORE)))
        return found

    def _is_included(self, path: str) -> bool:
        """Whether a pattern of `include` speaks of the file, or of a folder above it."""
        parts = path.split("/")
        above = ("/".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))
        decided = self._includes.decide(path, is_folder=False)
        if decided is None:
            decided = next((d for f in above if (d := self._includes.decide(f, is_folder=True)) is not None), None)
        return bool(decided)

    def _names(self, path: str) -> bool:
        return any(_names(pattern, path) for pattern in self._include)


def _names(pattern: str, path: str) -> bool:
    """Whether a pattern leads to a path by a segment that begins with the same letter as the path's last one."""
    wanted = pattern.strip("/").split("/")
    parts = path.split("/")
    if len(wanted) == 1:
        return _same(wanted[0], parts[-1])
    for want, part in zip(wanted, parts, strict=False):
        if want == "**":
            return any(_same(segment, parts[-1]) for segment in wanted)
        if not fnmatch.fnmatchcase(part, want):
            return False
    return len(wanted) < len(parts) or _same(wanted[len(parts) - 1], parts[-1])


def _same(segment: str, name: str) -> bool:
    return segment[:1] == name[:1] and fnmatch.fnmatchcase(name, segment)


def _read_lines(path: Path) -> list[str]:
    try:
        if os.stat(path).st_size > _MAX_GITIGNORE_BYTES:
            return []
        return path.read_text("utf-8-sig", "replace").splitlines()
    except OSError:
        return []
