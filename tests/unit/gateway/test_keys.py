"""Keys and tickets as values."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.auth import bearer_token
from services.gateway.keys import (
    TICKET_SECONDS,
    ApiKey,
    hash_key,
    make_ticket,
    new_key,
    ticket_is_valid,
    ticket_key_id,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_key(*scopes: str, text: str = "text") -> ApiKey:
    return ApiKey(id=UUID(int=7), name="key", key_hash=hash_key(text), scopes=frozenset(scopes))


def test_new_keys_are_long_and_differ() -> None:
    keys = {new_key() for _ in range(100)}

    assert len(keys) == 100
    assert min(map(len, keys)) > 40


def test_admin_may_everything_and_others_what_they_have() -> None:
    assert all(a_key("admin").may(scope) for scope in ("read", "write", "admin"))
    assert [a_key("read").may(scope) for scope in ("read", "write", "admin")] == [True, False, False]


def test_ticket_is_good_for_its_key_until_it_expires() -> None:
    ticket = make_ticket(a_key(), NOW)

    assert ticket_key_id(ticket) == UUID(int=7)
    assert ticket_is_valid(ticket, a_key(), NOW + timedelta(seconds=TICKET_SECONDS - 1))
    assert not ticket_is_valid(ticket, a_key(), NOW + timedelta(seconds=TICKET_SECONDS))
    assert not ticket_is_valid(ticket, a_key(text="other"), NOW)


def test_ticket_cannot_be_made_to_last_longer() -> None:
    key_id, expires, signature = make_ticket(a_key(), NOW).split(".")

    assert not ticket_is_valid(f"{key_id}.{int(expires) + 1}.{signature}", a_key(), NOW)
    assert not ticket_is_valid(f"{uuid4().hex}.{expires}.{signature}", a_key(), NOW)


@given(st.text())
def test_any_text_is_no_ticket(text: str) -> None:
    assert ticket_key_id(text) is None or not ticket_is_valid(text, a_key(), NOW)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic abc", None),
        ("", None),
        (None, None),
    ],
)
def test_bearer(header: str | None, token: str | None) -> None:
    assert bearer_token(header) == token
