"""What a batch's question tells beside its messages: near atoms, and tasks that were approved before.

It is kept before the question is put, and read again by whoever takes the batch over: what is known changes
while a run works, and a question that was paid for is to be asked again letter for letter.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from loguru import logger
from prometheus_client import Counter

from services.analysis.answers import EarlierProposal, SimilarAtom
from services.analysis.novelty.vectors import Placed, place_texts
from services.analysis.proposed import BatchWork
from services.analysis.questions import Known
from services.analysis.repository.asked import find_asked, keep_asked
from services.analysis.repository.proposals_similar import Approved, approved_proposals
from services.analysis.tidying import cut
from shared.contracts.atoms import AtomRecord, GetAtoms
from shared.contracts.embedding import FindNeighbours
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import MessageRecord
from shared.messaging.queries import ask
from shared.messaging.transaction import transaction

MOST_ATOMS, MOST_PROPOSALS = 8, 10
_LONGEST_ATOM, _LONGEST_PROPOSAL = 600, 400
_NEIGHBOURS = 12
_MOST_ASKED_FOR = 40
_PASSAGE, _MOST_PASSAGES = 1000, 16
_PATIENCE = 30.0
_WITHOUT = Counter("tt_analysis_without_rag_total", "Questions asked without what is near.")


class _Proposal(msgspec.Struct, frozen=True):
    """An approved proposal as it was shown."""

    id: UUID
    title: str
    description: str


class _Remembered(msgspec.Struct, frozen=True):
    """What was told, as it is kept."""

    atoms: list[SimilarAtom] = []
    proposals: list[_Proposal] = []


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a question tells beside, and which proposals its numbers mean."""

    known: Known
    proposals: tuple[UUID, ...] = ()

    def proposal(self, number: int | None) -> UUID | None:
        """The proposal that was shown with a number."""
        return self.proposals[number - 1] if number and number <= len(self.proposals) else None


async def recall(work: BatchWork) -> Recalled:
    """What is to be told beside a batch's messages; nothing when the run does without."""
    if not work.use_rag or work.snapshot.basic_mode:
        return Recalled(Known())
    key = _key(work.messages)
    async with transaction() as tx:
        kept = await find_asked(tx, work.run_id, key)
    if kept is None:
        found = msgspec.to_builtins(await _look_up(work))
        async with transaction() as tx:
            kept = await keep_asked(tx, work.run_id, key, found)
    return _recalled(msgspec.convert(kept, _Remembered))


async def _look_up(work: BatchWork) -> _Remembered:
    texts = _passages(work.messages)
    atoms: list[SimilarAtom] = []
    placed: Placed | None = None
    try:
        atoms = await _near_atoms(texts, {message.id for message in work.messages})
        placed = await place_texts(texts)
    except QueryError as error:
        logger.warning("a batch of run {} is asked about without what is near: {}", work.run_id, error)
        _WITHOUT.inc()
    async with transaction() as tx:
        space_id, vectors = (None, ()) if placed is None else (placed.space_id, placed.vectors)
        given = [vector for vector in vectors if vector is not None]
        approved = await approved_proposals(
            tx, work.snapshot.project.id, space_id, given, most=MOST_PROPOSALS
        )
    return _Remembered(atoms, [_proposal(each) for each in approved])


async def _near_atoms(texts: Sequence[str], message_ids: set[int]) -> list[SimilarAtom]:
    """The nearest atoms that stand, approved ones first; none that these very messages alone say."""
    neighbours = await ask(
        FindNeighbours(texts=list(texts), kind="atom", limit=_NEIGHBOURS), timeout=_PATIENCE
    )
    nearness: dict[int, float] = {}
    for each in (each for found in neighbours for each in found):
        nearness[each.id] = max(nearness.get(each.id, -1.0), each.similarity)
    nearest = sorted(nearness, key=lambda atom_id: (-nearness[atom_id], atom_id))[:_MOST_ASKED_FOR]
    atoms = await ask(GetAtoms(atom_ids=nearest), timeout=_PATIENCE) if nearest else []
    told = [atom for atom in atoms if _stands(atom) and not _is_said_by(atom, message_ids)]
    told.sort(key=lambda atom: (atom.status != "approved", -nearness[atom.id], atom.id))
    return [
        SimilarAtom(
            type=atom.type,
            title=atom.title,
            content=cut(atom.content, _LONGEST_ATOM),
            approved=atom.status == "approved",
        )
        for atom in told[:MOST_ATOMS]
    ]


def _stands(atom: AtomRecord) -> bool:
    return atom.status != "rejected" and atom.merged_into is None and atom.valid_to is None


def _is_said_by(atom: AtomRecord, message_ids: set[int]) -> bool:
    return message_ids.issuperset(cited.message_id for cited in atom.citations)


def _proposal(approved: Approved) -> _Proposal:
    return _Proposal(approved.id, approved.title, cut(approved.description, _LONGEST_PROPOSAL))


def _recalled(remembered: _Remembered) -> Recalled:
    numbered = [
        EarlierProposal(number=number, title=each.title, description=each.description)
        for number, each in enumerate(remembered.proposals, start=1)
    ]
    known = Known(tuple(remembered.atoms), tuple(numbered))
    return Recalled(known, tuple(each.id for each in remembered.proposals))


def _passages(messages: Sequence[MessageRecord]) -> list[str]:
    """The batch's text in passages, as long as a vector can still say what they are about."""
    passages: list[str] = []
    for message in messages:
        if passages and len(passages[-1]) + len(message.text) < _PASSAGE:
            passages[-1] += f"\n{message.text}"
        else:
            passages.append(message.text[:_PASSAGE])
    return passages[:_MOST_PASSAGES]


def _key(messages: Sequence[MessageRecord]) -> str:
    """Names a batch by its messages as they are now."""
    digest = hashlib.sha256()
    for message in messages:
        digest.update(f"{message.id}:{message.content_hash}\n".encode())
    return digest.hexdigest()
