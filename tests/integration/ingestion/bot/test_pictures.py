"""Pictures of people: asked for once, fetched, kept, looked at again, and never in a save's way."""

import pytest

from services.ingestion.actors import fetch_avatar_task, save_telegram_message
from services.ingestion.bot.queries import find_avatar, show_bot
from services.ingestion.queries import find_messages
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import GetMessages
from shared.contracts.telegram import GetAvatar, GetBot
from shared.messaging.avatars import fetch_avatar
from shared.service import FinalFailure, NotNow
from tests.fakes.bot_api import (
    BotApiServer,
    Failure,
    a_jpeg,
    a_message,
    garbage,
    server_error,
    too_many_requests,
)
from tests.integration.ingestion.bot.stage import Within, connect, sent, value

PERSON = 501


async def write(number: int = 1, *, user: int = PERSON) -> None:
    await save_telegram_message(update={"update_id": number, **a_message(number, "Привіт", user=user)})


async def user_id() -> int:
    return int(await value("SELECT user_id FROM ingestion.telegram_profiles"))


async def status() -> tuple[str, int]:
    """How fetching went, and in how many hours it is due again."""
    hours = await value("SELECT round(extract(epoch FROM next_try_at - now()) / 3600) FROM ingestion.avatars")
    return str(await value("SELECT status FROM ingestion.avatars")), int(hours)


async def fall_due() -> None:
    await value("UPDATE ingestion.avatars SET next_try_at = now() RETURNING 1")


def test_picture_is_asked_for_once_and_kept(within: Within, telegram: BotApiServer) -> None:
    telegram.pictures[PERSON] = a_jpeg()

    async def scenario() -> None:
        await connect(telegram)
        await write(1)
        await write(2)
        assert await sent("fetch_avatar_task") == [{"user_id": await user_id()}]
        assert (await show_bot(GetBot())).last_update_at is not None
        for _ in range(2):  # a second delivery keeps the same
            assert await fetch_avatar_task(user_id=await user_id()) == "kept"
        record = await find_avatar(GetAvatar(user_id=await user_id()))
        assert (record.content_type, record.size) == ("image/jpeg", len(a_jpeg()))
        assert await fetch_avatar(record.object_name) == a_jpeg()
        assert await status() == ("kept", 30 * 24)
        (message,) = await find_messages(GetMessages(message_ids=[1]))
        assert message.author is not None
        assert message.author.has_avatar
        assert len(telegram.called("getFile")) == 1

    within(scenario)


def test_without_a_bot_nothing_is_asked_for(within: Within, telegram: BotApiServer) -> None:
    async def scenario() -> None:
        await write()
        assert await sent("fetch_avatar_task") == []
        (message,) = await find_messages(GetMessages(message_ids=[1]))
        assert message.author is not None
        assert not message.author.has_avatar
        with pytest.raises(FinalFailure, match="No bot is connected"):
            await fetch_avatar_task(user_id=await user_id())
        await connect(telegram)
        await write(2)
        assert len(await sent("fetch_avatar_task")) == 1
        with pytest.raises(FinalFailure, match="no user 999"):
            await fetch_avatar_task(user_id=999)

    within(scenario)


def test_new_picture_takes_the_place_of_the_old_one_when_it_is_looked_at_again(
    within: Within, telegram: BotApiServer
) -> None:
    async def scenario() -> None:
        await connect(telegram)
        await write()
        telegram.pictures[PERSON] = a_jpeg(b"young")
        await fetch_avatar_task(user_id=await user_id())
        earlier = await find_avatar(GetAvatar(user_id=await user_id()))
        telegram.pictures[PERSON] = a_jpeg(b"old")
        await fall_due()
        await write(2)
        assert len(await sent("fetch_avatar_task")) == 2
        await fetch_avatar_task(user_id=await user_id())
        later = await find_avatar(GetAvatar(user_id=await user_id()))
        assert await fetch_avatar(later.object_name) == a_jpeg(b"old")
        assert await fetch_avatar(earlier.object_name) is None
        del telegram.pictures[PERSON]
        assert await fetch_avatar_task(user_id=await user_id()) == "none"
        with pytest.raises(QueryError, match="no picture"):
            await find_avatar(GetAvatar(user_id=await user_id()))

    within(scenario)


@pytest.mark.parametrize(
    ("what", "outcome", "hours"),
    [
        ("none", "none", 30 * 24),
        ("unknown", "failed", 30 * 24),
        ("html", "failed", 30 * 24),
        ("huge", "failed", 30 * 24),
        ("away", "failed", 0),
        ("file away", "failed", 0),
        ("file gone", "failed", 30 * 24),
    ],
)
def test_what_cannot_be_fetched_is_noted_and_tried_later(
    within: Within, telegram: BotApiServer, what: str, outcome: str, hours: int
) -> None:
    telegram.unknown_users.update({PERSON} if what == "unknown" else ())
    if what in ("html", "huge"):
        telegram.pictures[PERSON] = b"<script>alert(1)</script>" if what == "html" else a_jpeg(bytes(2 << 20))
    if what == "away":
        telegram.fail("getUserProfilePhotos", server_error())
    if what.startswith("file"):
        telegram.pictures[PERSON] = a_jpeg()
        telegram.fail("file", garbage() if what == "file away" else Failure(404, "Not Found"))

    async def scenario() -> None:
        await connect(telegram)
        await write()
        assert await fetch_avatar_task(user_id=await user_id()) == outcome
        assert await status() == (outcome, hours)
        with pytest.raises(QueryError, match="no picture"):
            await find_avatar(GetAvatar(user_id=await user_id()))

    within(scenario)


def test_picture_that_is_kept_stays_while_telegram_is_away(within: Within, telegram: BotApiServer) -> None:
    telegram.pictures[PERSON] = a_jpeg()

    async def scenario() -> None:
        await connect(telegram)
        await write()
        await fetch_avatar_task(user_id=await user_id())
        telegram.fail("getUserProfilePhotos", server_error())
        assert await fetch_avatar_task(user_id=await user_id()) == "failed"
        assert (await find_avatar(GetAvatar(user_id=await user_id()))).size == len(a_jpeg())

    within(scenario)


@pytest.mark.parametrize("method", ["getUserProfilePhotos", "getFile", "file"])
def test_pause_that_telegram_wants_is_kept(within: Within, telegram: BotApiServer, method: str) -> None:
    telegram.pictures[PERSON] = a_jpeg()

    async def scenario() -> None:
        await connect(telegram)
        await write()
        telegram.fail(method, too_many_requests(9))
        with pytest.raises(NotNow) as caught:
            await fetch_avatar_task(user_id=await user_id())
        assert caught.value.delay == 9000

    within(scenario)
