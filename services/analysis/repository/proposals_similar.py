"""Earlier proposals of a project that new ones may resemble."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Row, case, cast, null, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from services.analysis.tables import TaskProposal
from shared.contracts.proposals import ProposalStatus
from shared.messaging.transaction import Transaction

MOST_NEAR = 20
"""Proposals that are looked at closely for one new one, by their vectors."""

_MOST_SHARING = 40

_TAKEN_OVER = text(
    """
    WITH RECURSIVE chain AS (
        SELECT id AS first_id, id, merged_into, title, status, 1 AS depth
        FROM analysis.task_proposals WHERE id = ANY(:ids)
        UNION ALL
        SELECT chain.first_id, next.id, next.merged_into, next.title, next.status, depth + 1
        FROM chain JOIN analysis.task_proposals next ON next.id = chain.merged_into
        WHERE depth < 100
    )
    SELECT DISTINCT ON (first_id) first_id, id, title, status FROM chain ORDER BY first_id, depth DESC
    """
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An earlier proposal; `meaning` is the cosine to the one that it was looked up for."""

    id: UUID
    title: str
    description: str
    status: ProposalStatus
    quotes: Sequence[Mapping[str, Any]]
    meaning: float | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What a new proposal is looked up by.

    Attributes:
        message_ids: Its sources.
        named: The earlier one that its agent says it repeats.
    """

    project_id: UUID
    message_ids: Sequence[int]
    named: UUID | None = None


async def near_proposals(
    tx: Transaction, sought: Sought, space_id: int, vector: Sequence[float]
) -> list[Kept]:
    """Those nearest by vector, those with a source message in common, and the one that is named.

    An exact scan of the project's: it has thousands at the most.
    """
    project_id = sought.project_id
    proposal = TaskProposal
    distance = proposal.vector.cosine_distance(list(vector))
    here = proposal.space_id == space_id
    nearest = (
        select(proposal.id)
        .where(proposal.project_id == project_id, here)
        .order_by(distance, proposal.id)
        .limit(MOST_NEAR)
    )
    sharing = (
        select(proposal.id)
        .where(proposal.project_id == project_id, _shares(sought.message_ids))
        .order_by(proposal.created_at.desc(), proposal.id)
        .limit(_MOST_SHARING)
    )
    wanted: list[ColumnElement[bool]] = [proposal.id.in_(nearest), proposal.id.in_(sharing)]
    if sought.named is not None:
        wanted.append(proposal.id == sought.named)
    meaning = case((here, 1 - distance), else_=null())
    statement = _select(meaning).where(proposal.project_id == project_id, or_(*wanted))
    return [_kept(row) for row in await tx.execute(statement.order_by(proposal.id))]


async def latest_proposals(
    tx: Transaction, project_id: UUID, most: int, *, outside: int | None = None
) -> list[Kept]:
    """The latest of a project, to be compared by words: of all, or of those with no vector in a space."""
    proposal = TaskProposal
    statement = _select(null()).where(proposal.project_id == project_id)
    if outside is not None:
        statement = statement.where(proposal.space_id.is_distinct_from(outside))
    latest = statement.order_by(proposal.created_at.desc(), proposal.batch.desc(), proposal.id).limit(most)
    return [_kept(row) for row in await tx.execute(latest)]


async def taken_over(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str, ProposalStatus]]:
    """Which proposal has each of these now: id, title and status; itself when it was not merged away."""
    rows = await tx.execute(_TAKEN_OVER, {"ids": list(ids)})
    return {row.first_id: (row.id, row.title, row.status) for row in rows}


async def keep_vectors(
    tx: Transaction, space_id: int, vectors: Mapping[UUID, tuple[str, str, Sequence[float]]]
) -> None:
    """Keep vectors of proposals that had none in the space, where they still say what was embedded.

    Those that somebody works on at this moment are passed over: they get theirs the next time.

    Args:
        tx: The transaction.
        space_id: The space.
        vectors: By id: title, description and vector.
    """
    proposal = TaskProposal
    locked = (
        select(proposal.id, proposal.title, proposal.description)
        .where(proposal.id.in_(vectors))
        .order_by(proposal.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    for row in (await tx.execute(locked)).all():
        title, description, vector = vectors[row.id]
        if (row.title, row.description) == (title, description):
            await tx.execute(
                update(proposal).where(proposal.id == row.id).values(space_id=space_id, vector=list(vector))
            )


def _shares(message_ids: Sequence[int]) -> Any:
    return TaskProposal.message_ids.op("&&")(cast(list(message_ids), ARRAY(BigInteger)))


def _select(meaning: Any) -> Any:
    proposal = TaskProposal
    return select(
        proposal.id,
        proposal.title,
        proposal.description,
        proposal.status,
        proposal.quotes,
        meaning.label("meaning"),
    )


def _kept(row: Row[Any]) -> Kept:
    meaning = None if row.meaning is None else float(row.meaning)
    return Kept(row.id, row.title, row.description, row.status, row.quotes, meaning)


@dataclass(frozen=True, slots=True)
class Approved:
    """A proposal that was approved, as a question tells of it."""

    id: UUID
    title: str
    description: str


async def approved_proposals(
    tx: Transaction, project_id: UUID, space_id: int | None, vectors: Sequence[Sequence[float]], *, most: int
) -> list[Approved]:
    """A project's approved proposals that are nearest to any of some vectors; the latest without vectors."""
    proposal = TaskProposal
    columns = proposal.id, proposal.title, proposal.description
    approved = select(*columns).where(proposal.project_id == project_id, proposal.status == "approved")
    found: dict[UUID, tuple[float, Approved]] = {}
    for vector in vectors:
        distance = proposal.vector.cosine_distance(list(vector))
        nearest = approved.add_columns(distance.label("distance")).where(proposal.space_id == space_id)
        for row in await tx.execute(nearest.order_by(distance, proposal.id).limit(most)):
            before = found.get(row.id, (float("inf"), None))[0]
            found[row.id] = (min(before, row.distance), Approved(row.id, row.title, row.description))
    if not found:
        latest = approved.order_by(proposal.decided_at.desc(), proposal.id).limit(most)
        return [Approved(row.id, row.title, row.description) for row in await tx.execute(latest)]
    ordered = sorted(found.values(), key=lambda each: (each[0], str(each[1].id)))
    return [each for _, each in ordered[:most]]
