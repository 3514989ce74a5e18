"""Learn the probe of basic mode anew from its exemplars: `python -m tests.benchmarks.knowledge_training`.

To be run after a change in `services/knowledge/local/exemplars/`; what it writes is committed with them.
"""

import json
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from deploy.local.embeddings import running_embeddings
from services.knowledge.local.probe import FINGERPRINT, WEIGHTS, exemplars, learn

_BATCH = 64


def embed(url: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Their vectors as documents, by a server with the OpenAI interface."""
    vectors: list[list[float]] = []
    for start in range(0, len(texts), _BATCH):
        body = json.dumps({"model": "e5-passage", "input": texts[start : start + _BATCH]}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own server on loopback
            f"{url}/embeddings", body, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - the same
            vectors += [item["embedding"] for item in json.load(answer)["data"]]
    return np.asarray(vectors)


def main() -> None:
    """Embed the exemplars with the local server, learn, and write the weights."""
    examples = exemplars()
    with tempfile.TemporaryDirectory() as folder, running_embeddings(Path(folder)) as url:
        vectors = embed(url, [FINGERPRINT, *(text for text, _ in examples)])
    learnt = learn(vectors[1:], [name for _, name in examples], vectors[0])
    WEIGHTS.write_bytes(msgspec.json.encode(learnt) + b"\n")
    print(f"learnt from {len(examples)} exemplars: {WEIGHTS}")


if __name__ == "__main__":
    main()
