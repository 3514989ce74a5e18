"""Vectors of lately, remembered: a text that comes again need not be embedded again.

Each model makes another vector of a text, so whoever remembers one says in its key whose it is.
"""

import time
from array import array
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from shared.llm.interface import EmbeddedBatch, Embedder, Vector

Key = TypeVar("Key", bound=Hashable)


class VectorMemory(Generic[Key]):
    """The vectors that were used last. For one event loop, or one thread.

    Each is believed for a while only: a server may be given another model under the same name.

    Args:
        most: How many; a thousand of 1,536 numbers take 12 MB.
        lasts: Seconds from when a vector was made.
    """

    def __init__(self, most: int, *, lasts: float = 600.0) -> None:
        self._most = most
        self._lasts = lasts
        self._vectors: OrderedDict[Key, tuple[float, array[float]]] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._vectors and time.monotonic() < self._vectors[key][0]

    def get(self, key: Key) -> Vector | None:
        """A vector, used now; None when it is not remembered."""
        if key not in self:
            return None
        self._vectors.move_to_end(key)
        return self._vectors[key][1]

    def keep(self, key: Key, vector: Vector) -> None:
        """Remember a vector, and forget the one that was not used for longest where there are too many."""
        # A list of as many numbers takes four times the room.
        kept = vector if isinstance(vector, array) else array("d", vector)
        self._vectors[key] = time.monotonic() + self._lasts, kept
        self._vectors.move_to_end(key)
        if len(self._vectors) > self._most:
            self._vectors.popitem(last=False)


class RememberingEmbedder:
    """An embedder that makes no document's vector twice as long as it is remembered; see `Embedder`.

    Args:
        embedder: Who makes those that are not remembered.
        whose: Names its provider and model in the memory.
        memory: Where they are remembered, also over several embedders.
    """

    def __init__(
        self, embedder: Embedder, whose: Hashable, memory: VectorMemory[tuple[Hashable, str]]
    ) -> None:
        self._embedder = embedder
        self._whose = whose
        self._memory = memory

    async def embed_documents(self, texts: Sequence[str]) -> EmbeddedBatch:
        """Vectors of what is searched, those of lately from memory."""
        distinct = dict.fromkeys(texts)
        looked_up = {text: self._memory.get((self._whose, text)) for text in distinct}
        found = {text: vector for text, vector in looked_up.items() if vector is not None}
        missing = [text for text in distinct if text not in found]
        made = await self._embedder.embed_documents(missing) if missing else EmbeddedBatch([])
        why = {missing[place]: reason for place, reason in made.failures.items()}
        for text, made_vector in zip(missing, made.vectors, strict=True):
            if made_vector is not None:
                found[text] = made_vector
                self._memory.keep((self._whose, text), made_vector)
        return replace(
            made,
            vectors=[found.get(text) for text in texts],
            failures={place: why[text] for place, text in enumerate(texts) if text in why},
        )

    async def embed_queries(self, texts: Sequence[str]) -> EmbeddedBatch:
        """Vectors of what is searched with, which seldom come again."""
        return await self._embedder.embed_queries(texts)
