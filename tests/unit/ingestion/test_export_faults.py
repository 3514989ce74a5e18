"""Files that cannot be read, or not to their end: what was read stays, and a person is told what to do."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.telegram.export import ExportItem, ExportReader, read_export
from services.ingestion.telegram.export_faults import UnreadableExport
from services.ingestion.telegram.incoming import IncomingMessage
from tests.unit.ingestion.shapes import export, exported_message

GOOD = export(*(exported_message(id=number, text=f"Повідомлення {number}") for number in range(1, 51)))


def read_until_fault(file: bytes, size: int = 1000) -> tuple[list[ExportItem], UnreadableExport | None]:
    """What an export gave before it failed, and how it failed."""
    found: list[ExportItem] = []
    try:
        for item in read_export(file[start : start + size] for start in range(0, len(file), size)):
            found.append(item)  # noqa: PERF402 - what came before the fault must stay
    except UnreadableExport as fault:
        return found, fault
    return found, None


@pytest.mark.parametrize(
    ("file", "code", "word"),
    [
        (b"", "empty_file", "empty"),
        (b" \n\n", "empty_file", "empty"),
        (b" " * 3_000_000, "empty_file", "empty"),
        (b" " * 3_000_000 + b"<html></html>", "html", "Machine-readable JSON"),
        (b"<!DOCTYPE html>\n<html>" + b"x" * 5000, "html", "Machine-readable JSON"),
        (b"\xef\xbb\xbf\n <html></html>", "html", "Machine-readable JSON"),
        (b"PK\x03\x04" + b"x" * 5000, "archive", "Unpack"),
        (gzip.compress(GOOD), "archive", "Unpack"),
        (GOOD.decode().encode("utf-16"), "encoding", "UTF-8"),
        (b"just some text, no export", "not_json", "Machine-readable JSON"),
        (b"[1, 2, 3]", "not_json", "Machine-readable JSON"),
        (b"42", "not_json", "Machine-readable JSON"),
        (b"{}", "no_messages", "tick the chats"),
        (b'{"name": "a", "type": "personal_chat", "id": 5}', "no_messages", "tick the chats"),
        (b'{"messages": {"a": []}, "other": [{"messages": []}]}', "no_messages", "tick the chats"),
        (b"{", "truncated", "cut off"),
        (b'{"a": ' + b"[" * 5000, "too_large", "larger"),
        (b'{"a": "' + b"x" * 9_000_000, "too_large", "larger"),
        (b'{"a": 1' + b"1" * 9000 + b"}", "not_json", "number is too long"),
    ],
)
def test_wrong_file_is_named_with_what_to_do(file: bytes, code: str, word: str) -> None:
    found, fault = read_until_fault(file, size=100_000)
    assert found == []
    assert fault is not None
    assert fault.code == code
    assert word in str(fault)


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_cut_off_file_gives_what_it_holds_and_says_where_it_ends(size: int) -> None:
    cut = GOOD.index(b'"id": 31,') + 40
    found, fault = read_until_fault(GOOD[:cut], size)
    assert [item.telegram_message_id for item in found if isinstance(item, IncomingMessage)] == list(
        range(1, 31)
    )
    assert fault is not None
    assert (fault.code, fault.position) == ("truncated", cut)
    assert f"byte {cut:,}" in fault.reason
    assert "after 30 messages, the last with id 30" in fault.reason


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_broken_json_gives_what_stands_before_it(size: int) -> None:
    file = GOOD.replace(b'"id": 31,', b'"id" 31,')
    found, fault = read_until_fault(file, size)
    assert [item.telegram_message_id for item in found if isinstance(item, IncomingMessage)] == list(
        range(1, 31)
    )
    assert fault is not None
    assert fault.code == "not_json"
    assert "after 30 messages, the last with id 30" in fault.reason


def test_fault_in_the_chunk_of_good_items_is_raised_by_the_next_call() -> None:
    reader = ExportReader()
    assert len(reader.feed(GOOD.replace(b'"id": 31,', b'"id" 31,'))) == 31
    with pytest.raises(UnreadableExport, match="stops being valid JSON"):
        reader.close()
    with pytest.raises(UnreadableExport, match="stops being valid JSON"):
        reader.feed(b"more")


def test_something_after_the_export_costs_no_message() -> None:
    found, fault = read_until_fault(GOOD + b"\n{}")
    assert len(found) == 51
    assert fault is not None
    assert fault.code == "not_json"


def test_white_space_after_the_export_is_fine() -> None:
    found, fault = read_until_fault(GOOD + b"\r\n \n")
    assert (len(found), fault) == (51, None)


def test_one_enormous_message_is_refused_before_it_fills_the_memory() -> None:
    found, fault = read_until_fault(export(exported_message(text="a" * 9_000_000)), size=1 << 20)
    assert len(found) == 1
    assert fault is not None
    assert fault.code == "too_large"


@given(st.binary(max_size=60), st.integers(1, 40))
def test_any_bytes_give_items_or_a_fault(body: bytes, size: int) -> None:
    for start in (b"", b"{", b'{"name": "a", "type": "personal_chat", "id": 5, "messages": ['):
        read_until_fault(start + body, size)


@given(st.data())
def test_any_damage_gives_items_or_a_fault(data: st.DataObject) -> None:
    file = bytearray(GOOD[:3000])
    for _ in range(data.draw(st.integers(1, 5))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    size = data.draw(st.integers(1, 3000))
    read_until_fault(bytes(file), size)
