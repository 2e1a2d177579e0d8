"""Write the description of the HTTP API to web/openapi.json, from which the web app's types are generated.

`python tools/export_openapi.py` writes it (then `npm run api` in web/), `--check` only says whether it is up to date.
"""

import argparse
import json
import sys
from pathlib import Path

from parley.api.app import create_app
from parley.settings import Settings

TARGET = Path(__file__).parent.parent / "web" / "openapi.json"


def describe() -> str:
    """Return the description as stable JSON."""
    description = create_app(Settings(data=Path("unused"))).openapi()
    return json.dumps(description, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Write or check; 1 when the file is out of date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing")
    wanted = describe()
    if not parser.parse_args().check:
        TARGET.write_text(wanted, encoding="utf-8")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{TARGET} is out of date: python tools/export_openapi.py && npm --prefix web run api", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
