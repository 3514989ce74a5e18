"""Extractions that a person asks for: by ids, by chat, by period, again."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID, uuid5

from services.knowledge.considering import chunks, find_considered, newest_by_id
from services.knowledge.conversations import Mark, batches, stretches
from services.knowledge.models import extractor
from services.knowledge.pausing import NO_AGENT
from services.knowledge.repository.claims import claim
from services.knowledge.repository.extractions import (
    create_extraction,
    lock_decisions,
    requested_extractions,
    set_messages,
)
from services.knowledge.repository.pending import consider_messages, is_worth_extracting, states_of
from services.knowledge.selecting import nothing_to_do, select_messages
from services.knowledge.settings import KnowledgeSettings
from shared.contracts.atoms import CheckCitations
from shared.contracts.errors import QueryError
from shared.contracts.extraction import ConsideredMessage, ExtractionRecord, ExtractKnowledge, StartExtraction
from shared.llm import Usage
from shared.messaging.transaction import Transaction, transaction
from shared.service import read_settings
from shared.telemetry import current_run_id, inject_headers, start_run

_MOST_CHECKED = 500
_FRESH = ("waiting", "set_aside")
_AGAIN = (*_FRESH, "done")


async def start(query: StartExtraction) -> list[ExtractionRecord]:
    """Begin the extractions that a person asks for; asked twice with one run_id, say how they stand.

    Raises:
        QueryError: `invalid` when nothing selects, or nothing is selected that can be extracted; `conflict`
            when nobody could do it.
    """
    async with transaction() as tx:
        known = await requested_extractions(tx, query.run_id)
    if known:
        return known
    await _refuse_without_agent(query.agent_id)
    selected = await select_messages(query)
    async with transaction() as tx:
        await lock_decisions(tx)
        known = await requested_extractions(tx, query.run_id)
        if known:
            return known
        await _take_in(tx, selected)
        states = _AGAIN if query.again else _FRESH
        held = await states_of(tx, [message.id for message in selected])
        marks = [
            _mark(message, waits=held[message.id] in states and is_worth_extracting(message))
            for message in selected
        ]
        if not any(mark.waits for mark in marks):
            raise nothing_to_do(_why_held(held.values(), again=query.again))
        for extraction_id, batch in _batches(query.run_id, marks):
            await _begin(tx, query, extraction_id, batch, states)
        return await requested_extractions(tx, query.run_id)


async def adopt(extraction_id: UUID, message_ids: Sequence[int], agent_id: UUID | None) -> None:
    """Make the extraction that a command without one asks for, of what of its messages nobody holds.

    A second time it finds the extraction there.

    Raises:
        QueryError: `unavailable`, when ingestion or scoring does not answer.
    """
    selected = await find_considered(message_ids)
    async with transaction() as tx:
        await lock_decisions(tx)
        if await create_extraction(tx, extraction_id, trigger="manual", agent_id=agent_id):
            await _take_in(tx, selected)
            claimed = await claim(tx, extraction_id, message_ids, states=_FRESH)
            await set_messages(tx, extraction_id, len(claimed))


async def _refuse_without_agent(agent_id: UUID | None) -> None:
    try:
        await extractor(agent_id, Usage())
    except QueryError as error:
        if error.code != "not_found":
            raise
        if agent_id is None:
            raise QueryError("conflict", NO_AGENT) from error
        raise QueryError("invalid", f"There is no agent {agent_id}.", field="agent_id") from error


def _mark(message: ConsideredMessage, *, waits: bool) -> Mark:
    return Mark(message.id, message.chat_id, message.thread_id, message.sent_at, waits)


def _batches(run_id: UUID, marks: Sequence[Mark]) -> Iterator[tuple[UUID, list[Mark]]]:
    """What is extracted together, whole conversations where they fit; the first has the run's own id."""
    settings = read_settings(KnowledgeSettings)
    for number, batch in enumerate(batches(stretches(marks, settings.silence), settings.batch)):
        yield (uuid5(run_id, str(number)) if number else run_id), batch


async def _take_in(tx: Transaction, selected: Sequence[ConsideredMessage]) -> None:
    if selected:
        for changed in chunks(await consider_messages(tx, newest_by_id(selected)), _MOST_CHECKED):
            tx.send(CheckCitations(message_ids=changed))


async def _begin(
    tx: Transaction, query: StartExtraction, extraction_id: UUID, marks: Sequence[Mark], states: Sequence[str]
) -> None:
    await create_extraction(
        tx,
        extraction_id,
        trigger="manual",
        agent_id=query.agent_id,
        started_by=query.started_by,
        request_id=query.run_id,
    )
    claimed = await claim(tx, extraction_id, [mark.message_id for mark in marks], states=states)
    await set_messages(tx, extraction_id, len(claimed))
    command = ExtractKnowledge(
        message_ids=[mark.message_id for mark in marks],
        agent_config_id=query.agent_id,
        extraction_id=extraction_id,
    )
    if current_run_id() == extraction_id:
        tx.send(command, task_id=str(extraction_id), tracked=True)
        return
    links = [each.trace for each in claimed if each.trace is not None]
    here = inject_headers().get("traceparent")
    links += [here] if here else []
    with start_run("extraction by hand", extraction_id, links=links, lasting=True):
        tx.send(command, task_id=str(extraction_id), tracked=True)


def _why_held(states: Iterable[str], *, again: bool) -> list[str]:
    found = list(states)
    done, claimed = found.count("done"), found.count("claimed")
    reasons = [f"{done} extracted already (ask for them `again`)"] if done and not again else []
    return [*reasons, f"{claimed} in another extraction at this moment"] if claimed else reasons
