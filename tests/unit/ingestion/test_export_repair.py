r"""The filter that turns `\xNN` into JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.telegram.export_repair import Repair
from services.ingestion.telegram.incoming import IncomingMessage
from tests.unit.ingestion.shapes import export, exported_message, items


def repaired(data: bytes, size: int) -> bytes:
    repair = Repair()
    done = b"".join(repair.feed(data[start : start + size]) for start in range(0, len(data), size))
    return done + repair.finish()


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
@pytest.mark.parametrize(
    ("written", "json"),
    [
        (rb'"a\x01b"', rb'"a\u0001b"'),
        (rb'"\x1F\x0a"', rb'"\u001F\u000a"'),
        (rb'"C:\\x41"', rb'"C:\\x41"'),
        (rb'"\\\x01"', rb'"\\\u0001"'),
        (rb'"\\\\x01"', rb'"\\\\x01"'),
        (rb'"\"\x07\n"', rb'"\"\u0007\n"'),
        (rb'"\xZZ"', rb'"\xZZ"'),
        (rb'"\x4"', rb'"\x4"'),
        ("\ufeff{}".encode(), b"{}"),
        ("а😀б".encode(), "а😀б".encode()),
        (b"a\xffb", "a\ufffdb".encode()),
        (b"a\xd0", "a\ufffd".encode()),
        (rb'"\x', rb'"\x'),
        (b"\\", b"\\"),
    ],
)
def test_only_what_is_no_json_is_changed(written: bytes, json: bytes, size: int) -> None:
    assert repaired(written, size) == json


@given(
    st.lists(st.sampled_from([b"\\", b"x", b"0", b"1F", b'"', "я".encode(), b"\xff"]), max_size=24),
    st.integers(1, 9),
)
def test_where_the_chunks_are_cut_makes_no_difference(pieces: list[bytes], size: int) -> None:
    data = b"".join(pieces)
    assert repaired(data, size) == repaired(data, len(data) + 1)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
def test_control_characters_become_spaces_in_the_text(size: int) -> None:
    file = export(exported_message(text="a?b C:\\x41")).replace(b"?", rb"\x01\x1F")
    _, message = items(file, chunk=size)
    assert isinstance(message, IncomingMessage)
    assert message.text == "a  b C:\\x41"
