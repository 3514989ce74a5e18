"""Scoring many messages: a page at a time, each page one transaction; one bad item never stops the rest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from loguru import logger
from prometheus_client import Counter as Metric

from services.scoring.assessment import Assessment
from services.scoring.following import commands_after
from services.scoring.repository import (
    Activity,
    author_activity,
    keep_scores,
    note_scored_through,
    scored_already,
    scored_through,
)
from services.scoring.scorer import assess_in_context
from shared.contracts.ingestion import GetTexts, MessageText
from shared.contracts.scoring import BatchScored, ScoredMessage
from shared.messaging.queries import ask
from shared.messaging.transaction import Transaction, transaction

_SCORED = Metric("tt_messages_scored_total", "Messages that batches scored, by outcome.", ["outcome"])
_IN_FLIGHT = 10_000
_MOST_SIGNALS = 10
_PAGE = 500


@dataclass(slots=True)
class _Outcome:
    success: int = 0
    failed: list[int] = field(default_factory=list)
    skipped: int = 0

    def add(self, other: "_Outcome") -> None:
        self.success += other.success
        self.failed += other.failed
        self.skipped += other.skipped

    def as_result(self) -> dict[str, int]:
        return {"success": self.success, "failed": len(self.failed), "skipped": self.skipped}


async def score_these(message_ids: Sequence[int]) -> dict[str, int]:
    """Score these messages; ids that no message has are counted as failed."""
    total = _Outcome()
    wanted = sorted(set(message_ids))
    for start in range(0, len(wanted), _PAGE):
        asked = wanted[start : start + _PAGE]
        found: set[int] = set()
        after: int | None = 0
        while after is not None:
            page = await ask(GetTexts(message_ids=asked, after_id=after))
            found |= {message.id for message in page.items}
            total.add(await _score_page(page.items))
            after = page.next_after_id
        total.failed += sorted(set(asked) - found)
    return total.as_result()


async def score_all() -> dict[str, int]:
    """Score every message that has no score of the present version."""
    total = _Outcome()
    async with transaction() as tx:
        after: int | None = await scored_through(tx)
    last = after or 0
    while after is not None:
        page = await ask(GetTexts(after_id=after, limit=_PAGE))
        total.add(await _score_page(page.items))
        last = page.items[-1].id if page.items else last
        after = page.next_after_id
    # Messages that are being saved at this moment may still commit with smaller ids than the last one.
    through = min([last - _IN_FLIGHT, *(failed - 1 for failed in total.failed)])
    if through > 0:
        async with transaction() as tx:
            await note_scored_through(tx, through)
    return total.as_result()


async def _score_page(messages: Sequence[MessageText]) -> _Outcome:
    if not messages:
        return _Outcome()
    async with transaction() as tx:
        known = await scored_already(tx, messages)
        fresh = [message for message in messages if message.id not in known]
        activity = await author_activity(tx, (message.author_id for message in fresh))
        scored, failed = _assess_each(fresh, activity)
        if scored:
            classes = await keep_scores(tx, scored)
            # The rest was scored by its own task in the meantime.
            scored = [entry for entry in scored if entry[0].id in classes]
            for command in commands_after(scored, classes):
                tx.send(command)
        outcome = _Outcome(
            success=len(scored), failed=failed, skipped=len(messages) - len(scored) - len(failed)
        )
        if scored or failed:
            _announce(tx, scored, outcome)
    for name, count in outcome.as_result().items():
        _SCORED.labels(name).inc(count)
    return outcome


def _assess_each(
    messages: Sequence[MessageText], activity: dict[int | None, Activity]
) -> tuple[list[tuple[MessageText, Assessment]], list[int]]:
    """The scores, and the ids of messages that could not be scored."""
    scored: list[tuple[MessageText, Assessment]] = []
    failed: list[int] = []
    now = datetime.now(UTC)
    for message in messages:
        author = activity.get(message.author_id, Activity(0, 0, 0))
        try:
            scored.append((message, assess_in_context(message, author, now)))
        except Exception as error:  # noqa: BLE001 - counted and named; the catch-up tries it again
            failed.append(message.id)
            logger.opt(exception=error).error("message {} could not be scored", message.id)
    return scored, failed


def _announce(tx: Transaction, scored: list[tuple[MessageText, Assessment]], outcome: _Outcome) -> None:
    strongest = sorted(scored, key=lambda entry: entry[1].score, reverse=True)[:_MOST_SIGNALS]
    tx.publish(
        BatchScored(
            success=outcome.success,
            failed=len(outcome.failed),
            skipped=outcome.skipped,
            by_class=dict(Counter(assessment.message_class.value for _, assessment in scored)),
            signals=[
                ScoredMessage(
                    message_id=message.id,
                    importance_score=assessment.score,
                    message_class=assessment.message_class.value,
                )
                for message, assessment in strongest
                if assessment.message_class.value == "signal"
            ],
        )
    )
