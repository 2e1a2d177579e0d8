"""`parley export`, on a real server."""

import json
from pathlib import Path

from tests.support.server import ParleyServer, run_parley


def add_conversation(server: ParleyServer, title: str) -> str:
    bot = server.create_bot("Guide")
    body = {"bot_id": bot, "title": title}
    return str(server.api("POST", "/conversations", json=body)["id"])


class TestExport:
    def test_writes_a_file_for_each_conversation(self, parley_server: ParleyServer, tmp_path: Path) -> None:
        add_conversation(parley_server, "Ferries / trains?")
        away = add_conversation(parley_server, "Ferries / trains?")
        parley_server.api("PATCH", f"/conversations/{away}", json={"archived": True})
        done = run_parley(parley_server.data, "export", str(tmp_path / "out"), "--json")
        said = json.loads(done.stdout)
        files = sorted(path.name for path in (tmp_path / "out").iterdir())
        assert done.returncode == 0
        assert said["conversations"] == len(files) >= 2
        assert any("Ferries trains 2.md" in name for name in files)

    def test_says_which_formats_there_are(self, parley_server: ParleyServer, tmp_path: Path) -> None:
        done = run_parley(parley_server.data, "export", str(tmp_path), "--format", "pdf")
        assert done.returncode == 2
        assert "md or json" in done.stderr
