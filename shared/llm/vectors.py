"""Reading vectors as servers write them: in base64 or as numbers, with their places or just in order."""

import base64
import sys
from array import array
from collections.abc import Sequence
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
    by_place: dict[Any, Any] = {getattr(each, "index", None): each for each in found}
    if set(by_place) == set(range(wanted)):
        found = [by_place[place] for place in range(wanted)]
    elif len(found) != wanted or any(isinstance(place, int) for place in by_place):
        raise RefusedError(f"it answered with {len(found)} vectors for {wanted} texts", status=200)
    return [_numbers(getattr(each, "embedding", None)) for each in found]


def _numbers(embedding: Any) -> Sequence[float]:
    try:
        if not isinstance(embedding, str):
            return array("d", embedding).tolist()
        numbers = array("f", base64.b64decode(embedding, validate=True))
    except (TypeError, ValueError):
        raise RefusedError("it answered with vectors of unknown form", status=200) from None
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
