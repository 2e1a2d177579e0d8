"""The build hook: every wheel, source distribution and editable install contains the built web app."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))

from build_web import build_web


class WebAppHook(BuildHookInterface[Any]):
    """Builds `web/` into `src/parley/webapp` before files are collected."""

    PLUGIN_NAME = "web-app"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling with `standard` or `editable` as the version."""
        self.app.display_info(build_web(Path(self.root)))
