"""What the Bot API answers, as results and as errors; addresses that it can call; pictures and waits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.ingestion.bot.addresses import check_webhook_url
from services.ingestion.bot.answers import BotUser, PhotoSize, read_answer
from services.ingestion.bot.errors import (
    BotApiError,
    ConflictError,
    RefusedError,
    TooManyRequestsError,
    UnknownTokenError,
    UnreachableError,
)
from services.ingestion.bot.pictures import AGAIN, best_size, type_of, wait_after
from services.ingestion.bot.polling import offset_of
from services.ingestion.repository.bots import BotRow

ME = {"id": 7, "is_bot": True, "first_name": "Чат", "username": "team_bot", "has_main_web_app": False}


def answer(**fields: Any) -> bytes:
    return msgspec.json.encode(fields)


def test_result_is_read_and_unknown_fields_are_passed_over() -> None:
    me = read_answer("getMe", 200, answer(ok=True, result=ME), BotUser)
    assert (me.id, me.username, me.can_read_all_group_messages) == (7, "team_bot", False)


def test_half_a_surrogate_pair_spoils_no_answer() -> None:
    body = b'{"ok": true, "result": [{"update_id": 1, "message": {"text": "cut \\ud83d"}}]}'
    (update,) = read_answer("getUpdates", 200, body, list[dict[str, Any]])
    assert update["message"]["text"] == "cut ?"


@pytest.mark.parametrize(
    ("status", "fields", "kind", "words"),
    [
        (401, {"description": "Unauthorized"}, UnknownTokenError, "BotFather"),
        (404, {"description": "Not Found"}, UnknownTokenError, "BotFather"),
        (409, {"description": "Conflict: webhook is active"}, ConflictError, "A webhook is set"),
        (409, {"description": "Conflict: terminated"}, ConflictError, "Another program"),
        (429, {"description": "Too Many", "parameters": {"retry_after": 5}}, TooManyRequestsError, "5 s"),
        (400, {"description": "Bad Request: bad webhook"}, RefusedError, "bad webhook"),
        (502, {"description": "Bad Gateway"}, UnreachableError, "Bad Gateway"),
    ],
)
def test_error_says_what_happened(
    status: int, fields: dict[str, Any], kind: type[BotApiError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        read_answer("getMe", status, answer(ok=False, error_code=status, **fields), BotUser)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"ok": "yes"}',
        b'{"ok": true}',
        b'{"ok": true, "result": {"id": "x"}}',
        b"[" * 5000,
    ],
    ids=["empty", "html", "array", "no bool", "no result", "another shape", "deep"],
)
def test_what_is_no_answer_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(UnreachableError, match="status 200 and something that is no answer"):
        read_answer("getMe", 200, body, BotUser)


@pytest.mark.parametrize(
    ("asked", "pause"),
    [({"retry_after": 0}, 1), ({"retry_after": -5}, 1), ({"retry_after": 10**9}, 3600), ({}, 1)],
)
def test_pause_is_within_reason(asked: dict[str, int], pause: int) -> None:
    with pytest.raises(TooManyRequestsError) as caught:
        read_answer("getMe", 429, answer(ok=False, error_code=429, parameters=asked), BotUser)
    assert caught.value.retry_after == pause


@pytest.mark.parametrize(
    "url",
    [
        "https://tt.example.org/webhook/telegram",
        "https://tt.example.org:8443/webhook/telegram",
        "https://93.184.215.14/hook",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hook",
    ],
)
def test_public_address_is_taken(url: str) -> None:
    check_webhook_url(url, own_server=False)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://tt.example.org/hook", "https alone"),
        ("https://tt.example.org:8000/hook", "ports 443, 80, 88, 8443 alone, not 8000"),
        ("https://127.0.0.1/hook", "cannot be reached from outside"),
        ("https://192.168.1.7/hook", "cannot be reached from outside"),
        ("https://[::1]/hook", "cannot be reached from outside"),
        ("https://2130706433/hook", "cannot be reached from outside"),
        ("https://127.1/hook", "cannot be reached from outside"),
        ("https://localhost/hook", "cannot be reached from outside"),
        ("https://gateway/hook", "cannot be reached from outside"),
        ("https://gateway.local./hook", "cannot be reached from outside"),
        ("https://user:word@tt.example.org/hook", "no user name"),
        ("https://tt.example.org/hook#here", "ends before"),
        ("https://tt.example.org:port/hook", "cannot be read"),
        ("https://tt.example.org/ho ok", "reads like"),
        ("ftp://tt.example.org/hook", "reads like"),
        ("tt.example.org", "reads like"),
        ("", "reads like"),
    ],
)
def test_address_that_telegram_cannot_call_is_refused(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_webhook_url(url, own_server=False)


def test_own_server_calls_any_address() -> None:
    check_webhook_url("http://127.0.0.1:8000/hook", own_server=True)
    with pytest.raises(ValueError, match="reads like"):
        check_webhook_url("nowhere", own_server=True)


def size(pixels: int) -> PhotoSize:
    return PhotoSize(f"f{pixels}", f"u{pixels}", pixels, pixels)


@pytest.mark.parametrize(("there", "chosen"), [([640, 160, 320], 160), ([80, 100], 100), ([640], 640)])
def test_smallest_size_that_fills_the_place_is_fetched(there: list[int], chosen: int) -> None:
    assert best_size([size(pixels) for pixels in there]) == size(chosen)


def test_no_size_is_none() -> None:
    assert best_size([]) is None


@pytest.mark.parametrize(
    ("begins", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"GIF89a", None),
        (b"<svg onload=alert(1)>", None),
        (b"", None),
    ],
)
def test_picture_is_what_its_bytes_say(begins: bytes, kind: str | None) -> None:
    assert type_of(begins) == kind


def test_waits_grow_to_a_month() -> None:
    assert [wait_after(count) for count in range(3)] == [
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=4),
    ]
    assert wait_after(500) == AGAIN


def test_offset_counts_for_a_day() -> None:
    now = datetime(2026, 3, 12, tzinfo=UTC)

    def bot(last_update_at: datetime | None) -> BotRow:
        return BotRow(
            telegram_id=7,
            username="team_bot",
            name="Чат",
            can_join_groups=True,
            can_read_all_group_messages=True,
            sealed_token="",
            polling=True,
            next_update_id=42,
            webhook_url=None,
            last_update_at=last_update_at,
            last_error=None,
            last_error_at=None,
            set_by="a test",
            set_at=now,
        )

    assert offset_of(bot(now - timedelta(hours=23)), now) == 42
    assert offset_of(bot(now - timedelta(days=2)), now) is None
    assert offset_of(bot(None), now) is None
