"""Which messages of a window a run reads."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.analysis.runs.prefiltering import Prefilter
from shared.contracts.projects import ProjectRecord
from shared.contracts.scoring import MessageClass

THEN = datetime(2026, 3, 2, tzinfo=UTC)


def prefilter(**given: Any) -> Prefilter:
    defaults: dict[str, Any] = {"id": UUID(int=1), "name": "Каса", "created_at": THEN, "updated_at": THEN}
    return Prefilter.of(ProjectRecord(**(defaults | {"min_length": 0} | given)))


@pytest.mark.parametrize("message_class", ["weak_signal", "signal", None])
def test_all_but_noise_is_read_when_nothing_else_is_asked_for(message_class: MessageClass | None) -> None:
    assert prefilter().passes("Каса не відкривається", message_class)
    assert not prefilter().passes("Каса не відкривається", "noise")


def test_what_is_too_short_is_left_out() -> None:
    narrow = prefilter(min_length=10)
    assert not narrow.passes("каса лежи", "signal")
    assert not narrow.passes("    каса лежи    ", None)
    assert narrow.passes("каса лежить", "signal")


def test_keywords_are_found_in_any_form_and_only_as_words() -> None:
    narrow = prefilter(keywords=["каса", "query"])
    assert narrow.passes("На касі знову черга", "weak_signal")
    assert narrow.passes("Slow queries since noon", None)
    assert not narrow.passes("Касандра дзвонила", "signal")
    assert not narrow.passes("Склад порожній", "signal")


def test_who_is_mentioned_is_read_without_keywords_and_however_short() -> None:
    narrow = prefilter(keywords=["каса"], mentions=["@Support_Bot", "olena"], min_length=30)
    assert narrow.passes("@support_bot?", "weak_signal")
    assert narrow.passes("глянь, @OLENA", None)
    assert not narrow.passes("@olena2 глянь", None)
    assert not narrow.passes("пишіть на info@olena.ua", None)


def test_noise_is_not_read_even_when_somebody_is_mentioned() -> None:
    assert not prefilter(mentions=["olena"]).passes("@olena 👍", "noise")
