"""The kept language model says what the packed one says."""

from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from parley.kit.cache_folder import cache_folder
from parley.kit.language_model import open_identifier

LANGUAGES = ["en", "de", "fr", "es", "sr", "ru"]
TEXTS = ["The ferry crosses the bay.", "Die Fähre quert die Bucht.", "Паром пересекает залив.", "x"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return cache_folder()


def packed() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier


class TestKeeping:
    def test_made_mapped_and_packed_agree(self, cache: Path) -> None:
        made = open_identifier(LANGUAGES)
        assert [path.name.partition("-")[0] for path in cache.iterdir()] == ["languages"]
        mapped = open_identifier(LANGUAGES)
        expected = packed()
        for text in TEXTS:
            assert made.rank(text) == mapped.rank(text) == expected.rank(text)

    def test_a_broken_file_is_made_up_for(self, cache: Path) -> None:
        open_identifier(LANGUAGES)
        next(cache.rglob("scores.npy")).write_bytes(b"")
        assert open_identifier(LANGUAGES).classify(TEXTS[0])[0] == "en"

    def test_a_folder_that_cannot_be_made_is_done_without(self, cache: Path) -> None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text("in the way")
        assert open_identifier(LANGUAGES).classify(TEXTS[0])[0] == "en"
