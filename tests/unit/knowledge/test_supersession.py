"""Which decision may replace which."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.knowledge.supersession import Decision, is_later, refusal

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def decision(number: int, *, minutes: int = 0, **fields: Any) -> Decision:
    given: dict[str, Any] = {"type": "decision", "status": "approved"} | fields
    return Decision(id=number, since=NOON + timedelta(minutes=minutes), **given)


def test_a_later_decision_replaces_an_earlier_one() -> None:
    assert refusal(decision(9), decision(3, minutes=1)) is None


def test_an_earlier_one_does_not_replace_a_later_one() -> None:
    message = refusal(decision(9, minutes=1), decision(3))
    assert message is not None
    assert message.startswith("Atom 3 (2026-10-05 12:00) is not later than atom 9 (2026-10-05 12:01)")


def test_of_two_of_one_time_the_one_that_was_made_later_is_later() -> None:
    assert is_later(decision(9), decision(3))
    assert not is_later(decision(3), decision(9))
    assert not is_later(decision(3), decision(3))


@pytest.mark.parametrize("at_fault", ["earlier", "later"])
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"type": "insight"}, "is of type insight"),
        ({"status": "needs_review"}, "is not approved"),
        ({"status": "rejected"}, "is not approved"),
    ],
)
def test_only_approved_decisions_take_part(at_fault: str, fields: dict[str, Any], why: str) -> None:
    earlier = decision(1, **(fields if at_fault == "earlier" else {}))
    later = decision(2, minutes=1, **(fields if at_fault == "later" else {}))
    assert why in (refusal(earlier, later) or "")
