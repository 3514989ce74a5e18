"""Tickets as values; that each opens one socket is seen in tests/integration/gateway/test_sockets_open.py."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.keys import ApiKey, hash_key
from services.gateway.tickets import TICKET_SECONDS, make_ticket, read_ticket

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_key(text: str = "text") -> ApiKey:
    return ApiKey(id=UUID(int=7), name="key", key_hash=hash_key(text), scopes=frozenset())


def test_ticket_says_whose_it_is_and_until_when() -> None:
    ticket = read_ticket(make_ticket(a_key(), NOW))

    assert ticket is not None
    assert ticket.key_id == UUID(int=7)
    assert ticket.expires == NOW.timestamp() + TICKET_SECONDS
    assert ticket.is_signed_by(a_key())
    assert not ticket.is_signed_by(a_key("other"))


def test_no_two_tickets_are_the_same() -> None:
    assert len({make_ticket(a_key(), NOW) for _ in range(100)}) == 100


def test_nothing_in_a_ticket_can_be_changed() -> None:
    key_id, expires, number, signature = make_ticket(a_key(), NOW).split(".")
    changed = (
        f"{key_id}.{int(expires) + 1}.{number}.{signature}",
        f"{uuid4().hex}.{expires}.{number}.{signature}",
        f"{key_id}.{expires}.{uuid4().hex}.{signature}",
    )

    for text in changed:
        ticket = read_ticket(text)
        assert ticket is not None
        assert not ticket.is_signed_by(a_key())


@given(st.text() | st.lists(st.text(), min_size=4, max_size=4).map(".".join))
def test_any_text_is_no_ticket(text: str) -> None:
    ticket = read_ticket(text)

    assert ticket is None or not ticket.is_signed_by(a_key())
