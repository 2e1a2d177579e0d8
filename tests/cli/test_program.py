"""The program as a person or a script starts it."""

import json
import stat
import sys
from pathlib import Path

import pytest

from tests.support.server import ParleyServer, run_parley, running_parley


class TestBots:
    def test_are_the_same_with_and_without_a_running_server(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        alone = json.loads(run_parley(data, "bots", "create", "Handbook", "--json").stdout)
        assert set(alone) == {"id", "name"}
        with running_parley(data):
            beside = run_parley(data, "bots", "list", "--json")
        assert json.loads(beside.stdout) == [alone]
        assert json.loads(run_parley(data, "bots", "list", "--json").stdout) == [alone]

    def test_an_unknown_bot_ends_with_status_1_and_says_what_to_do(self, tmp_path: Path) -> None:
        done = run_parley(tmp_path, "bots", "set", "Nobody", "--rename", "x")
        assert done.returncode == 1
        assert "parley bots create Nobody" in done.stderr
        assert "[bot_not_found]" in done.stderr
        assert done.stdout == ""


class TestKeys:
    def test_secret_alone_is_on_standard_output(self, parley_server: ParleyServer) -> None:
        done = run_parley(parley_server.data, "keys", "create", "script")
        key = done.stdout.strip()
        assert key.startswith("parley_")
        response = parley_server.client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})
        assert response.json()["via"] == "key"

    def test_revoked_by_name(self, parley_server: ParleyServer) -> None:
        key = run_parley(parley_server.data, "keys", "create", "old").stdout.strip()
        assert run_parley(parley_server.data, "keys", "revoke", "old").returncode == 0
        response = parley_server.client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})
        assert response.status_code == 401


class TestDataFolder:
    def test_a_second_server_ends_with_a_clear_message(self, parley_server: ParleyServer) -> None:
        done = run_parley(parley_server.data, "serve", "--no-open", "--port", "0")
        assert done.returncode == 1
        assert "[data_folder_busy]" in done.stderr
        assert parley_server.url in done.stderr

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the user's folder private by other means")
    def test_address_and_token_are_readable_by_the_owner_alone(self, parley_server: ParleyServer) -> None:
        mode = stat.S_IMODE((parley_server.data / "server.json").stat().st_mode)
        assert mode == 0o600

    def test_what_a_killed_server_left_does_not_stop_the_next(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        with running_parley(data) as server:
            server.create_bot("Kept")
            server.process.kill()
            server.process.wait(20)
        assert (data / "server.json").exists()
        listed = run_parley(data, "bots", "list", "--json")
        assert [bot["name"] for bot in json.loads(listed.stdout)] == ["Kept"]


class TestServe:
    def test_refuses_an_address_that_others_can_reach(self, tmp_path: Path) -> None:
        done = run_parley(tmp_path, "serve", "--host", "0.0.0.0", "--no-open")
        assert done.returncode == 1
        assert "[host_not_loopback]" in done.stderr

    def test_a_new_sign_in_link_can_be_had(self, parley_server: ParleyServer) -> None:
        done = run_parley(parley_server.data, "link")
        assert done.stdout.startswith(f"{parley_server.url}/sign-in?token=")

    def test_link_without_a_server_says_how_to_start_one(self, tmp_path: Path) -> None:
        done = run_parley(tmp_path, "link")
        assert done.returncode == 1
        assert "parley serve" in done.stderr


class TestUsage:
    def test_wrong_usage_ends_with_status_2(self, tmp_path: Path) -> None:
        assert run_parley(tmp_path, "no-such-verb").returncode == 2
        assert run_parley(tmp_path, "bots", "create").returncode == 2

    def test_an_invalid_setting_is_named(self, tmp_path: Path) -> None:
        done = run_parley(tmp_path, "bots", "list", env={"PARLEY_JOBS__PARSE_WORKERS": "many"})
        assert done.returncode == 1
        assert "jobs.parse_workers" in done.stderr
        assert "[invalid_setting]" in done.stderr

    def test_settings_are_read_from_the_data_folder(self, tmp_path: Path) -> None:
        (tmp_path / "parley.toml").write_text("[jobs]\nparse_workers = -1\n", "utf-8")
        done = run_parley(tmp_path, "bots", "list")
        assert "jobs.parse_workers" in done.stderr


class TestByteCode:
    @pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is set by a variable on Linux alone")
    def test_is_kept_in_the_cache_where_it_must_not_lie_beside_the_sources(self, tmp_path: Path) -> None:
        env = {"PYTHONDONTWRITEBYTECODE": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")}
        assert run_parley(tmp_path / "data", "bots", "list", env=env).returncode == 0
        kept = list((tmp_path / "cache" / "parley" / "bytecode").rglob("app.*.pyc"))
        assert any("parley/api" in path.as_posix() for path in kept)


class TestDoctor:
    def test_tells_what_is_there_and_how_to_get_the_rest(self, parley_server: ParleyServer) -> None:
        done = run_parley(parley_server.data, "doctor", "--json")
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        assert checks["server"]["message"] == f"running at {parley_server.url}"
        assert checks["database"]["status"] == "ok"
        assert checks["chat models"]["status"] == "note"
        assert "parley models add" in checks["chat models"]["fix"]

    def test_a_damaged_database_fails(self, tmp_path: Path) -> None:
        (tmp_path / "parley.db").write_bytes(b"this is not a database" * 100)
        done = run_parley(tmp_path, "doctor", "--json")
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        assert done.returncode == 1
        assert checks["database"]["status"] == "fail"
