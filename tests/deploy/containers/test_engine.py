"""What is said when there is no engine, or when one refuses."""

from pathlib import Path

import pytest

from deploy.docker.engine import Engine, EngineError, installed_engine, missing_programs


def test_without_an_engine_it_is_said_how_to_do_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="make images STAND_IN=1"):
        installed_engine()


def test_engine_that_refuses_is_quoted_with_its_command() -> None:
    with pytest.raises(EngineError, match=r"(?s)/bin/sh -c echo no such image.*failed:\nno such image"):
        Engine(("/bin/sh", "-c")).ask("echo no such image >&2; exit 125")


def test_engine_that_hangs_is_given_up() -> None:
    with pytest.raises(EngineError, match="took longer than 0 s"):
        Engine(("/bin/sleep",)).ask("60", seconds=0.2)


def test_programs_that_are_missing_are_named() -> None:
    assert missing_programs(("sh", "no-such-program")) == ["no-such-program"]
