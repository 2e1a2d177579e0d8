"""The built-in table: meaning across languages, and the files that it is made of."""

import json
from pathlib import Path

import numpy as np
import pytest

from parley.llm.embedding.manifest import file_hash
from parley.llm.embedding.pieces import WORD_START, PieceTokenizer, unigram_model
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.embedding.table import FOLDER, PIECES, SCALES, VECTORS, TableEmbedder, pack

PASSAGES = [
    "The doctor gave the sick child a medicine against fever.",
    "The train to the capital leaves the station every hour.",
    "The court sentenced the thief to three years in prison.",
    "The farmer grows wheat, maize and potatoes in his fields.",
]
QUESTIONS = {
    "es": ["¿Qué medicina dio el médico al niño enfermo?", "¿A qué hora sale el tren de la estación?",
           "¿A cuántos años de cárcel fue condenado el ladrón?", "¿Qué cultiva el agricultor en sus campos?"],
    "de": ["Welches Medikament gab der Arzt dem kranken Kind?", "Wann fährt der Zug vom Bahnhof in die Hauptstadt?",
           "Zu wie vielen Jahren Gefängnis wurde der Dieb verurteilt?", "Was baut der Bauer auf seinen Feldern an?"],
    "hi": ["डॉक्टर ने बीमार बच्चे को कौन सी दवा दी?", "राजधानी के लिए ट्रेन स्टेशन से कब जाती है?",
           "चोर को अदालत ने कितने साल जेल की सजा दी?", "किसान अपने खेतों में क्या उगाता है, गेहूं या मक्का?"],
    "ru": ["Какое лекарство врач дал больному ребёнку?", "Во сколько поезд отходит от вокзала в столицу?",
           "На сколько лет тюрьмы суд приговорил вора?", "Выращивает ли фермер пшеницу и картофель на своих полях?"],
    "zh": ["医生给生病的孩子吃了什么药?", "开往首都的火车什么时候离开车站?",
           "法院判小偷坐几年监狱?", "农民在田里种什么小麦和土豆?"],
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> TableEmbedder:
    """The table of the package."""
    return TableEmbedder()


class TestLanguages:
    @pytest.mark.parametrize("language", QUESTIONS)
    def test_a_question_finds_the_passage_in_english(self, table: TableEmbedder, language: str) -> None:
        nearness = table.embed_queries(QUESTIONS[language]) @ table.embed_documents(PASSAGES).T
        assert nearness.argmax(axis=1).tolist() == [0, 1, 2, 3]

    def test_case_accents_forms_and_punctuation_of_one_word_are_one(self, table: TableEmbedder) -> None:
        first, second = table.embed_documents(["Station, HOUSE (ﬁre)", "station house fire"])
        assert float(first @ second) == pytest.approx(1, abs=1e-5)


class TestBatches:
    def test_a_text_has_the_same_vector_alone_and_among_others(self, table: TableEmbedder) -> None:
        texts = ["", *PASSAGES, " ".join(PASSAGES * 60), *QUESTIONS["zh"], "..."]
        together = table.embed_documents(texts)
        alone = np.concatenate([table.embed_documents([text]) for text in texts])
        np.testing.assert_allclose(together, alone, atol=1e-5)
        assert not together[0].any()

    def test_many_texts_go_in_runs(self, table: TableEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
        at_once = table.embed_documents(PASSAGES)
        monkeypatch.setattr("parley.llm.embedding.table._PIECES_AT_ONCE", 20)
        np.testing.assert_allclose(table.embed_documents(PASSAGES), at_once, atol=1e-5)


class TestChunkSizes:
    def test_tokens_are_counted_as_before(self, table: TableEmbedder) -> None:
        texts = [*PASSAGES, QUESTIONS["hi"][0]]
        assert table.count_tokens(texts) == StaticEmbedder().count_tokens(texts)


class TestFiles:
    def test_they_are_those_that_were_made_together(self) -> None:
        about = json.loads((FOLDER / "table.json").read_text("utf-8"))
        assert {name: file_hash(FOLDER / name) for name in about["sha256"]} == about["sha256"]
        assert TableEmbedder.name == f"parley-table-{about['dimensions']}/{about['version']}"

    def test_they_take_at_most_25_megabytes(self) -> None:
        assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 25_000_000

    def test_a_packed_row_comes_back_nearly_the_same(self, tmp_path: Path) -> None:
        rows = np.random.default_rng(3).standard_normal((2, 256)).astype(np.float32)
        vectors, scales = pack(rows)
        np.save(tmp_path / VECTORS, vectors)
        np.save(tmp_path / SCALES, scales)
        (tmp_path / PIECES).write_bytes(unigram_model([f"{WORD_START}one", f"{WORD_START}two"], [-1.0, -2.0]))
        read = TableEmbedder(tmp_path).embed_documents(["one", "two"])
        assert np.all((read * rows).sum(axis=1) / np.linalg.norm(rows, axis=1) > 0.99)


class TestPieces:
    def test_a_word_becomes_its_most_probable_pieces(self) -> None:
        names = [f"{WORD_START}un", "do", "u", "n", f"{WORD_START}", f"{WORD_START}und", "o"]
        tokenizer = PieceTokenizer(unigram_model(names, [-3.0, -3.0, -9.0, -9.0, -4.0, -8.0, -9.0]))
        assert tokenizer.encode(["undo", "Undo"]) == [(0, 1), (0, 1)]

    def test_what_no_piece_holds_is_passed_over(self) -> None:
        tokenizer = PieceTokenizer(unigram_model([f"{WORD_START}a", "b"], [-1.0, -1.0]))
        assert tokenizer.encode(["a中b", "axb", "中", ""]) == [(0, 1), (0, 1), (), ()]

    def test_an_endless_word_is_cut_in_parts(self) -> None:
        tokenizer = PieceTokenizer(unigram_model([f"{WORD_START}a", "a"], [-1.0, -1.0]))
        assert tokenizer.encode(["a" * 100]) == [(0, *[1] * 47, 0, *[1] * 47, 0, *[1] * 3)]

    def test_a_full_memory_is_started_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("parley.llm.embedding.pieces._MAX_CACHED_WORDS", 1)
        tokenizer = PieceTokenizer(unigram_model([f"{WORD_START}a", f"{WORD_START}b"], [-1.0, -1.0]))
        assert [tokenizer.encode([text]) for text in ("a b a", "b a", "a")] == [[(0, 1, 0)], [(1, 0)], [(0,)]]
