"""Vectors that mean something without a model: texts that share pieces of words are near to each other."""

import math
import zlib


def vector_of(text: str, dimension: int) -> list[float]:
    """A text's trigrams, hashed into so many numbers. Not of unit length; never all zeros."""
    vector = [0.0] * dimension
    padded = f"  {' '.join(text.lower().split())}  "
    for start in range(len(padded) - 2):
        digest = zlib.crc32(padded[start : start + 3].encode())
        vector[digest % dimension] += 1.0 if digest & 0x10000 else -1.0
    return vector if math.hypot(*vector) else [1.0, *vector[1:]]
