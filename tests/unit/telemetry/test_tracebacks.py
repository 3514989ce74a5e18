"""Errors in the log: what happened and where, not what people wrote, and no secret."""

from collections.abc import Callable

from asyncpg.exceptions import NotNullViolationError
from sqlalchemy.exc import IntegrityError

from shared.telemetry.tracebacks import error_line, format_error

WRITTEN = "наш пароль: корова"


def raised(fail: Callable[[], object]) -> Exception:
    try:
        fail()
    except Exception as error:  # noqa: BLE001 - whatever was raised is what is looked at
        return error
    raise AssertionError("nothing was raised")


def refuse() -> None:
    driver = NotNullViolationError(f"null value in column\nDETAIL:  Failing row contains (7, {WRITTEN}).")
    raise IntegrityError("INSERT INTO messages (text) VALUES ($1)", (WRITTEN,), driver)


def wrap() -> None:
    try:
        refuse()
    except IntegrityError as error:
        raise RuntimeError("the message could not be saved") from error


def test_row_that_a_database_refused_is_not_told() -> None:
    text = format_error(raised(refuse))
    assert WRITTEN not in text
    assert "[SQL:" not in text
    assert "in refuse" in text
    assert "23502" in text


def test_cause_stands_before_what_came_of_it() -> None:
    text = format_error(raised(wrap))
    assert WRITTEN not in text
    assert text.index("sqlalchemy.exc.IntegrityError") < text.index("That was the cause of:")
    assert text.endswith("RuntimeError: the message could not be saved")


def test_credentials_are_taken_out() -> None:
    error = OSError("cannot reach https://user:hunter2@example.org/bot123456789:AAF-secretsecretsecretsecret")
    assert "hunter2" not in error_line(error)
    assert "secretsecret" not in error_line(error)
    assert error_line(error).startswith("OSError: cannot reach https://")


def test_error_that_says_nothing_is_named() -> None:
    assert error_line(TimeoutError()) == "TimeoutError"


def test_errors_that_cause_each_other_end() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert format_error(first).count("ValueError") == 2
