"""Scoring as its actors and queries do it: second deliveries, stale texts, corrections, the catch-up."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.scoring import batches, scorer
from services.scoring.actors import score_message_task, score_unscored_messages_task
from services.scoring.queries import (
    find_scores,
    give_feedback,
    page_of_scores,
    scoring_stats,
    start_scoring_run,
)
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import GetTexts, MessageText, TextPage
from shared.contracts.scoring import (
    GetScores,
    GetScoringStats,
    GiveFeedback,
    ListScored,
    ScoreRecord,
    StartScoringRun,
)
from shared.messaging.queries import serve
from shared.messaging.transaction import transaction
from shared.service import FinalFailure
from tests.conftest import Database
from tests.integration.bound import bound

T = TypeVar("T")
SENT = datetime(2026, 10, 5, 6, 6, 37, tzinfo=UTC)
SIGNAL = "Вирішили: переходимо на NATS 2.12 до п'ятниці, бо черга стоїть по 40 секунд."
NOISE = "ок 👍"


def message(number: int, words: str = SIGNAL, *, later: int = 0, author: int | None = 1) -> MessageText:
    return MessageText(
        id=number,
        chat_id=1 + number % 2,
        author_id=author,
        sent_at=SENT + timedelta(minutes=number),
        written_at=SENT + timedelta(minutes=number, seconds=later),
        kind="text",
        text=words,
        has_text=True,
        content_hash=words[:30],
    )


Run = Callable[..., Any]


@pytest.fixture
def run(database: Database, nats_url: str, namespace: str) -> Run:
    """Be scoring, while an ingestion with these messages answers."""

    def run_scenario(scenario: Callable[[], Awaitable[T]], known: Sequence[MessageText] = ()) -> T:
        async def texts(query: GetTexts) -> TextPage:
            wanted = [
                each
                for each in sorted(known, key=lambda each: each.id)
                if each.id > query.after_id and (query.message_ids is None or each.id in query.message_ids)
            ]
            page = wanted[: query.limit]
            more = len(wanted) > len(page)
            return TextPage(items=page, next_after_id=page[-1].id if more else None)

        async def within() -> T:
            async with bound("scoring", database.url("scoring"), nats_url, namespace):
                served = await serve("ingestion", {GetTexts.subject: texts})
                try:
                    return await scenario()
                finally:
                    await served.stop()

        return asyncio.run(within())

    return run_scenario


async def scores(*ids: int) -> list[ScoreRecord]:
    return await find_scores(GetScores(message_ids=list(ids)))


async def outbox_rows() -> int:
    async with transaction() as tx:
        return int((await tx.execute(text("SELECT count(*) FROM outbox"))).scalar_one())


async def outbox_actors() -> list[str]:
    """The actors of the commands in the outbox, in order."""
    async with transaction() as tx:
        rows = await tx.execute(text("SELECT convert_from(payload, 'UTF8') FROM outbox ORDER BY id"))
        bodies = [json.loads(row[0]) for row in rows]
    return [body["actor_name"] for body in bodies if "actor_name" in body]


def classes(records: Sequence[ScoreRecord]) -> dict[int, str]:
    return {record.message_id: record.message_class for record in records}


def test_second_delivery_leaves_the_same_score(run: Run) -> None:
    async def scenario() -> tuple[list[ScoreRecord], list[ScoreRecord]]:
        await score_message_task(message_id=1, message=message(1))
        first = await scores(1)
        await score_message_task(message_id=1, message=message(1))
        return first, await scores(1)

    (first,), (second,) = run(scenario)
    assert first.message_class == second.message_class == "signal"
    assert first.importance_score == pytest.approx(second.importance_score, abs=0.05)


def test_second_delivery_says_nothing_more(run: Run) -> None:
    async def scenario() -> tuple[int, int]:
        await score_message_task(message_id=1, message=message(1))
        once = await outbox_rows()
        await asyncio.gather(*(score_message_task(message_id=1, message=message(1)) for _ in range(3)))
        return once, await outbox_rows()

    once, thrice = run(scenario)
    assert once == thrice > 0


def test_score_of_an_earlier_text_is_neither_kept_nor_told_of(run: Run) -> None:
    async def scenario() -> tuple[list[ScoreRecord], int, int]:
        await score_message_task(message_id=1, message=message(1, NOISE, later=5))
        once = await outbox_rows()
        await score_message_task(message_id=1, message=message(1, SIGNAL))
        return await scores(1), once, await outbox_rows()

    records, once, twice = run(scenario)
    assert classes(records) == {1: "noise"}
    assert once == twice


def test_text_that_is_changed_back_is_told_of_again(run: Run) -> None:
    async def scenario() -> list[int]:
        rows = []
        for later, words in enumerate((SIGNAL, NOISE, SIGNAL)):
            await score_message_task(message_id=1, message=message(1, words, later=later))
            rows.append(await outbox_rows())
        return rows

    rows = run(scenario)
    assert rows == sorted(set(rows))


def test_id_alone_suffices(run: Run) -> None:
    async def scenario() -> list[ScoreRecord]:
        await score_message_task(message_id=2, message=None)
        return await scores(2)

    assert classes(run(scenario, [message(2)])) == {2: "signal"}


def test_message_that_nobody_has_ends_without_another_try(run: Run) -> None:
    async def scenario() -> None:
        with pytest.raises(FinalFailure, match="no message 404"):
            await score_message_task(message_id=404, message=None)

    run(scenario)


@pytest.mark.parametrize("newest_first", [True, False])
def test_score_of_an_older_text_never_stands(run: Run, newest_first: bool) -> None:  # noqa: FBT001
    old, new = message(1, NOISE), message(1, SIGNAL, later=60)

    async def scenario() -> list[ScoreRecord]:
        for each in [new, old] if newest_first else [old, new]:
            await score_message_task(message_id=1, message=each)
        return await scores(1)

    assert classes(run(scenario)) == {1: "signal"}


def test_catch_up_scores_what_has_no_score_and_then_nothing(run: Run) -> None:
    known = [message(number, SIGNAL if number % 3 else NOISE) for number in range(1, 1201)]

    async def scenario() -> tuple[Any, Any, int]:
        await score_unscored_messages_task(message_ids=[5, 6, 99_999])
        first = await score_unscored_messages_task(message_ids=None)
        second = await score_unscored_messages_task(message_ids=None)
        return first, second, (await scoring_stats(GetScoringStats())).total

    first, second, total = run(scenario, known)
    assert first == {"success": 1198, "failed": 0, "skipped": 2}
    assert second == {"success": 0, "failed": 0, "skipped": 1200}
    assert total == 1200


def test_unknown_ids_are_counted_as_failed(run: Run) -> None:
    async def scenario() -> Any:
        return await score_unscored_messages_task(message_ids=[1, 2, 3])

    assert run(scenario, [message(2)]) == {"success": 1, "failed": 2, "skipped": 0}


@contextmanager
def scorer_breaks_at(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    assess = scorer.assess_in_context

    def break_at(each: MessageText, *rest: Any) -> Any:
        if each.id == number:
            raise RuntimeError("broken")
        return assess(each, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(batches, "assess_in_context", break_at)
        yield


def test_one_bad_message_never_stops_a_batch_and_is_tried_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [message(number) for number in range(1, 11)]

    async def scenario() -> tuple[Any, Any]:
        with scorer_breaks_at(monkeypatch, 4):
            first = await score_unscored_messages_task(message_ids=None)
        return first, await score_unscored_messages_task(message_ids=None)

    first, second = run(scenario, known)
    assert first == {"success": 9, "failed": 1, "skipped": 0}
    assert second == {"success": 1, "failed": 0, "skipped": 9}


def test_correction_holds_over_scoring_again_and_can_be_taken_back(run: Run) -> None:
    async def scenario() -> list[ScoreRecord]:
        await score_message_task(message_id=1, message=message(1))
        given = await give_feedback(GiveFeedback(message_id=1, message_class="noise", given_by="Олена"))
        await score_message_task(message_id=1, message=message(1, later=5))
        (held,) = await scores(1)
        back = await give_feedback(GiveFeedback(message_id=1, message_class=None, given_by="Олена"))
        return [given, held, back]

    given, held, back = run(scenario)
    assert [record.message_class for record in (given, held, back)] == ["noise", "noise", "signal"]
    assert [record.corrected_by for record in (given, held, back)] == ["Олена", "Олена", None]
    assert held.scored_class == "signal"


def test_what_follows_a_score_is_sent_with_it(run: Run) -> None:
    async def scenario() -> list[list[str]]:
        await score_message_task(message_id=1, message=message(1))
        single = await outbox_actors()
        await score_unscored_messages_task(message_ids=[2, 3])
        batch = await outbox_actors()
        await give_feedback(GiveFeedback(message_id=2, message_class="noise", given_by="Олена"))
        return [single, batch[len(single) :], (await outbox_actors())[len(batch) :]]

    follow = ["consider_messages_task", "index_messages_task"]
    assert run(scenario, [message(2), message(3, NOISE)]) == [follow, follow, follow]


def test_stale_text_is_not_told_further(run: Run) -> None:
    async def scenario() -> int:
        await score_message_task(message_id=1, message=message(1, later=5))
        before = len(await outbox_actors())
        await score_message_task(message_id=1, message=message(1, NOISE))
        return len(await outbox_actors()) - before

    assert run(scenario) == 0


def test_correction_of_what_has_no_score_is_not_found(run: Run) -> None:
    async def scenario() -> str:
        with pytest.raises(QueryError) as caught:
            await give_feedback(GiveFeedback(message_id=9, message_class="noise", given_by="Олена"))
        return caught.value.code

    assert run(scenario) == "not_found"


def test_run_that_is_asked_for_twice_is_sent_once(run: Run) -> None:
    async def scenario() -> int:
        query = StartScoringRun(run_id=uuid4())
        for _ in range(2):
            assert (await start_scoring_run(query)).run_id == query.run_id
        return await outbox_rows()

    assert run(scenario) == 1


def test_pages_by_class_are_newest_first_without_gaps_or_repeats(run: Run) -> None:
    known = [message(number, SIGNAL if number % 2 else NOISE) for number in range(1, 22)]

    async def scenario() -> list[int]:
        await score_unscored_messages_task(message_ids=None)
        found, cursor = [], None
        while True:
            page = await page_of_scores(ListScored(message_class="signal", limit=4, cursor=cursor))
            found += [record.message_id for record in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found

    assert run(scenario, known) == list(range(21, 0, -2))
