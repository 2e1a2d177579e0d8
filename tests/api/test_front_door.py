"""Who is let in, and what every answer carries, on a running server."""

from collections.abc import Generator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.server import ParleyServer


@pytest.fixture
def anonymous(parley_server: ParleyServer) -> Generator[httpx.Client]:
    with httpx.Client(base_url=parley_server.url, trust_env=False) as client:
        yield client


@contextmanager
def sign_in(server: ParleyServer) -> Generator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False) as browser:
        response = browser.get(server.new_sign_in_link())
        assert response.status_code == 303
        yield browser


class TestSignIn:
    def test_link_gives_a_cookie_that_scripts_cannot_read(self, parley_server: ParleyServer) -> None:
        with httpx.Client(trust_env=False) as browser:
            response = browser.get(parley_server.new_sign_in_link())
        cookie = response.headers["set-cookie"]
        assert response.headers["location"] == "/"
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()

    def test_link_works_once(self, parley_server: ParleyServer, anonymous: httpx.Client) -> None:
        link = parley_server.new_sign_in_link()
        with httpx.Client(trust_env=False) as first:
            first.get(link)
        response = anonymous.get(link)
        assert "set-cookie" not in response.headers
        assert response.headers["location"].startswith("/signed-out")

    def test_cookie_is_the_owner_until_sign_out(self, parley_server: ParleyServer) -> None:
        with sign_in(parley_server) as browser:
            assert browser.get("/api/v1/me").json()["role"] == "owner"
            assert browser.post("/api/v1/sign-out").status_code == 204
            assert browser.get("/api/v1/me").status_code == 401

    def test_links_are_made_only_on_the_machine_itself(self, parley_server: ParleyServer) -> None:
        response = parley_server.client.post("/api/v1/sign-in-links")
        assert (response.status_code, response.json()["code"]) == (403, "not_permitted")


class TestRefusals:
    def test_without_credentials_nothing_is_told(self, anonymous: httpx.Client) -> None:
        response = anonymous.get("/api/v1/bots")
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "not_signed_in"

    def test_a_revoked_key_stops_working(self, parley_server: ParleyServer, anonymous: httpx.Client) -> None:
        key = parley_server.api("POST", "/keys", json={"name": "short-lived"})
        headers = {"Authorization": f"Bearer {key['key']}"}
        assert anonymous.get("/api/v1/me", headers=headers).status_code == 200
        parley_server.api("DELETE", f"/keys/{key['id']}")
        assert anonymous.get("/api/v1/me", headers=headers).json()["code"] == "invalid_key"

    def test_a_page_of_another_site_cannot_use_the_cookie(self, parley_server: ParleyServer) -> None:
        with sign_in(parley_server) as browser:
            response = browser.post("/api/v1/bots", json={"name": "x"}, headers={"Origin": "http://evil.example"})
            assert (response.status_code, response.json()["code"]) == (403, "cross_origin")
            same = browser.post("/api/v1/bots", json={"name": "x"}, headers={"Origin": parley_server.url})
            assert same.status_code == 201

    def test_a_foreign_host_name_is_refused(self, parley_server: ParleyServer, anonymous: httpx.Client) -> None:
        response = anonymous.get("/api/v1/me", headers={"Host": "rebound.example"})
        assert (response.status_code, response.json()["code"]) == (421, "unknown_host")


class TestProblems:
    def test_unknown_api_paths_are_problems_not_the_page(self, parley_server: ParleyServer) -> None:
        response = parley_server.client.get("/api/v1/nothing", headers={"Accept": "text/html"})
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"

    def test_invalid_input_names_the_field(self, parley_server: ParleyServer) -> None:
        problem = parley_server.client.post("/api/v1/bots", json={"name": ""}).json()
        assert problem["code"] == "invalid_input"
        assert problem["detail"].startswith("name:")

    def test_an_unknown_bot_is_not_found(self, parley_server: ParleyServer) -> None:
        assert parley_server.client.get("/api/v1/bots/bot_x").json()["code"] == "bot_not_found"


class TestEveryAnswer:
    @pytest.mark.parametrize("path", ["/", "/healthz", "/api/docs", "/api/v1/me", "/api/v1/nothing"])
    def test_carries_the_security_headers(self, parley_server: ParleyServer, path: str) -> None:
        headers = parley_server.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-eval'" not in headers["content-security-policy"].replace("wasm-unsafe-eval", "")


class TestSystem:
    def test_health_needs_no_credentials(self, anonymous: httpx.Client) -> None:
        assert anonymous.get("/healthz").json() == {"status": "ok"}
        assert anonymous.get("/readyz").json() == {"status": "ready"}

    def test_metrics_label_templates_not_ids(self, parley_server: ParleyServer) -> None:
        bot = parley_server.create_bot("Counted")
        parley_server.api("GET", f"/bots/{bot}")
        text = parley_server.client.get("/metrics").text
        assert 'route="/api/v1/bots/{bot_id}"' in text
        assert bot not in text

    def test_the_page_answers_any_path_of_the_app(self, parley_server: ParleyServer) -> None:
        for path in ("/", "/chats/bot_1", "/settings"):
            response = parley_server.client.get(path)
            assert response.headers["content-type"].startswith("text/html")
