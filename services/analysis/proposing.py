"""What a batch of messages comes to: asked about, checked word for word, compared with earlier proposals."""

from collections.abc import Sequence

from loguru import logger

from services.analysis.answers import Proposals
from services.analysis.models import PROPOSE, secrets_of
from services.analysis.novelty.comparing import with_novelty
from services.analysis.proposed import BatchWork, NewProposal, Proposed
from services.analysis.questions import question
from services.analysis.recalling import recall
from services.analysis.verifying import FoundTask, verify
from shared.contracts.atoms import AtomRecord, GetQuotedAtoms, QuotedAtoms
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import MessageRecord
from shared.contracts.proposals import ProposalQuote
from shared.messaging.queries import ask

_PATIENCE = 15.0


async def propose(work: BatchWork) -> Proposed:
    """Have the run's agent propose tasks from a batch, and keep of its answer what holds.

    Raises:
        LlmError: There is no answer; as `BatchWork.ask` says.
        QueryError: `unavailable`, when rules are to answer and knowledge does not tell what they need.
    """
    snapshot = work.snapshot
    quoted = await _quoted(work)
    recalled = await recall(work)
    asked = question(work.messages, snapshot, recalled.known, quoted if snapshot.basic_mode else None)
    answer = await work.ask(PROPOSE, asked, Proposals)
    found = verify(answer, asked, snapshot.project, secrets_of(snapshot), basic_mode=snapshot.basic_mode)
    made = [_proposal(task, work.messages, quoted.atoms) for task in found.tasks]
    repeats = {
        place: earlier
        for place, task in enumerate(found.tasks)
        if (earlier := recalled.proposal(task.repeats)) is not None
    }
    compared = await with_novelty(made, snapshot, repeats)
    return Proposed(compared, found.quotes_dropped, found.tasks_dropped)


async def _quoted(work: BatchWork) -> QuotedAtoms:
    """The atoms that quote the batch: rules live on them, what a model proposes is merely tied to them."""
    try:
        query = GetQuotedAtoms(message_ids=[message.id for message in work.messages])
        return await ask(query, timeout=_PATIENCE)
    except QueryError as error:
        if work.snapshot.basic_mode:
            raise
        logger.warning("proposals of run {} are tied to no atoms: {}", work.run_id, error)
        return QuotedAtoms(atoms=[], links=[])


def _proposal(task: FoundTask, messages: Sequence[MessageRecord], atoms: Sequence[AtomRecord]) -> NewProposal:
    proofs = [(messages[proof.line - 1].id, proof.words) for proof in task.proofs]
    return NewProposal(
        title=task.title,
        description=task.description,
        category=task.category,
        priority=task.priority,
        quotes=tuple(_quote(messages[proof.line - 1], proof.words) for proof in task.proofs),
        confidence=task.confidence,
        reasoning=task.reasoning,
        recommendation=task.recommendation,
        tags=task.tags,
        sub_tasks=task.sub_tasks,
        component=task.component,
        details=task.details,
        atom_ids=tuple(atom.id for atom in atoms if _says_the_same(atom, proofs)),
    )


def _says_the_same(atom: AtomRecord, proofs: Sequence[tuple[int, str]]) -> bool:
    """Whether an atom quotes what proves a proposal, in whole or in part."""
    return any(
        cited.message_id == message_id and (cited.quote in words or words in cited.quote)
        for cited in atom.citations
        for message_id, words in proofs
    )


def _quote(message: MessageRecord, words: str) -> ProposalQuote:
    return ProposalQuote(
        message_id=message.id,
        quote=words,
        author_name=message.author.name if message.author else None,
        sent_at=message.sent_at,
    )
