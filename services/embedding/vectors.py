"""Vectors on their way: into SQL as text, to other services as bytes."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

LARGEST_DIMENSION = 4000
"""pgvector's HNSW indexes 16-bit vectors of at most so many numbers."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Vectors of texts, and the space that they are of."""

    space_id: int
    vectors: Sequence[Sequence[float]]


def as_sql(vector: Sequence[float]) -> str:
    """A vector as pgvector reads it. Seven digits are more than 16 bits keep."""
    return "[" + ",".join([f"{number:.7g}" for number in vector]) + "]"


def as_bytes(vector: Sequence[float]) -> bytes:
    """32-bit floats, little-endian."""
    return struct.pack(f"<{len(vector)}f", *vector)
