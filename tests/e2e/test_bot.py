"""From a bot's token to a scored message with its author's picture, by polling and then by webhook."""

from collections.abc import Iterator

import httpx
import pytest

from tests.fakes.bot_api import BotApiServer, a_jpeg, a_message, running_bot_api
from tests.system import UNDERSTANDING, System, running_system, wait_for

PERSON = 501
SPOKEN = "Вирішили: переносимо реліз на четвер, бо міграція бази триває довше, ніж 20 хвилин"


@pytest.fixture(scope="module")
def telegram() -> Iterator[BotApiServer]:
    with running_bot_api() as server:
        server.pictures[PERSON] = a_jpeg()
        yield server


@pytest.fixture(scope="module")
def system(telegram: BotApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("bot") / "system"
    with running_system(folder, without=UNDERSTANDING, TT_TELEGRAM_API_URL=telegram.url) as started:
        yield started


def put(system: System, path: str, body: object = None) -> httpx.Response:
    return system.client.put(f"/api/v1/telegram/{path}", json=body).raise_for_status()


def messages(system: System) -> list[dict[str, object]]:
    found: list[dict[str, object]] = system.client.get("/api/v1/messages").json()["items"]
    return found


def test_what_people_write_comes_by_polling_and_by_webhook(system: System, telegram: BotApiServer) -> None:
    bot = put(system, "bot", {"token": telegram.token}).json()
    assert (bot["username"], bot["updates"]) == ("team_chat_bot", "none")
    put(system, "polling")
    telegram.write(a_message(1, SPOKEN))
    wait_for(lambda: any(each["score"] for each in messages(system)), "the message is saved and scored")
    (message,) = messages(system)
    assert message["text"] == SPOKEN

    user_id = message["author"]["user_id"]  # type: ignore[index]
    avatar = f"/api/v1/users/{user_id}/avatar"
    wait_for(lambda: system.client.get(avatar).status_code == httpx.codes.OK, "the picture is kept")
    assert system.client.get(avatar).content == a_jpeg()

    hook = put(system, "webhook", {}).json()
    assert hook["url"] == f"{system.house.gateway_url}/webhook/telegram"
    telegram.write(*(a_message(number, f"{SPOKEN}, {number}") for number in range(2, 12)))
    wait_for(lambda: len(messages(system)) == 11, "what is sent to the webhook is saved")
    assert system.client.get("/api/v1/telegram/webhook").json()["pending_update_count"] == 0
    assert len(telegram.called("getUserProfilePhotos")) == 1

    for program in ("ingestion", "gateway", "nats"):
        assert telegram.token not in system.house.log(program).read_text(errors="replace")
    assert system.client.delete("/api/v1/telegram/bot").status_code == httpx.codes.NO_CONTENT
    assert telegram.webhook is None
