"""Find a Chromium for the browser tests, or get one: there is no run without it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


class NoBrowser(Exception):
    """No browser is here and none could be installed; the message says what was tried."""


def installed_browser() -> str | None:
    """Return the path of an installed Chromium, Chrome or Edge; `PARLEY_TEST_BROWSER` goes first."""
    named = os.environ.get("PARLEY_TEST_BROWSER")
    if named:
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or next((place for place in PLACES if Path(place).is_file()), None)


def _quietly(*command: str) -> bool:
    """Run a command whose output matters only when it fails."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        print(f"{' '.join(command)} failed:\n{done.stderr.decode('utf-8', 'replace')[-2000:]}", file=sys.stderr)
    return done.returncode == 0


def _debian_package() -> str | None:
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    install = ("apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium")
    if _quietly(*install) or (_quietly("apt-get", "update", "-qq") and _quietly(*install)):
        return shutil.which("chromium")
    return None


def _playwright_download() -> str | None:
    if not _quietly(sys.executable, "-m", "playwright", "install", "chromium"):
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def find_or_install_browser() -> str:
    """Return the path of a browser: an installed one, Debian's package when root, else Playwright's download.

    Raises:
        NoBrowser: all three ways failed.
    """
    found = installed_browser() or _debian_package() or _playwright_download()
    if found is None:
        raise NoBrowser(
            "The browser tests need Chromium or Chrome. None is installed, and neither Debian's package (as root) nor "
            "Playwright's download could be had. Install one, or name it in PARLEY_TEST_BROWSER."
        )
    return found


if __name__ == "__main__":
    print(find_or_install_browser())
