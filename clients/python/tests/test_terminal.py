"""What is shown: no text drives the terminal, tables fit, times are understood."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import typer
from rich.console import Console

from tasktracker.cli.options import parse_time
from tasktracker.cli.search import highlighted
from tasktracker.cli.terminal import in_a_line, plain, table


def drawn(*rows: tuple[str, ...], width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    screen = io.StringIO()
    Console(file=screen, width=width).print(table(("id", "author", "text"), rows, right=("id",), wide="text"))
    return screen.getvalue().splitlines()


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x1b]0;title\x07", "a\rb", "\x9b2J", "x\u202egnp.exe"])
def test_a_message_cannot_drive_the_terminal(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert not {"\x1b", "\x07", "\r", "\x9b", "\u202e"} & set(shown)


def test_lines_become_one_and_characters_stay_in_their_places() -> None:
    assert in_a_line("перший\nдругий\tтретій") == "перший другий третій"


def test_the_wide_column_gives_way_and_the_others_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("7", "Олена Кравчук", "довгий текст " * 20), ("1204", "Ян", "ні")]
    lines = drawn(*rows, width=60, monkeypatch=monkeypatch)
    assert all(len(line) <= 60 for line in lines)
    assert "…" in lines[2]
    assert lines[2].startswith("   7   Олена Кравчук   довгий")
    assert lines[3].startswith("1204   Ян              ні")


def test_mark_up_in_a_message_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn(("1", "x", "[red]не червоне[/red] :smile:"), width=80, monkeypatch=monkeypatch)
    assert "[red]не червоне[/red] :smile:" in lines[2]


def test_matches_are_highlighted_from_where_they_begin() -> None:
    text = "слово " * 30 + "пошук тут"
    start = text.index("пошук")
    shown = highlighted(text, [(start, start + 5)])
    assert shown.plain.startswith("…")
    assert shown.plain.endswith("пошук тут")
    (span,) = shown.spans
    assert shown.plain[span.start : span.end] == "пошук"


@pytest.mark.parametrize(
    ("text", "ago"), [("12h", timedelta(hours=12)), ("14d", timedelta(days=14)), ("3w", timedelta(weeks=3))]
)
def test_so_long_ago(text: str, ago: timedelta) -> None:
    before = datetime.now(UTC) - ago
    assert before <= parse_time(text) <= datetime.now(UTC) - ago


def test_a_time_without_a_zone_is_of_this_machine() -> None:
    assert parse_time("2026-03-01T09:30") == datetime(2026, 3, 1, 9, 30).astimezone()
    assert parse_time("2026-03-01T09:30Z") == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "14", "99999w", "2026-13-01", "-3d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no time"):
        parse_time(text)
