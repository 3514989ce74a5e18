"""Finding out what of what was found is known already: candidates by meaning, then a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from loguru import logger
from prometheus_client import Counter

from services.knowledge.atom_plans import AtomPlan, atom_plans, atom_question, without_leaks, word_for_word
from services.knowledge.known import KnownTopic, Near, Seen, text_of
from services.knowledge.local_matching import atoms_by_words, topics_by_words
from services.knowledge.matches import AtomMatches, AtomsToMatch, AtomText, TopicMatches, TopicsToMatch
from services.knowledge.models import MATCH_ATOM, MATCH_TOPIC
from services.knowledge.neighbours import near_atoms, near_topics
from services.knowledge.parts import Part
from services.knowledge.repository.known import atoms_by_id, topics_by_id, topics_by_name, what_is_seen
from services.knowledge.running import Run
from services.knowledge.topic_plans import TopicPlan, topic_plans, topic_question
from services.knowledge.verification import Found, FoundAtom, FoundTopic
from shared.contracts.knowledge import AtomType
from shared.llm import BadAnswerError, BudgetExceededError
from shared.messaging.transaction import transaction

_BY_RULES = Counter(
    "tt_knowledge_matched_by_rules_total",
    "Times that rules decided what is known, for want of an answer.",
)
_SOLVED: tuple[AtomType, ...] = ("problem", "question")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of all that was found in a conversation.

    Attributes:
        seen: What was there when it was made: should there be more when it is carried out, it is made anew.
    """

    topics: tuple[TopicPlan, ...]
    atoms: tuple[AtomPlan, ...]
    seen: Seen


async def make_plan(run: Run, part: Part, found: Found) -> Plan:
    """Compare what was found with what is known.

    Raises:
        NotMineError: The extraction is somebody else's, or over.
        LlmError: The provider does not answer. Where an answer does not fit, or a cap is reached, rules do.
        QueryError: `unavailable`, for other reasons than that vectors are not to be had.
    """
    async with transaction() as tx:
        seen = await what_is_seen(tx)
    topics = await _plan_topics(run, found.topics)
    atoms = await _plan_atoms(run, part, found.atoms)
    hidden = run.secrets.besides(line.text for line in part.asked.lines)
    return Plan(topics, tuple(without_leaks(plan, hidden) for plan in atoms), seen)


async def _plan_topics(run: Run, found: Sequence[FoundTopic]) -> tuple[TopicPlan, ...]:
    async with transaction() as tx:
        named = await topics_by_name(tx, [topic.name for topic in found])
    plans = {topic.name: _by_name(topic, named[topic.name]) for topic in found if topic.name in named}
    others = [topic for topic in found if topic.name not in plans]
    near = await near_topics([text_of(topic.name, topic.description) for topic in others])
    async with transaction() as tx:
        known = await topics_by_id(tx, {each.id for neighbours in near for each in neighbours})
    question, ids = topic_question(others, near, known)
    answer = await _ask_topics(run, question) if question.pairs else TopicMatches(matches=[])
    plans |= {plan.found.name: plan for plan in topic_plans(others, question, answer, known, ids)}
    return tuple(plans[topic.name] for topic in found)


def _by_name(topic: FoundTopic, known: KnownTopic) -> TopicPlan:
    """A topic that has a known one's name is that topic; a description that it lacks is proposed."""
    if known.status == "rejected":
        return TopicPlan(topic, is_rejected=True)
    description = topic.description if topic.description and not known.description else None
    return TopicPlan(topic, known, description=description, confidence=topic.confidence, similarity=1.0)


async def _ask_topics(run: Run, question: TopicsToMatch) -> TopicMatches:
    try:
        return await run.ask(MATCH_TOPIC, question, TopicMatches)
    except (BadAnswerError, BudgetExceededError) as error:
        _note_rules(error)
        return topics_by_words(question)


async def _plan_atoms(run: Run, part: Part, found: Sequence[FoundAtom]) -> list[AtomPlan]:
    near = await _near_atoms(found)
    async with transaction() as tx:
        known = await atoms_by_id(tx, {each.id for neighbours in near for each in neighbours})
    plans = [
        AtomPlan(atom, word_for_word(atom, neighbours, known))
        for atom, neighbours in zip(found, near, strict=True)
    ]
    unsure = [place for place, plan in enumerate(plans) if plan.same is None]
    atoms = [found[place] for place in unsure]
    said = [_as_compared(number, atom, part) for number, atom in enumerate(atoms, start=1)]
    question, ids = atom_question(atoms, [near[place] for place in unsure], known, said)
    if question.pairs:
        answer = await _ask_atoms(run, question)
        for place, plan in zip(unsure, atom_plans(atoms, question, answer, known, ids), strict=True):
            plans[place] = plan
    return plans


async def _near_atoms(found: Sequence[FoundAtom]) -> list[list[Near]]:
    """What each found atom is to be compared with: atoms of its type, and what it may solve or answer."""
    near: list[list[Near]] = [[] for _ in found]
    for kind in dict.fromkeys(atom.type for atom in found):
        places = [place for place, atom in enumerate(found) if atom.type == kind]
        texts = [text_of(found[place].title, found[place].content) for place in places]
        compared: list[tuple[AtomType, ...]] = [(kind,)]
        if kind in ("solution", "decision"):
            compared.append(_SOLVED)
        for types in compared:
            for place, neighbours in zip(places, await near_atoms(texts, types), strict=True):
                near[place] += neighbours
    return near


def _as_compared(number: int, atom: FoundAtom, part: Part) -> AtomText:
    return AtomText(
        number=number,
        type=atom.type,
        title=atom.title,
        content=atom.content,
        said_at=max(part.lines[proof.line - 1].sent_at for proof in atom.proofs),
    )


async def _ask_atoms(run: Run, question: AtomsToMatch) -> AtomMatches:
    try:
        return await run.ask(MATCH_ATOM, question, AtomMatches)
    except (BadAnswerError, BudgetExceededError) as error:
        _note_rules(error)
        return atoms_by_words(question)


def _note_rules(error: Exception) -> None:
    """Without an answer only what is plainly the same counts as known; no conversation is lost for it."""
    logger.warning("rules decide what is known already: {}", error)
    _BY_RULES.inc()
