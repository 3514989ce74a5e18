"""How long a server asks to be left alone."""

import time
from email.utils import formatdate

import pytest

from shared.llm.retry_after import retry_after


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 01 Jan 99999 00:00:00 GMT"}, None),
    ],
)
def test_seconds_and_what_makes_no_sense(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_date_counts_from_now() -> None:
    asked = retry_after({"retry-after": formatdate(time.time() + 100, usegmt=True)})
    assert asked is not None
    assert 90 < asked <= 100
