"""What becomes of what was found: only what was asked can be answered, and nothing is transitive."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from services.knowledge.atom_plans import AtomPlan, atom_plans, atom_question, without_leaks, word_for_word
from services.knowledge.known import KnownAtom, KnownTopic, Near
from services.knowledge.matches import AtomMatch, AtomMatches, AtomText, TopicMatch, TopicMatches
from services.knowledge.topic_plans import TopicPlan, topic_plans, topic_question
from services.knowledge.verification import FoundAtom, FoundTopic, Proof
from shared.evidence.leaks import Secrets

AT = datetime(2026, 10, 5, tzinfo=UTC)
LONG = "Тут стоять слова, які модель мала знати лише для себе і нікому не казати"


def found_atom(content: str, kind: Any = "insight") -> FoundAtom:
    return FoundAtom(kind, "Черга", content[:20], content, 0.9, (Proof(1, content),))


def known_atom(number: int, content: str, kind: Any = "insight") -> KnownAtom:
    return KnownAtom(number, kind, content[:20], content, "approved", AT)


def plans(
    found: Sequence[FoundAtom], known: Sequence[KnownAtom], near: Sequence[Sequence[int]], *matches: AtomMatch
) -> list[AtomPlan]:
    """Plans by an answer; `near` are the ids near to each found atom."""
    by_id = {each.id: each for each in known}
    neighbours = [[Near(number, 0.9) for number in ids] for ids in near]
    said = [
        AtomText(number=number, type=each.type, title=each.title, content=each.content, said_at=AT)
        for number, each in enumerate(found, start=1)
    ]
    question, ids = atom_question(found, neighbours, by_id, said)
    return atom_plans(found, question, AtomMatches(matches=list(matches)), by_id, ids)


def match(
    found: int, known: int, relation: Any = "same", confidence: float = 0.9, **fields: Any
) -> AtomMatch:
    given = {"title": None, "content": None, "reason": ""} | fields
    return AtomMatch(found=found, known=known, relation=relation, confidence=confidence, **given)


def same(plan: AtomPlan) -> int | None:
    return plan.same.known.id if plan.same is not None else None


def test_atom_of_two_known_ones_is_the_one_that_is_surer() -> None:
    known = [known_atom(10, "перша"), known_atom(20, "друга")]
    (plan,) = plans([found_atom("третя")], known, [[10, 20]], match(1, 1, confidence=0.7), match(1, 2))
    assert same(plan) == 20
    assert plan.links == ()


def test_two_found_atoms_may_be_one_known_atom_each_by_itself() -> None:
    found = [found_atom("перша"), found_atom("друга")]
    made = plans(found, [known_atom(10, "третя")], [[10], []], match(1, 1), match(2, 1))
    assert [same(plan) for plan in made] == [10, None]


def test_pair_that_was_not_asked_about_or_answered_twice_counts_as_first_said() -> None:
    known = [known_atom(10, "перша")]
    (plan,) = plans(
        [found_atom("друга")],
        known,
        [[10]],
        match(1, 7),
        match(5, 1),
        match(1, 1, "contradicts"),
        match(1, 1, "same"),
    )
    assert same(plan) is None
    assert [(each.known.id, each.relation) for each in plan.links] == [(10, "contradicts")]


@pytest.mark.parametrize(
    ("kind", "known_kind", "relation", "counts"),
    [
        ("solution", "problem", "solves", True),
        ("decision", "question", "solves", True),
        ("solution", "problem", "same", False),
        ("insight", "insight", "solves", False),
        ("decision", "decision", "supersedes", True),
        ("insight", "insight", "supersedes", False),
        ("insight", "insight", "contradicts", True),
        ("insight", "insight", "different", False),
    ],
)
def test_relation_counts_only_between_atoms_where_it_makes_sense(
    kind: str,
    known_kind: str,
    relation: str,
    counts: bool,  # noqa: FBT001 - a case of the table
) -> None:
    (plan,) = plans(
        [found_atom("одна", kind)], [known_atom(10, "друга", known_kind)], [[10]], match(1, 1, relation)
    )
    assert bool(plan.same or plan.links) is counts


def test_atoms_that_cannot_be_related_are_not_asked_about() -> None:
    known = {10: known_atom(10, "друга", "question")}
    said = [AtomText(number=1, type="insight", title="", content="одна", said_at=AT)]
    question, ids = atom_question([found_atom("одна")], [[Near(10, 0.9)]], known, said)
    assert (question.found, question.known, question.pairs, ids) == ([], [], [], [])


def test_refinement_without_words_is_a_link_so_that_nothing_is_lost() -> None:
    known = [known_atom(10, "Черга стоїть.")]
    (bare,) = plans([found_atom("одна")], known, [[10]], match(1, 1, "refines"))
    (unchanged,) = plans(
        [found_atom("одна")], known, [[10]], match(1, 1, "refines", content=" черга  стоїть ")
    )
    (refined,) = plans(
        [found_atom("одна")], known, [[10]], match(1, 1, "refines", content="Черга стоїть годину.")
    )
    assert [each.relation for each in (*bare.links, *unchanged.links)] == ["refines", "refines"]
    assert refined.same is not None
    assert refined.same.content == "Черга стоїть годину."


def test_words_for_another_relation_than_refining_change_nothing() -> None:
    (plan,) = plans(
        [found_atom("одна")], [known_atom(10, "друга")], [[10]], match(1, 1, "same", content="Щось інше.")
    )
    assert plan.same is not None
    assert plan.same.content is None


def test_same_words_of_the_same_type_need_no_answer() -> None:
    known = {10: known_atom(10, "Черга стоїть.", "problem"), 20: known_atom(20, "черга  стоїть")}
    near = [Near(10, 0.99), Near(20, 0.98)]
    standing = word_for_word(found_atom("Черга стоїть."), near, known)
    assert standing is not None
    assert standing.known.id == 20
    assert word_for_word(found_atom("Черга не стоїть."), near, known) is None


def test_change_that_repeats_the_prompt_is_dropped() -> None:
    (plan,) = plans(
        [found_atom("одна")], [known_atom(10, "друга")], [[10]], match(1, 1, "refines", content=LONG)
    )
    assert plan.same is not None
    kept = without_leaks(plan, Secrets.of(["інше"])).same
    hidden = without_leaks(plan, Secrets.of([LONG])).same
    assert kept is not None
    assert hidden is not None
    assert (kept.content, hidden.content) == (LONG, None)


def found_topic(name: str) -> FoundTopic:
    return FoundTopic(name, "Опис.", "📦", 0.9)


def matched(*matches: TopicMatch) -> list[TopicPlan]:
    """Plans for two found topics; the first is near to the known 10 and 20, the second to none."""
    found = [found_topic("Черги"), found_topic("Обробник")]
    known = {10: KnownTopic(10, "Черга", "", "approved"), 20: KnownTopic(20, "Пам'ять", "", "approved")}
    near = [[Near(10, 0.9), Near(20, 0.5), Near(30, 0.4)], []]
    question, ids = topic_question(found, near, known)
    assert [each.name for each in question.found] == ["Черги"]
    assert [(pair.found, pair.known, pair.similarity) for pair in question.pairs] == [
        (1, 1, 0.9),
        (1, 2, 0.5),
    ]
    return topic_plans(found, question, TopicMatches(matches=list(matches)), known, ids)


def topic_match(found: int, known: int | None, confidence: float = 0.9) -> TopicMatch:
    return TopicMatch(found=found, known=known, confidence=confidence, description="Опис черги.")


def test_topic_is_the_known_one_that_was_asked_about() -> None:
    first, second = matched(topic_match(1, 2), topic_match(1, 1), topic_match(2, 1))
    assert first.known is not None
    assert (first.known.id, first.description, first.similarity) == (20, "Опис черги.", 0.5)
    assert second.known is None


@pytest.mark.parametrize(
    "answer", [topic_match(1, None), topic_match(1, 3), topic_match(1, 1, 0.5), topic_match(9, 1)]
)
def test_topic_is_new_without_a_sure_answer_about_it(answer: TopicMatch) -> None:
    assert [plan.known for plan in matched(answer)] == [None, None]


def test_secrets_are_runs_of_seven_words_whatever_stands_between() -> None:
    secrets = Secrets.of(["One two three four five six seven eight"])
    assert secrets.are_in("", "…TWO, three: four-five six\nseven; eight!")
    assert not secrets.are_in("one two three four five six and seven")
    assert not secrets.besides(["two three four five six seven eight"]).are_in(
        "two three four five six seven eight"
    )
