"""Reading vectors as servers write them: in base64 or as numbers, with their places or just in order."""

import base64
import sys
from array import array
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from shared.llm.failures import RefusedError


def read_vectors(data: Any, wanted: int) -> list[Sequence[float]]:
    """The vectors of an answer, in the order of the texts.

    Args:
        data: The answer's `data`, of which nothing is known yet.
        wanted: How many texts there were.

    Raises:
        RefusedError: When they are not as many, or no vectors.
    """
    found = data if isinstance(data, list) else []
    places = [getattr(each, "index", None) for each in found]
    numbered = [place for place in places if isinstance(place, int)]
    if len(found) != wanted or (numbered and sorted(numbered) != list(range(wanted))):
        raise RefusedError(f"it answered with {len(found)} vectors for {wanted} texts", status=200)
    if numbered:
        found = [each for _, each in sorted(zip(numbered, found, strict=True), key=itemgetter(0))]
    return [_numbers(getattr(each, "embedding", None)) for each in found]


def _numbers(embedding: Any) -> Sequence[float]:
    try:
        if not isinstance(embedding, str):
            return array("d", embedding).tolist()
        numbers = array("f", base64.b64decode(embedding, validate=True))
    except (TypeError, ValueError, OverflowError):
        raise RefusedError("it answered with vectors of unknown form", status=200) from None
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
