"""Sessions as values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.keys import ApiKey
from services.gateway.sessions import (
    SignedIn,
    cookie_name,
    csrf_token,
    hash_session_id,
    new_session_id,
    write_cookie,
)
from tests.unit.gateway.test_keys import a_key

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD = SignedIn(b"hash", a_key("read"), "token", expires_at=NOW + 8 * HOUR, idle_until=NOW + 2 * HOUR)


def test_ids_are_long_and_differ_and_tokens_tell_nothing_of_them() -> None:
    ids = {new_session_id() for _ in range(100)}

    assert len(ids) == 100
    assert min(map(len, ids)) >= 43
    assert len({csrf_token(one) for one in ids}) == 100
    assert all(csrf_token(one) == csrf_token(one) and one not in csrf_token(one) for one in ids)
    assert len({hash_session_id(one) for one in ids}) == 100


def test_cookie_is_for_no_script_no_other_site_and_no_other_host() -> None:
    secure = write_cookie("id", timedelta(days=7), secure=True)
    name, *attributes = (part.strip() for part in secure.split(";"))

    assert name == "__Host-task-tracker-session=id"
    assert set(attributes) == {"Path=/", "Max-Age=604800", "HttpOnly", "SameSite=Strict", "Secure"}


def test_cookie_over_http_is_one_that_browsers_take() -> None:
    plain = write_cookie("", timedelta(0), secure=False)

    assert "Secure" not in plain
    assert not cookie_name(secure=False).startswith("__")
    assert "Max-Age=0" in plain
    assert "HttpOnly; SameSite=Strict" in plain


def test_session_is_good_until_its_end_however_it_ends() -> None:
    assert GOOD.refusal(NOW) is None
    assert GOOD.refusal(NOW + 2 * HOUR) == "The session has ended: sign in again."
    assert replace(GOOD, idle_until=NOW + 9 * HOUR).refusal(NOW + 8 * HOUR) is not None
    assert replace(GOOD, ended=True).refusal(NOW) is not None


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (replace(a_key("read"), revoked=True), "revoked"),
        (replace(a_key("read"), valid_until=NOW), "expired"),
        (replace(a_key("read"), valid_until=NOW, rotated=True), "rotated"),
    ],
)
def test_session_dies_with_its_key(key: ApiKey, said: str) -> None:
    refusal = replace(GOOD, key=key).refusal(NOW)

    assert refusal is not None
    assert said in refusal
