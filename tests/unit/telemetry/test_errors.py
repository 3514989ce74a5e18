"""Errors on spans say what was being done and what went wrong, and nothing of what people wrote."""

import asyncio
from typing import Any

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy.exc import IntegrityError

from shared.contracts.errors import QueryError, not_found, unavailable
from shared.telemetry import span_within, start_run
from shared.telemetry.errors import describe
from tests.unit.telemetry.recorded import recording

SECRET = "пароль від пошти: hunter2"
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


class OwnError(Exception):
    __module__ = "services.somewhere"


def fail(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> tuple[Any, dict[str, Any]]:
    """The span of something that failed so, and the attributes of its exception event."""
    with (
        recording(monkeypatch) as told,
        start_run("chain"),
        pytest.raises(type(error)),
        span_within("work", SpanKind.CLIENT, doing="scoring message 7"),
    ):
        raise error
    span = told.get_finished_spans()[0]
    assert not any(SECRET in str(event.attributes) for event in span.events)
    assert SECRET not in str(span.status.description)
    return span, dict(span.events[0].attributes or {}) if span.events else {}


def test_an_error_of_our_own_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    span, event = fail(monkeypatch, OwnError("The provider is away."))
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "scoring message 7: OwnError: The provider is away."
    assert span.attributes["error.type"] == event["exception.type"] == "services.somewhere.OwnError"
    assert "in fail" in event["exception.stacktrace"]


def test_the_text_of_anybody_elses_error_stays_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    span, event = fail(monkeypatch, ValueError(SECRET))
    assert span.status.description.startswith("scoring message 7: ValueError at test_errors.py:")
    assert event["exception.message"] in span.status.description


def test_an_error_of_the_database_has_its_code_but_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    class UniqueViolationError(Exception):
        sqlstate = "23505"

    driver = UniqueViolationError(f"duplicate key: (text)=({SECRET})")
    span, _ = fail(monkeypatch, IntegrityError("INSERT", {"text": SECRET}, driver))
    assert span.status.description == "scoring message 7: UniqueViolationError (SQLSTATE 23505)"


@pytest.mark.parametrize(
    "text",
    [
        f"cannot reach https://api.telegram.org/bot{TOKEN}/getMe",
        f"token {TOKEN} is wrong",
        "cannot reach nats://user:secretword@nats:4222",
        "the key sk-secretword1234 is refused",
        "Authorization: Bearer secretword",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str) -> None:
    described = describe(OwnError(text))
    assert "***" in described
    assert TOKEN not in described
    assert "secretword" not in described


def test_only_the_first_line_of_a_long_text_is_kept() -> None:
    described = describe(OwnError("x" * 1000 + f"\n{SECRET}"))
    assert len(described) == 300


def test_what_is_refused_on_purpose_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    span, _ = fail(monkeypatch, not_found("message 7"))
    assert span.status.status_code is StatusCode.UNSET
    assert span.attributes["error.type"] == "not_found"
    assert span.events == ()


def test_a_service_that_is_away_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    span, _ = fail(monkeypatch, unavailable("The service scoring is not running."))
    assert span.status.description.endswith("QueryError: The service scoring is not running.")


def test_what_was_cancelled_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    span, _ = fail(monkeypatch, asyncio.CancelledError())
    assert span.status.status_code is StatusCode.UNSET
    assert span.attributes["tt.cancelled"] is True


def test_errors_outside_of_any_chain_go_through_untouched() -> None:
    with pytest.raises(QueryError), span_within("work"):
        raise not_found("message 7")
