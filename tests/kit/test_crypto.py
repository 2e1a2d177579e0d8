"""Secrets at rest."""

import os
import stat
from pathlib import Path

import pytest

from parley.kit.crypto import SecretBox, SecretLost


class TestSecrets:
    def test_come_back_under_the_same_key_file(self, tmp_path: Path) -> None:
        token = SecretBox(tmp_path / "secret.key").encrypt("sk-123 é")
        assert b"sk-123" not in token
        assert SecretBox(tmp_path / "secret.key").decrypt(token) == "sk-123 é"

    def test_are_lost_under_another_one(self, tmp_path: Path) -> None:
        token = SecretBox(tmp_path / "one.key").encrypt("sk-123")
        with pytest.raises(SecretLost):
            SecretBox(tmp_path / "two.key").decrypt(token)

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits; the folder's rights apply")
    def test_lie_under_a_key_that_its_user_alone_can_read(self, tmp_path: Path) -> None:
        SecretBox(tmp_path / "secret.key").encrypt("x")
        assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
