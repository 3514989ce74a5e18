"""Synthetic exports: repeatable, realistic, and read in bounded memory."""

import tracemalloc
from collections import Counter
from pathlib import Path

from services.ingestion.telegram.export import ExportReader
from services.ingestion.telegram.incoming import IncomingMessage
from tests.generate_export import write_export
from tests.unit.ingestion.shapes import items


def test_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_export(tmp_path / name, 300, seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_all_generated_messages_are_readable_and_mixed(tmp_path: Path) -> None:
    write_export(tmp_path / "result.json", 3000)
    _, *read = items((tmp_path / "result.json").read_bytes())
    messages = [item for item in read if isinstance(item, IncomingMessage)]
    assert len(messages) == len(read) == 3000
    assert len({message.telegram_message_id for message in messages}) == 3000
    kinds = Counter(message.kind for message in messages)
    assert kinds.keys() >= {"text", "photo", "sticker", "voice", "document", "service"}
    assert kinds["text"] > 2500
    assert any("  C:\\x41\\temp" in message.text for message in messages)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 20_000):
        write_export(tmp_path / "result.json", count)
        peaks.append(_peak_while_reading(tmp_path / "result.json", count))
    assert peaks[1] < 1.3 * peaks[0]
    assert peaks[1] < 20_000_000


def _peak_while_reading(path: Path, count: int) -> int:
    reader = ExportReader()
    read = 0
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            while chunk := file.read(256 * 1024):
                read += len(reader.feed(chunk))
        reader.close()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert read == count + 1
