"""Which messages a run reads, and in which batches: the window, page by page, through the prefilter."""

from services.analysis.repository.run_work import add_batches, forget_plan
from services.analysis.runs.batching import Batcher, Mark
from services.analysis.runs.prefiltering import Prefilter
from services.analysis.runs.running import Run
from shared.contracts.ingestion import ListWindow, MessageText
from shared.messaging.messages import scores_of
from shared.messaging.queries import ask
from shared.messaging.transaction import transaction

_PATIENCE = 15.0


async def plan(run: Run) -> None:
    """Put what a run reads into batches. Begun anew by whoever takes the run over before it is done.

    A page of the window and the conversations that go on are all that is held at a time.

    Raises:
        NotMineError: The run is somebody else's, or over.
        QueryError: `unavailable`, when ingestion or scoring does not answer.
    """
    prefilter, batcher = Prefilter.of(run.snapshot.project), Batcher()
    async with transaction() as tx:
        await run.hold(tx)
        await forget_plan(tx, run.id)
    found = kept = planned = 0
    cursor: str | None = None
    while True:
        page = await ask(
            ListWindow(
                since=run.since,
                until=run.until,
                chat_ids=run.snapshot.project.chat_ids,
                cursor=cursor,
            ),
            timeout=_PATIENCE,
        )
        marks = await _marks(page.items, prefilter)
        found, kept, cursor = found + len(page.items), kept + len(marks), page.next_cursor
        full = [batch for mark in marks for batch in batcher.add(mark)]
        if cursor is None:
            full += batcher.rest()
        async with transaction() as tx:
            await run.hold(tx)
            await add_batches(tx, run.id, planned + 1, full)
            planned += len(full)
            if cursor is None:
                await run.update_mine(
                    tx,
                    run.id,
                    run.runner,
                    messages_found=found,
                    messages_kept=kept,
                    batches_total=planned,
                )
                return


async def _marks(texts: list[MessageText], prefilter: Prefilter) -> list[Mark]:
    """What of a page is read."""
    scores = await scores_of([message.id for message in texts])
    return [
        Mark(message.id, (message.chat_id, message.thread_id), message.sent_at)
        for message in texts
        if prefilter.passes(message.text, scores[message.id].message_class if message.id in scores else None)
    ]
