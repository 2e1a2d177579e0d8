"""What "ready" promises, on a running server."""

import secrets

from tests.support.server import ParleyServer


class TestAReadySource:
    def test_is_found_by_the_very_next_search(self, parley_server: ParleyServer) -> None:
        bot = parley_server.create_bot("Ready")
        for _ in range(6):
            word = f"word{secrets.token_hex(6)}"
            files = {f"{word}-{n}.md": f"# Note {n}\n\nThe code of room {n} is {word}.".encode() for n in range(5)}
            parley_server.upload(bot, files)
            found = parley_server.api("POST", f"/bots/{bot}/search", json={"query": f"code {word}", "limit": 20})
            assert sum(word in hit["text"] for hit in found["hits"]) == 5
