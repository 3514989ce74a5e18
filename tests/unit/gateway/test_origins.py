"""Whose address a request comes from, and whose page sent it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.origins import (
    UNKNOWN,
    client_address,
    is_own_origin,
    limited_as,
    parse_networks,
    parse_origins,
)

PROXIES = parse_networks("10.0.0.0/8, 2001:db8::1")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["203.0.113.9"], "192.0.2.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["203.0.113.9, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["", " "], "10.0.0.1"),
        ("2001:db8::1", ["2001:db8:7::9"], "2001:db8:7::9"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:192.0.2.7", ["203.0.113.9"], "192.0.2.7"),
        (None, ["203.0.113.9"], UNKNOWN),
    ],
)
def test_forwarded_is_believed_as_far_as_our_proxies_wrote_it(
    peer: str | None, forwarded: list[str], address: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


@given(st.lists(st.text()))
def test_whoever_is_no_proxy_says_nothing_about_addresses(forwarded: list[str]) -> None:
    assert client_address("192.0.2.7", forwarded, PROXIES) == "192.0.2.7"


def test_addresses_that_one_has_many_of_count_as_one() -> None:
    assert limited_as("2001:db8:1:2:3:4:5:6") == limited_as("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert limited_as("192.0.2.7") == "192.0.2.7"
    assert limited_as(UNKNOWN) == UNKNOWN


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy", "10.0.0.1/8"])
def test_wrong_network_of_proxies_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="TT_TRUSTED_PROXIES"):
        parse_networks(text)


@pytest.mark.parametrize(
    ("origin", "host", "public_url", "own"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", None, True),
        ("https://tt.example", "TT.example", None, True),
        ("https://tt.example", "gateway:8000", "https://tt.example/", True),
        ("https://tt.example:443", "gateway:8000", "https://tt.example", True),
        ("http://tt.example", "gateway:8000", "https://tt.example", False),
        ("http://evil.example", "127.0.0.1:8000", None, False),
        ("http://127.0.0.1:9000", "127.0.0.1:8000", None, False),
        ("http://127.0.0.1:8000.evil.example", "127.0.0.1:8000", None, False),
        ("http://user@127.0.0.1:8000", "user@127.0.0.1:8000", None, False),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000", None, False),
        ("null", "null", None, False),
        ("http://[::1", "[::1", None, False),
        ("", "", None, False),
        (None, "127.0.0.1:8000", "https://tt.example", False),
        ("http://127.0.0.1:8000", None, None, False),
    ],
)
def test_only_our_own_page_is_ours(
    origin: str | None, host: str | None, public_url: str | None, *, own: bool
) -> None:
    assert is_own_origin(origin, host, public_url) is own


def test_origins_are_named_one_by_one() -> None:
    assert parse_origins("https://a.example, http://b.example:8080") == [
        "https://a.example",
        "http://b.example:8080",
    ]
    assert parse_origins("") == []


@pytest.mark.parametrize(
    "text",
    ["*", "https://*.example", "a.example", "https://a.example/", "https://u@a.example", "ftp://a"],
)
def test_what_is_no_origin_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="TT_CORS_ORIGINS"):
        parse_origins(text)
