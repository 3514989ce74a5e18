"""Vectors of texts by a server with the OpenAI interface."""

import json
import urllib.request
from collections.abc import Sequence

from services.knowledge.local.vectors import Vector

_BATCH = 64


def embed(url: str, texts: Sequence[str]) -> dict[str, Vector]:
    """Vectors by text, as documents."""
    vectors: dict[str, Vector] = {}
    for start in range(0, len(texts), _BATCH):
        part = texts[start : start + _BATCH]
        body = json.dumps({"model": "e5-passage", "input": part}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own server on loopback
            f"{url}/embeddings", body, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - the same
            found = [item["embedding"] for item in json.load(answer)["data"]]
        vectors |= dict(zip(part, found, strict=True))
    return vectors
