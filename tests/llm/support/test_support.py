"""Local support models: opened, refused, registered, and what they may decide."""

import shutil
from pathlib import Path

import pytest

from parley.chat.check import CheckPassage, SupportChecker
from parley.errors import InvalidInput
from parley.llm.embedding.manifest import MANIFEST
from parley.llm.support import LocalSupportModel, is_support_model, register_support_model

TINY = Path(__file__).parent / "tiny"
PASSAGE = CheckPassage("The ferry leaves the harbour at nine every morning.", 0, "en", "Boats")
IN_OWN_WORDS = "At nine every morning the captain departs from the quay by ferry."


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the tiny model."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def write_manifest(source: Path, text: str) -> None:
    (source / MANIFEST).write_text(text, "utf-8")


class TestFolders:
    def test_a_folder_is_registered_once_it_passed_its_test(self, source: Path, tmp_path: Path) -> None:
        assert is_support_model(source)
        model = register_support_model(source, tmp_path / "models", "nli")
        assert model.name == "nli"
        assert set(model.manifest.hashes) == {"model.onnx", "tokenizer.json"}
        assert (
            LocalSupportModel(tmp_path / "models" / "nli").scores("the ferry leaves", "the ferry leaves").supported
            > 0.9
        )

    def test_labels_in_the_wrong_order_do_not_pass_the_test(self, source: Path, tmp_path: Path) -> None:
        write_manifest(source, '{"kind": "support-nli", "labels": ["contradiction", "neutral", "entailment"]}')
        with pytest.raises(InvalidInput, match="order of labels"):
            register_support_model(source, tmp_path / "models")
        assert not (tmp_path / "models" / "tiny").exists()

    def test_labels_that_do_not_fit_the_output_are_refused(self, source: Path, tmp_path: Path) -> None:
        write_manifest(source, '{"kind": "support-nli", "labels": ["entailment", "contradiction"]}')
        with pytest.raises(InvalidInput, match="does not fit 2 labels"):
            register_support_model(source, tmp_path / "models")

    def test_a_file_that_is_not_the_one_named_is_refused(self, source: Path) -> None:
        hashes = '{"model.onnx": "' + "0" * 64 + '"}'
        write_manifest(source, f'{{"kind": "support-nli", "labels": ["entailment", "neutral"], "hashes": {hashes}}}')
        with pytest.raises(InvalidInput) as refused:
            LocalSupportModel(source)
        assert refused.value.stable_code == "hash_mismatch"

    def test_an_embedder_is_no_support_model(self) -> None:
        assert not is_support_model(TINY.parent.parent / "embedding" / "tiny")


class TestDeciding:
    def test_a_model_decides_what_the_rules_cannot(self) -> None:
        model = LocalSupportModel(TINY)
        alone = SupportChecker().check(IN_OWN_WORDS, [PASSAGE], "en")
        assert (alone.verdict, alone.undecided) == ("unsupported", True)
        assert SupportChecker(None, model).check(IN_OWN_WORDS, [PASSAGE], "en").verdict == "supported"

    def test_it_does_not_set_aside_a_wrong_number(self) -> None:
        wrong = "The ferry leaves the harbour at ten every morning."
        assert SupportChecker(None, LocalSupportModel(TINY)).check(wrong, [PASSAGE], "en").verdict == "conflicting"

    def test_it_is_not_asked_in_a_language_that_it_does_not_know(self) -> None:
        passage = CheckPassage(PASSAGE.text, 0, "fr", "")
        assert (
            SupportChecker(None, LocalSupportModel(TINY)).check(IN_OWN_WORDS, [passage], "fr").verdict == "unsupported"
        )
