from datetime import UTC, datetime

import pytest

from services.gateway.routes.parameters import in_utc


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-05-04T12:00:00", datetime(2026, 5, 4, 12, tzinfo=UTC)),
        ("2026-05-04T12:00:00+03:00", datetime(2026, 5, 4, 9, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:59", datetime.min.replace(tzinfo=UTC)),
        ("9999-12-31T23:59:59-23:59", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_times_are_taken_in_utc_and_within_what_there_is(given: str, meant: datetime) -> None:
    assert in_utc(datetime.fromisoformat(given)) == meant


def test_no_time_stays_none() -> None:
    assert in_utc(None) is None
