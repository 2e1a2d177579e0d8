"""Where this platform keeps, for a user, what can be made again."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder; it need not be there yet."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "Parley" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "parley"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "parley"
