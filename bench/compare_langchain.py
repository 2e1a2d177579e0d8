"""Parley beside LangChain (its splitter, Chroma, MiniLM) and LlamaIndex (its defaults, MiniLM): one sample, one run.

usage: python -m bench.compare_langchain [FOLDER] [--megabytes 20] [--fraction 0.05] [--minilm ONNX_FOLDER] [--json]

The peers run in an environment of their own (bench/peers.txt; made on first use), on a stated fraction of the sample
drawn with the same seed, and their rates are compared: the whole sample would take them most of an hour. All clocks
start with models and programs read: the peers have embedded "warm up", Parley has read a file that says so. Parley runs
before, between and after the peers, since a machine's speed changes within minutes, and the median counts. With
`--minilm`, a local ONNX folder of the same model embeds exactly LangChain's chunks with the same maximal length,
without a cache, and the vectors are compared with LangChain's (fp32).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from bench.corpus import DEFAULT_FOLDER, text_sample
from bench.ingest import ingest
from bench.measuring import report

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".bench" / "peers"
PEER_SECONDS = 3600
SEED = 7


def peer_python() -> Path:
    """Return the Python of the peers' environment, and make that environment if it is not there."""
    python = PEERS / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (PEERS / "ready").exists():
        print("making the peers' environment (once; several minutes) ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", str(ROOT / "bench" / "peers.txt")], check=True)
        (PEERS / "ready").touch()
    return python


def run_peer(program: str, *arguments: Path) -> dict[str, Any]:
    """Run a peer's program and return the figures that it prints."""
    command = [str(peer_python()), str(ROOT / "bench" / program), *map(str, arguments)]
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "TOKENIZERS_PARALLELISM": "true",
    }
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=PEER_SECONDS, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def same_model(folder: Path, peer: dict[str, Any], out: Path) -> dict[str, Any]:
    """Embed the peer's chunks with the same model from an ONNX folder; compare rate and vectors."""
    from parley.llm.embedding.onnx import OnnxEmbedder

    chunks: list[str] = json.loads((out / "chunks.json").read_text())
    embedder = OnnxEmbedder(folder)
    embedder.embed_documents(chunks[:8])
    began = time.perf_counter()
    ours = embedder.embed_documents(chunks)
    seconds = time.perf_counter() - began
    theirs = np.load(out / "vectors.npy")
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    cosines = (ours * theirs).sum(axis=1)
    return {
        "same MiniLM: maximal tokens, ours and theirs": f"{embedder.max_tokens} and {peer['max_tokens']}",
        "same MiniLM: chunks/s, ours": len(chunks) / seconds,
        "same MiniLM: chunks/s, theirs": len(chunks) / peer["embed_seconds"],
        "same MiniLM: times as fast": peer["embed_seconds"] / seconds,
        "same MiniLM: mean cosine to fp32": float(cosines.mean()),
        "same MiniLM: least cosine": float(cosines.min()),
    }


def compare(folder: Path, megabytes: float, fraction: float, minilm: Path | None) -> dict[str, Any]:
    """Run both on samples of one seed and return the figures."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder.parent) as temporary:
        whole, part, out = (Path(temporary) / name for name in ("whole", "part", "out"))
        out.mkdir()
        text_sample(folder, whole, megabytes, SEED)
        text_sample(folder, part, megabytes * fraction, SEED)
        runs = [ingest(whole, searches_per_second=0, is_started=True)]
        peer = run_peer("peer_langchain.py", part, out)
        embedders = same_model(minilm, peer, out) if minilm else {}
        runs.append(ingest(whole, searches_per_second=0, is_started=True))
        other = run_peer("peer_llamaindex.py", part)
        runs.append(ingest(whole, searches_per_second=0, is_started=True))
        ours = sorted(runs, key=itemgetter("seconds"))[1]
        peer_rate, other_rate = (run["bytes"] / 1e6 / run["seconds"] for run in (peer, other))
        return {
            "sample, MB (files, failed)": f"{ours['MB']:.1f} ({ours['files ready']}, {ours['files failed']})",
            "Parley, s (the median of three)": ours["seconds"],
            "Parley, s, one after the other": ", ".join(f"{run['seconds']:.1f}" for run in runs),
            "Parley, MB/s": ours["MB/s"],
            "MB of the same sample that the peers read": peer["bytes"] / 1e6,
            "LangChain, s": peer["seconds"],
            "LangChain, MB/s": peer_rate,
            "LlamaIndex, s": other["seconds"],
            "LlamaIndex, MB/s": other_rate,
            "chunks: LangChain, LlamaIndex": f"{peer['chunks']}, {other['chunks']}",
            "times as fast as LangChain": ours["MB/s"] / peer_rate,
            "times as fast as LlamaIndex": ours["MB/s"] / other_rate,
            **embedders,
        }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--fraction", type=float, default=0.05, help="Share of the sample that the peer reads.")
    parser.add_argument("--minilm", type=Path, help="ONNX folder of all-MiniLM-L6-v2 for the comparison of embedders.")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = compare(arguments.folder.resolve(), arguments.megabytes, arguments.fraction, arguments.minilm)
    report("Parley, LangChain + Chroma + MiniLM, LlamaIndex + MiniLM", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
