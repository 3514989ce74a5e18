"""What the terminal shows of the programs' logs."""

import io
from pathlib import Path

from deploy.local.tail import Tail
from deploy.local.terminal import Terminal, read_line


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(lines: list[str], environment: dict[str, str] | None = None, *, tty: bool = False) -> str:
    stream = Tty() if tty else io.StringIO()
    terminal = Terminal(environment or {}, stream)
    for line in lines:
        terminal.log_line("scoring", line)
    return stream.getvalue()


def test_warnings_are_shown_with_their_program_and_run_and_the_rest_is_not() -> None:
    said = shown(
        [
            '{"level": "INFO", "message": "all is well"}',
            '{"level": "WARNING", "message": "slow", "run_id": "r1", "exception": "Traceback\\nKeyError: 7"}',
        ]
    )
    assert said == "scoring      │ slow  run_id=r1\nscoring      │ KeyError: 7\n"


def test_level_of_the_terminal_follows_the_setting() -> None:
    assert "all is well" in shown(['{"level": "INFO", "message": "all is well"}'], {"TT_LOG_LEVEL": "info"})


def test_colours_only_on_a_terminal_that_wants_them() -> None:
    line = ['{"level": "ERROR", "message": "broken"}']
    assert "\033[" in shown(line, tty=True)
    assert "\033[" not in shown(line, {"NO_COLOR": "1"}, tty=True)
    assert "\033[" not in shown(line)


def test_flood_is_cut_and_counted() -> None:
    said = shown(['{"level": "ERROR", "message": "again"}'] * 5_000)
    assert said.count("again") < 100


def test_levels_of_the_servers_are_understood() -> None:
    assert read_line("FATAL:  the database system is starting up")[0] == "ERROR"
    assert read_line("[71] 2026/01/02 03:04:05.6 [WRN] slow consumer")[0] == "WARNING"
    assert read_line("LOG:  checkpoint complete")[0] == "INFO"
    assert read_line("{not json")[0] == "INFO"


def test_tail_gives_whole_lines_across_rotation(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("of an earlier run\n")
    tail = Tail(path)
    with path.open("a") as file:
        file.write("one\ntw")
        file.flush()
        assert tail.lines() == ["one"]
        file.write("o\nlast before\n")
    path.rename(tmp_path / "a.log.1")
    path.write_text("first after\n")
    assert tail.lines() == ["two", "last before", "first after"]
    tail.close()


def test_tail_waits_for_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "a.log")
    assert tail.lines() == []
    (tmp_path / "a.log").write_text("here\n")
    assert tail.lines() == ["here"]
    tail.close()
