"""Python runs this at start in processes that tests start: it closes the network there too."""

import importlib.util
import os
from pathlib import Path

if os.environ.get("PARLEY_TESTS_CLOSED_NETWORK") == "1":
    spec = importlib.util.spec_from_file_location("parley_tests_network", Path(__file__).parent.parent / "network.py")
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.close_network()
