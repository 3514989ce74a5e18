"""Polling: nothing is lost and nothing comes twice, over restarts, replicas, outages and other tokens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY

from services.ingestion.bot import polling
from services.ingestion.bot.polling import poll_updates
from services.ingestion.bot.queries import forget_bot, set_polling, show_bot, show_polling
from shared.contracts.telegram import DeleteBot, GetBot, GetPolling, SetPolling
from tests.fakes.bot_api import BotApiServer, a_message, garbage, too_many_requests
from tests.fakes.bot_api.delivery import Webhook
from tests.integration.ingestion.bot.stage import Within, connect, sent, until, value


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_LOOK_EVERY", 0.02)
    monkeypatch.setattr(polling, "_FIRST_PAUSE", 0.02)


@asynccontextmanager
async def a_poller() -> AsyncIterator[None]:
    """A replica that polls."""
    task = asyncio.create_task(poll_updates())
    try:
        yield
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def texts() -> list[str]:
    """What was sent to be saved, in order."""
    commands = await sent("save_telegram_message")
    return [command["update"]["message"]["text"] for command in commands]


async def so_many(count: int) -> bool:
    return len(await texts()) >= count


async def begin(telegram: BotApiServer) -> None:
    await connect(telegram)
    await set_polling(SetPolling(on=True))


def test_updates_are_sent_to_be_saved_once_over_a_restart(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await begin(telegram)
        telegram.write(a_message(1, "one"), a_message(2, "two"))
        async with a_poller():
            await until(lambda: so_many(2), "both come")
        telegram.write(a_message(3, "three"))
        async with a_poller():
            await until(lambda: so_many(3), "the third comes")
        assert await texts() == ["one", "two", "three"]
        assert telegram.called("getUpdates")[-1]["offset"] >= 3
        assert (await show_polling(GetPolling())).last_update_at is not None

    within(scenario)


async def is_confirmed(telegram: BotApiServer) -> bool:
    """Whether Telegram has nothing left to send: what was sent is confirmed by the next question."""
    return not telegram.updates.waiting


def test_polling_that_begins_again_asks_for_all_that_telegram_has(
    within: Within, telegram: BotApiServer
) -> None:
    """After a week without updates Telegram counts from anywhere, also from below the earlier offset."""

    async def scenario() -> None:
        await begin(telegram)
        telegram.updates.number_anew(1000)
        telegram.write(a_message(1, "one"))
        async with a_poller():
            await until(lambda: so_many(1), "it comes")
            await until(lambda: is_confirmed(telegram), "Telegram knows that it came")
        await set_polling(SetPolling(on=False))
        await set_polling(SetPolling(on=True))
        telegram.updates.number_anew(7)
        telegram.write(a_message(2, "two"))
        async with a_poller():
            await until(lambda: so_many(2), "the one with the lower number comes")
        assert await texts() == ["one", "two"]

    within(scenario)


def test_updates_that_were_not_kept_come_again(
    within: Within, telegram: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies between the answer and the commit has confirmed nothing."""

    async def scenario() -> None:
        await begin(telegram)
        telegram.write(a_message(1, "one"))
        with monkeypatch.context() as patch:

            async def dies(*_: object) -> bool:
                raise SystemError

            patch.setattr(polling, "_keep", dies)
            with pytest.raises(SystemError):
                await poll_updates()
        async with a_poller():
            await until(lambda: so_many(1), "it comes again")
        assert await texts() == ["one"]

    within(scenario)


def test_update_that_is_too_large_is_counted_as_that_and_holds_up_no_other(
    within: Within, telegram: BotApiServer
) -> None:
    def counted(outcome: str) -> float:
        return REGISTRY.get_sample_value("tt_telegram_polled_total", {"outcome": outcome}) or 0.0

    before = counted("kept"), counted("too_large")

    async def scenario() -> None:
        await begin(telegram)
        telegram.write(a_message(1, "x" * (1 << 20)), a_message(2, "two"))
        async with a_poller():
            await until(lambda: so_many(1), "the other comes")

            async def both_counted() -> bool:
                return counted("kept") + counted("too_large") >= sum(before) + 2

            await until(both_counted, "both are counted")
        assert await texts() == ["two"]

    within(scenario)
    assert (counted("kept"), counted("too_large")) == (before[0] + 1, before[1] + 1)


def test_two_replicas_at_once_keep_each_update(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await begin(telegram)
        async with a_poller(), a_poller():
            for number in range(1, 31):
                telegram.write(a_message(number, str(number)))
                await asyncio.sleep(0)
            await until(lambda: all_of(30), "all come")

    async def all_of(count: int) -> bool:
        return set(await texts()) == {str(number) for number in range(1, count + 1)}

    within(scenario)


def test_telegram_that_is_away_is_waited_for_and_shown(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await begin(telegram)
        telegram.fail("getUpdates", *[garbage()] * 4)
        async with a_poller():
            await until(error_is("no answer of the Bot API"), "the error is shown")
            telegram.write(a_message(1, "one"))
            await until(lambda: so_many(1), "it comes all the same")
        assert (await show_bot(GetBot())).last_error is None

    within(scenario)


def test_pause_that_telegram_wants_is_kept(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await begin(telegram)
        telegram.fail("getUpdates", too_many_requests(600))
        async with a_poller():
            await until(error_is("a pause of 600 s"), "the pause is shown")
            asked = len(telegram.called("getUpdates"))
            telegram.write(a_message(1, "one"))
            # Telegram is asked again at once when polling is begun anew with another token.
            telegram.token = "7012345678:AAE-another-token-of-the-bot"
            await connect(telegram)
            await until(lambda: so_many(1), "it comes")
        assert asked == 1

    within(scenario)


def test_webhook_of_somebody_else_is_explained(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await begin(telegram)
        telegram.send_to(Webhook("http://127.0.0.1:9/", None, 1, []))
        async with a_poller():
            await until(error_is("A webhook is set"), "it is explained")
            await set_polling(SetPolling(on=True))
            telegram.write(a_message(1, "one"))
            await until(lambda: so_many(1), "it comes")

    within(scenario)


def test_revoked_token_is_explained_and_a_new_one_goes_on(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await begin(telegram)
        telegram.write(a_message(1, "one"))
        async with a_poller():
            await until(lambda: so_many(1), "the first comes")
            telegram.token = "7012345678:AAE-the-token-after-revoking"
            telegram.updates.fetch(None, 1, 0)  # ends the request that waits
            await until(error_is("does not know this token"), "it is explained")
            telegram.write(a_message(2, "two"))
            await connect(telegram)
            await until(lambda: so_many(2), "the second comes")
        assert await texts() == ["one", "two"]

    within(scenario)


@pytest.mark.parametrize("how", ["off", "forgotten"])
def test_polling_ends_while_telegram_holds_the_request(
    within: Within, telegram: BotApiServer, how: str
) -> None:
    async def scenario() -> None:
        await begin(telegram)
        async with a_poller():
            await until(asked, "Telegram is asked")
            await (set_polling(SetPolling(on=False)) if how == "off" else forget_bot(DeleteBot()))
            telegram.write(a_message(1, "one"))
            if how == "off":
                await set_polling(SetPolling(on=True))
                await until(lambda: so_many(1), "it was kept by Telegram")

    async def asked() -> bool:
        return bool(telegram.called("getUpdates"))

    within(scenario)


def test_numbers_that_begin_anew_after_a_quiet_week_lose_nothing(
    within: Within, telegram: BotApiServer
) -> None:
    async def scenario() -> None:
        await begin(telegram)
        telegram.updates.number_anew(900_000)
        telegram.write(a_message(1, "before"))
        async with a_poller():
            await until(lambda: so_many(1), "the first comes")
        await value("UPDATE ingestion.bots SET last_update_at = now() - interval '8 days' RETURNING 1")
        telegram.updates.waiting.clear()
        telegram.updates.number_anew(5)
        telegram.write(a_message(2, "after"))
        async with a_poller():
            await until(lambda: so_many(2), "the second comes")

    within(scenario)


def error_is(words: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a condition for `until`
    async def is_shown() -> bool:
        return words in ((await show_polling(GetPolling())).last_error or "")

    return is_shown
