"""Keys as values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.gateway.auth import bearer_token
from services.gateway.keys import ApiKey, hash_key, new_key

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_key(*scopes: str, text: str = "text") -> ApiKey:
    return ApiKey(id=UUID(int=7), name="key", key_hash=hash_key(text), scopes=frozenset(scopes))


def test_new_keys_are_long_and_differ() -> None:
    keys = [new_key() for _ in range(100)]

    assert len({text for text, _ in keys}) == 100
    assert all(text.startswith(f"{prefix}_") for text, prefix in keys)
    assert min(len(text.removeprefix(prefix)) for text, prefix in keys) > 40


def test_admin_may_everything_and_others_what_they_have() -> None:
    assert all(a_key("admin").may(scope) for scope in ("read", "write", "admin"))
    assert [a_key("read").may(scope) for scope in ("read", "write", "admin")] == [True, False, False]


def test_key_is_good_until_it_is_revoked_expires_or_was_rotated_away() -> None:
    soon = NOW + timedelta(seconds=1)

    assert a_key().refusal(NOW) is None
    assert replace(a_key(), valid_until=soon).refusal(NOW) is None
    assert replace(a_key(), valid_until=soon).refusal(soon) == "The API key 'key' has expired."
    assert replace(a_key(), revoked=True, valid_until=soon).refusal(NOW) == "The API key 'key' was revoked."
    rotated = replace(a_key(), valid_until=soon, rotated=True)
    assert rotated.refusal(NOW) is None
    assert rotated.refusal(soon) == "The API key 'key' was rotated: use its new text."


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
