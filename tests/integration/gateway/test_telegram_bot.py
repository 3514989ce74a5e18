"""The bot at the door: sealed tokens, addresses from settings, pictures with their tags."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from litestar.datastructures import State

from services.gateway.settings import GatewaySettings
from shared.contracts.errors import QueryError
from shared.contracts.telegram import AvatarRecord, SetBot, SetWebhook
from shared.messaging.avatars import store_avatar
from shared.sealing import bind_keys, new_encryption_key, unseal
from tests.fakes.bot_api import a_jpeg
from tests.integration.gateway.answering_telegram import Bot
from tests.integration.gateway.stage import SECRET, Stage

BOT, WEBHOOK, POLLING = (f"/api/v1/telegram/{name}" for name in ("bot", "webhook", "polling"))
TOKEN = "7012345678:AAE-open-sesame-0123456789"


@pytest.fixture(autouse=True)
def _encryption_key() -> Iterator[None]:
    bind_keys(new_encryption_key())
    yield
    bind_keys("")


@pytest.fixture
def bot(stage: Stage) -> Bot:
    """The bot behind the gateway; none is connected."""
    return stage.services.telegram


def test_token_travels_sealed_and_is_never_shown(stage: Stage, client: httpx.Client) -> None:
    answer = client.put(BOT, json={"token": f" {TOKEN}\n"})
    assert answer.status_code == 200
    assert TOKEN not in answer.text
    (asked,) = stage.services.asked_for(SetBot)
    assert isinstance(asked, SetBot)
    assert TOKEN not in str(asked)
    assert unseal(asked.sealed_token) == TOKEN
    assert (asked.set_by, client.get(BOT).json()["username"]) == ("first key", "team_chat_bot")
    assert client.delete(BOT).status_code == 204
    assert client.get(BOT).status_code == 404


def test_without_encryption_key_it_is_said_what_to_set(client: httpx.Client) -> None:
    bind_keys("")
    answer = client.put(BOT, json={"token": TOKEN})
    assert answer.status_code == 409
    assert "TT_ENCRYPTION_KEYS" in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "token"


def test_token_that_telegram_does_not_know_is_the_field_at_fault(bot: Bot, client: httpx.Client) -> None:
    bot.refusal = QueryError("invalid", "Telegram does not know this token.", field="token")
    answer = client.put(BOT, json={"token": TOKEN})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "token")
    assert client.put(BOT, json={"token": ""}).status_code == 422
    assert client.put(BOT, json={"token": TOKEN, "more": 1}).status_code == 422


def test_webhook_is_the_installations_own_unless_told(stage: Stage, client: httpx.Client) -> None:
    assert client.put(WEBHOOK, json={}).status_code == 409
    client.put(BOT, json={"token": TOKEN})
    assert client.put(WEBHOOK, json={}).json()["url"] == f"{stage.url}/webhook/telegram"
    given = {"url": "https://tt.example.org/hook", "max_connections": 5}
    assert client.put(WEBHOOK, json=given).json()["max_connections"] == 5
    asked = stage.services.asked_for(SetWebhook)[-1]
    assert isinstance(asked, SetWebhook)
    assert (asked.url, unseal(asked.sealed_secret)) == (given["url"], SECRET)
    assert SECRET not in str(asked)
    assert client.get(WEBHOOK).json()["url"] == given["url"]
    assert client.delete(WEBHOOK).json()["url"] is None


def test_webhook_without_secret_says_what_to_set(stage: Stage, client: httpx.Client) -> None:
    state: State = stage.app.state
    settings: GatewaySettings = state.settings
    try:
        state.settings = GatewaySettings(bootstrap_api_key=settings.bootstrap_api_key)
        answer = client.put(WEBHOOK, json={})
    finally:
        state.settings = settings
    assert answer.status_code == 409
    assert "TT_WEBHOOK_SECRET" in answer.json()["detail"]


def test_polling_begins_and_ends(client: httpx.Client) -> None:
    assert client.get(POLLING).status_code == 409
    client.put(BOT, json={"token": TOKEN})
    assert client.put(POLLING).json()["on"] is True
    assert client.get(POLLING).json()["on"] is True
    assert client.delete(POLLING).json()["on"] is False


def test_picture_is_shown_with_its_tag_and_kept_by_the_browser(
    stage: Stage, bot: Bot, client: httpx.Client
) -> None:
    stage.run(store_avatar("3-abc", a_jpeg()))
    made = {"content_type": "image/jpeg", "size": len(a_jpeg()), "fetched_at": datetime.now(UTC)}
    bot.avatars[3] = AvatarRecord(user_id=3, object_name="3-abc", **made)  # type: ignore[arg-type]
    bot.avatars[4] = AvatarRecord(user_id=4, object_name="gone", **made)  # type: ignore[arg-type]
    answer = client.get("/api/v1/users/3/avatar")
    assert (answer.status_code, answer.content) == (200, a_jpeg())
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert answer.headers["x-content-type-options"] == "nosniff"
    same = client.get("/api/v1/users/3/avatar", headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    other = client.get("/api/v1/users/3/avatar", headers={"If-None-Match": '"another"'})
    assert other.status_code == 200
    for user_id in (4, 5):
        missing = client.get(f"/api/v1/users/{user_id}/avatar")
        assert missing.status_code == 404
        assert missing.headers["content-type"] == "application/problem+json"
        assert missing.headers["cache-control"] == "no-store"
