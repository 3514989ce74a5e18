"""A bot that is connected, told where to send, and let go; and what Telegram may say about it."""

import asyncio
import logging
from typing import Any

import pytest

from services.ingestion.bot import connecting
from services.ingestion.bot.api import BotApi
from services.ingestion.bot.connecting import reseal_token
from services.ingestion.bot.queries import (
    forget_bot,
    forget_webhook,
    set_bot,
    set_polling,
    set_webhook,
    show_bot,
    show_polling,
    show_webhook,
)
from shared.contracts.errors import QueryError
from shared.contracts.telegram import (
    DeleteBot,
    DeleteWebhook,
    GetBot,
    GetPolling,
    GetWebhook,
    PollingRecord,
    SetBot,
    SetPolling,
    SetWebhook,
)
from shared.sealing import bind_keys, new_encryption_key, seal
from tests.fakes.bot_api import (
    BotApiServer,
    garbage,
    server_error,
    too_many_requests,
    unknown_token,
)
from tests.integration.ingestion.bot.stage import ENCRYPTION_KEY, Within, connect, value

HOOK = "http://127.0.0.1:9/webhook/telegram"


async def refused(code: str, work: object) -> str:
    """The words in which a query is refused."""
    with pytest.raises(QueryError) as caught:
        await work  # type: ignore[misc]
    assert caught.value.code == code
    return str(caught.value)


def hook(url: str = HOOK) -> SetWebhook:
    return SetWebhook(url=url, sealed_secret=seal("the-secret"), max_connections=3)


def test_bot_is_known_by_its_token_and_says_what_it_cannot_see(
    within: Within, telegram: BotApiServer
) -> None:
    async def scenario() -> None:
        assert "No bot" in await refused("conflict", show_webhook(GetWebhook()))
        await refused("not_found", show_bot(GetBot()))
        bot = await connect(telegram)
        assert (bot.username, bot.updates, bot.set_by) == ("team_chat_bot", "none", "a test")
        said = " ".join(bot.hints)
        assert "Privacy mode is on" in said
        assert "no history" in said
        assert "/api/v1/telegram/polling" in said
        telegram.me["can_read_all_group_messages"] = True
        assert "Privacy mode" not in " ".join((await connect(telegram)).hints)
        assert telegram.token not in await value("SELECT sealed_token FROM ingestion.bots")

    within(scenario)


def test_wrong_token_is_said_to_be_unknown_and_changes_nothing(
    within: Within, telegram: BotApiServer
) -> None:
    async def scenario() -> None:
        await connect(telegram)
        for token in ("1:AAE-another-token-0123456789", "not a token", telegram.token + "x"):
            said = await refused("invalid", connect(telegram, token))
            assert token not in said
        assert (await show_bot(GetBot())).username == "team_chat_bot"

    within(scenario)


def test_token_that_was_sealed_elsewhere_is_refused(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        bind_keys(new_encryption_key())
        sealed = seal(telegram.token)
        bind_keys(ENCRYPTION_KEY)
        said = await refused("conflict", set_bot(SetBot(sealed_token=sealed, set_by="a test")))
        assert "The bot's token was sealed with a key that is not in TT_ENCRYPTION_KEYS" in said

    within(scenario)


def test_webhook_ends_polling_and_polling_ends_the_webhook(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await connect(telegram)
        assert (await set_polling(SetPolling(on=True))).on
        record = await set_webhook(hook())
        assert (record.url, record.is_ours, record.max_connections) == (HOOK, True, 3)
        assert not (await show_polling(GetPolling())).on
        assert (await show_bot(GetBot())).updates == "webhook"
        given = telegram.called("setWebhook")[0]
        assert given["secret_token"] == "the-secret"
        assert given["allowed_updates"] == [
            "message",
            "edited_message",
            "channel_post",
            "edited_channel_post",
        ]
        assert (await set_polling(SetPolling(on=True))).on
        assert telegram.webhook is None
        assert (await show_bot(GetBot())).webhook_url is None
        assert not (await set_polling(SetPolling(on=False))).on
        assert (await show_bot(GetBot())).updates == "none"

    within(scenario)


def test_roads_that_are_set_at_the_same_time_end_as_telegram_has_it(
    within: Within, telegram: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_at_telegram = BotApi.set_webhook
    polling: list[asyncio.Task[PollingRecord]] = []

    async def set_while_polling_begins(api: BotApi, url: str, **options: Any) -> None:
        await set_at_telegram(api, url, **options)
        polling.append(asyncio.create_task(set_polling(SetPolling(on=True))))
        # Either it waits for this one, or it is done before.
        await asyncio.wait(polling, timeout=0.5)

    monkeypatch.setattr(BotApi, "set_webhook", set_while_polling_begins)

    async def scenario() -> None:
        await connect(telegram)
        await set_webhook(SetWebhook(url=HOOK, sealed_secret=seal("secret"), max_connections=1))
        await asyncio.gather(*polling)
        bot = await show_bot(GetBot())
        assert (bot.updates, telegram.webhook) == ("polling", None)

    within(scenario)


def test_webhook_tells_what_telegram_knows_of_it(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await connect(telegram)
        await set_webhook(hook())
        assert telegram.webhook is not None
        telegram.webhook.last_error, telegram.webhook.last_error_at = "Connection refused", 1_772_000_000
        record = await show_webhook(GetWebhook())
        assert (record.last_error_message, record.ip_address) == ("Connection refused", "203.0.113.7")
        assert record.last_error_at is not None
        telegram.webhook.url = "https://somebody.else.example.org/"
        assert not (await show_webhook(GetWebhook())).is_ours
        assert (await forget_webhook(DeleteWebhook())).url is None
        assert telegram.webhook is None

    within(scenario)


def test_address_that_telegram_cannot_call_is_refused_before_it_is_asked(
    within: Within, telegram: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        await connect(telegram)
        monkeypatch.setenv("TT_TELEGRAM_API_URL", "https://api.telegram.org")
        assert "polling" in await refused(
            "invalid", set_webhook(hook("http://127.0.0.1:8000/webhook/telegram"))
        )

    within(scenario)


@pytest.mark.parametrize(
    ("failure", "code", "words"),
    [
        (unknown_token(), "conflict", "Telegram does not know this token"),
        (server_error(), "unavailable", "failed at Telegram's side"),
        (garbage(), "unavailable", "no answer of the Bot API"),
        (too_many_requests(7), "unavailable", "a pause of 7 s"),
    ],
    ids=["revoked", "broken", "garbage", "too many"],
)
def test_what_telegram_says_is_told_without_the_token(
    within: Within, telegram: BotApiServer, failure: Exception, code: str, words: str
) -> None:
    async def scenario() -> None:
        await connect(telegram)
        telegram.fail("setWebhook", failure)  # type: ignore[arg-type]
        said = await refused(code, set_webhook(hook()))
        assert words in said
        assert telegram.token not in said
        assert (await show_bot(GetBot())).updates == "none"

    within(scenario)


def test_bot_is_forgotten_though_telegram_is_away(
    within: Within, telegram: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        await connect(telegram)
        await set_webhook(hook())
        monkeypatch.setenv("TT_TELEGRAM_API_URL", "http://127.0.0.1:9")
        assert "cannot be reached" in await refused("unavailable", show_webhook(GetWebhook()))
        await forget_bot(DeleteBot())
        await forget_bot(DeleteBot())
        await refused("not_found", show_bot(GetBot()))

    within(scenario)


def test_webhook_goes_with_the_bot_and_with_another_one(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await connect(telegram)
        await set_webhook(hook())
        telegram.me = {**telegram.me, "id": 42, "username": "another_bot"}
        other = await connect(telegram)
        assert (other.username, other.updates) == ("another_bot", "none")
        assert telegram.webhook is None
        await set_webhook(hook())
        await forget_bot(DeleteBot())
        assert telegram.webhook is None

    within(scenario)


def test_bot_whose_token_is_sealed_anew_meanwhile_is_forgotten_all_the_same(
    within: Within, telegram: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def reseals(_: object) -> None:
        assert await reseal_token() == "resealed"

    monkeypatch.setattr(connecting, "_delete_webhook", reseals)

    async def scenario() -> None:
        await connect(telegram)
        await forget_bot(DeleteBot())
        with pytest.raises(QueryError, match="none is connected"):
            await show_bot(GetBot())

    within(scenario)


def test_same_bot_with_a_new_token_goes_on(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await connect(telegram)
        await set_polling(SetPolling(on=True))
        telegram.token = "7012345678:AAE-a-new-token-of-the-same-bot"
        assert (await connect(telegram)).updates == "polling"

    within(scenario)


def test_token_is_sealed_anew_after_the_key_was_changed(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        assert await reseal_token() == "no bot"
        await connect(telegram)
        newer = new_encryption_key()
        bind_keys(f"{newer},{ENCRYPTION_KEY}")
        assert await reseal_token() == "resealed"
        bind_keys(newer)
        assert (await set_polling(SetPolling(on=True))).on
        bind_keys(new_encryption_key())
        assert await reseal_token() == "lost"

    within(scenario)


def test_token_is_in_no_log_line(
    within: Within, telegram: BotApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        await connect(telegram)
        await show_webhook(GetWebhook())

    with caplog.at_level(logging.DEBUG):
        within(scenario)
    assert "getWebhookInfo" in caplog.text
    assert telegram.token not in caplog.text
