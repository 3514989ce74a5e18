"""Reading vectors as servers write them."""

import base64
from array import array
from dataclasses import dataclass
from typing import Any

import pytest

from shared.llm.failures import RefusedError
from shared.llm.vectors import read_vectors


@dataclass
class Item:
    embedding: Any
    index: Any = None


def test_places_decide_the_order_and_else_the_order_itself() -> None:
    assert read_vectors([Item([2.0], 1), Item([1.0], 0)], 2) == [[1.0], [2.0]]
    assert read_vectors([Item([2.0]), Item([1])], 2) == [[2.0], [1.0]]


def test_base64_is_of_32_bits() -> None:
    encoded = base64.b64encode(array("f", [0.5, -2.0])).decode()
    assert read_vectors([Item(encoded, 0)], 1) == [[0.5, -2.0]]


@pytest.mark.parametrize(
    "data",
    [
        None,
        "vectors",
        [],
        [Item([1.0], 0)],
        [Item([1.0], 0), Item([1.0], 0)],
        [Item([1.0], 0), Item([1.0], 2)],
        [Item([1.0], 0), Item(None, 1)],
        [Item([1.0], 0), Item(["a"], 1)],
        [Item([1.0], 0), Item("no base64!", 1)],
        [Item([1.0], 0), Item("AAA=", 1)],
        [object(), object()],
        [Item([1.0], 0), Item([1.0], [1])],
        [Item([1.0], 0), Item([1.0], 1), Item([2.0], 1)],
        [Item([1.0], 0), Item([10**400], 1)],
    ],
)
def test_what_is_not_a_vector_a_text_is_refused(data: Any) -> None:
    with pytest.raises(RefusedError, match="vectors"):
        read_vectors(data, 2)
