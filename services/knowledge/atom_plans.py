"""What is to become of found atoms: new, the same as a known one, a change of it, or linked to it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.knowledge.comparing import SURE_ENOUGH, change_of, folded, pairs_of
from services.knowledge.known import KnownAtom, Near
from services.knowledge.matches import AtomMatch, AtomMatches, AtomsToMatch, AtomText, Relation
from services.knowledge.verification import FoundAtom
from shared.evidence.leaks import Secrets
from shared.llm.wording import clean


@dataclass(frozen=True, slots=True)
class Standing:
    """How a found atom stands to a known one."""

    known: KnownAtom
    relation: Relation
    confidence: float
    similarity: float
    reason: str = ""
    title: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class AtomPlan:
    """A found atom: `same` is the known one that it is or refines; `links` are others that it stands to."""

    found: FoundAtom
    same: Standing | None = None
    links: tuple[Standing, ...] = ()


def atom_question(
    found: Sequence[FoundAtom],
    near: Sequence[Sequence[Near]],
    known: Mapping[int, KnownAtom],
    said: Sequence[AtomText],
) -> tuple[AtomsToMatch, list[int]]:
    """Ask about found atoms and the known ones near to them.

    Args:
        found: Atoms.
        near: What is near to each.
        known: The known atoms by their ids.
        said: The found atoms as they are compared, numbered from 1.

    Returns:
        The question, and the ids of the known atoms by their numbers from 1.
    """
    compared = [
        [each for each in neighbours if each.id in known and may_compare(atom, known[each.id])]
        for atom, neighbours in zip(found, near, strict=True)
    ]
    ids = sorted({each.id for neighbours in compared for each in neighbours})
    numbers = {atom_id: number for number, atom_id in enumerate(ids, start=1)}
    question = AtomsToMatch(
        found=[text for text, neighbours in zip(said, compared, strict=True) if neighbours],
        known=[
            AtomText(
                number=numbers[each],
                type=known[each].type,
                title=known[each].title,
                content=known[each].content,
                said_at=known[each].said_at,
            )
            for each in ids
        ],
        pairs=pairs_of(compared, numbers),
    )
    return question, ids


def may_compare(found: FoundAtom, known: KnownAtom) -> bool:
    """Whether it matters how two atoms stand: those of one type, and what may solve or answer the other."""
    return found.type == known.type or (
        found.type in ("solution", "decision") and known.type in ("problem", "question")
    )


def atom_plans(
    found: Sequence[FoundAtom],
    question: AtomsToMatch,
    answer: AtomMatches,
    known: Mapping[int, KnownAtom],
    ids: Sequence[int],
) -> list[AtomPlan]:
    """What becomes of found atoms by an answer; only what was asked can be answered, once each."""
    pairs = {(pair.found, pair.known): pair.similarity for pair in question.pairs}
    by_atom: dict[int, dict[int, Standing]] = {}
    for match in answer.matches:
        similarity = pairs.get((match.found, match.known))
        if similarity is None or match.confidence < SURE_ENOUGH:
            continue
        standing = _standing(match, known[ids[match.known - 1]], similarity)
        if _makes_sense(found[match.found - 1], standing):
            by_atom.setdefault(match.found, {}).setdefault(match.known, standing)
    return [
        _atom_plan(atom, list(by_atom.get(number, {}).values())) for number, atom in enumerate(found, start=1)
    ]


def word_for_word(found: FoundAtom, near: Sequence[Near], known: Mapping[int, KnownAtom]) -> Standing | None:
    """The known atom of the same type that says the very same, if there is one: nobody has to be asked."""
    for each in near:
        atom = known.get(each.id)
        if atom is not None and atom.type == found.type and folded(atom.content) == folded(found.content):
            return Standing(atom, "same", 1.0, each.similarity)
    return None


def without_leaks(plan: AtomPlan, hidden: Secrets) -> AtomPlan:
    """A plan whose change of a known atom does not repeat the prompt."""
    if plan.same is None or not hidden.are_in(plan.same.title or "", plan.same.content or ""):
        return plan
    return replace(plan, same=replace(plan.same, title=None, content=None))


def _atom_plan(atom: FoundAtom, standings: Sequence[Standing]) -> AtomPlan:
    """A known atom that is refined without anyone saying how is linked, so that nothing of it is lost."""
    merging = [each for each in standings if each.relation == "same" or each.content is not None]
    same = max(merging, key=lambda each: (each.confidence, each.similarity, -each.known.id), default=None)
    return AtomPlan(atom, same, tuple(each for each in standings if each not in merging))


def _standing(match: AtomMatch, known: KnownAtom, similarity: float) -> Standing:
    refines = match.relation == "refines"
    return Standing(
        known=known,
        relation=match.relation,
        confidence=match.confidence,
        similarity=similarity,
        reason=clean(match.reason),
        title=change_of(match.title, known.title) if refines else None,
        content=change_of(match.content, known.content) if refines else None,
    )


def _makes_sense(found: FoundAtom, standing: Standing) -> bool:
    relation, known = standing.relation, standing.known
    if relation == "solves":
        return found.type != known.type and may_compare(found, known)
    if relation == "supersedes":
        return found.type == known.type == "decision"
    return relation != "different" and found.type == known.type
