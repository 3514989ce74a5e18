"""The Python client against the gateway itself: records, pages, refusals, uploads, events."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

import pytest

from shared.contracts.errors import QueryError
from shared.contracts.projects import UpdateProject
from shared.contracts.scoring import MessageScored, ScoredMessage
from tasktracker import Client, Conflict, Invalid, NotFound, PreconditionFailed, Unauthorized
from tasktracker.live import Event, follow
from tests.integration.gateway.stage import DEADLINE, KEY, Stage

EXPORT = {"name": "Backend", "type": "private_supergroup", "id": 1, "messages": []}


@pytest.fixture
def api(stage: Stage) -> Iterator[Client]:
    with Client(stage.url, KEY, retries=0) as client:
        yield client


def test_messages_are_iterated_page_after_page(stage: Stage, api: Client) -> None:
    stage.services.fill(7)
    found = list(api.messages.iterate(limit=3))
    assert [message.id for message in found] == [7, 6, 5, 4, 3, 2, 1]
    assert found[0].score is not None
    assert found[0].score.importance_score == 1.0
    assert found[0].author is not None
    assert found[0].author.name == "Автор 1"
    assert api.messages.get(3).text == "Повідомлення 3"


def test_filters_arrive(stage: Stage, api: Client) -> None:
    stage.services.fill(10)
    signals = list(api.messages.iterate(class_="signal", limit=200))
    assert [message.id for message in signals] == [10, 9, 8, 7]


def test_refusals_are_typed(api: Client) -> None:
    with pytest.raises(NotFound, match="There is no message 12345"):
        api.messages.get(12345)
    with pytest.raises(Invalid) as caught:
        api.messages.list(limit=100_000)
    assert [(error.field, error.source) for error in caught.value.errors] == [("limit", "query")]


def test_a_wrong_key_is_unauthorized(stage: Stage) -> None:
    with Client(stage.url, "another-key", retries=0) as client, pytest.raises(Unauthorized):
        client.chats.list()


def test_an_export_becomes_a_job_once_however_often_it_is_sent(
    stage: Stage, api: Client, tmp_path: Path
) -> None:
    file = tmp_path / "чат.json"
    file.write_text(json.dumps(EXPORT), encoding="utf-8")
    first = api.imports.upload(file, idempotency_key=file.parent.name)
    assert api.imports.upload(file, idempotency_key=file.parent.name) == first
    job = api.jobs.get(first.run_id)
    assert (job.status, job.source_name) == ("pending", "чат.json")
    assert len(stage.services.jobs) == 1


def test_an_edit_is_made_on_what_was_seen_and_a_late_one_is_refused(stage: Stage, api: Client) -> None:
    seen = api.projects.get(uuid4())
    assert seen.etag
    api.projects.change(seen.id, name="Інша", if_match=seen.etag)
    (change,) = (query for query in stage.services.projects.asked if isinstance(query, UpdateProject))
    assert (change.name, change.version) == ("Інша", seen.version)
    late = QueryError("conflict", "The project was changed since.", field="version")
    stage.services.projects.refuses[UpdateProject] = late
    with pytest.raises(PreconditionFailed):
        api.projects.change(seen.id, name="Інша", if_match=seen.etag)


def test_a_conflict_says_what_is_in_the_way(stage: Stage, api: Client, tmp_path: Path) -> None:
    stage.services.refusal = QueryError("conflict", "The import of result.json runs already.")
    file = tmp_path / "result.json"
    file.write_text(json.dumps(EXPORT))
    with pytest.raises(Conflict, match=r"result\.json runs already"):
        api.imports.upload(file)


def test_health_of_a_service_that_is_away_is_an_answer(api: Client) -> None:
    assert api.health.live().status == "ok"
    assert api.health.services().checks["gateway"].ok


def test_keys_are_made_used_and_revoked(stage: Stage, api: Client) -> None:
    made = api.keys.create(name=f"reader {uuid4()}", scopes=["read"])
    assert made.text
    with Client(stage.url, made.text, retries=0) as reader:
        assert reader.keys.me().name == made.key.name
        api.keys.delete(made.key.id)
        with pytest.raises(Unauthorized):
            reader.keys.me()


def test_events_are_followed_and_come_back_after_a_position(stage: Stage) -> None:
    async def numbers_until(last: int, after: str | None, *, telling: bool) -> tuple[list[int], str]:
        """The messages of the events up to that of `last`; it is told until something is heard."""
        numbers: list[int] = []
        async with (
            asyncio.timeout(DEADLINE),
            aclosing(follow(stage.url, KEY, topics=["messages"], after=after)) as events,
        ):
            while True:
                waiting = asyncio.ensure_future(anext(events))
                while telling and not (await asyncio.wait([waiting], timeout=0.1))[0]:
                    await asyncio.to_thread(stage.publish, scored(last))
                event = await waiting
                assert isinstance(event, Event)
                assert event.type == "message_scored"
                numbers.append(event.data["score"]["message_id"])
                if numbers[-1] == last:
                    return numbers, event.position

    _, position = asyncio.run(numbers_until(40, None, telling=True))
    stage.publish(scored(41), scored(42), scored(43))
    missed, _ = asyncio.run(numbers_until(43, position, telling=False))
    assert [number for number in missed if number != 40] == [41, 42, 43]


def scored(number: int) -> MessageScored:
    return MessageScored(
        score=ScoredMessage(message_id=number, importance_score=0.5, message_class="weak_signal")
    )
