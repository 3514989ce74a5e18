"""Which automation rule approves what."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.knowledge.rules import decide, refusal
from shared.contracts.revisions import RuleRecord


def rule(number: int = 1, **fields: Any) -> RuleRecord:
    given = {
        "id": UUID(int=number),
        "name": f"rule {number}",
        "enabled": True,
        "applies_to": "atom",
        "min_confidence": 0.8,
        "min_similarity": 0.0,
        "atom_types": [],
        "created_by": "Олена",
        "created_at": datetime(2026, 10, 5, tzinfo=UTC),
    }
    return msgspec.convert(given | fields, RuleRecord)


@pytest.mark.parametrize(("confidence", "approves"), [(0.79, False), (0.8, True), (1.0, True), (None, False)])
def test_a_rule_approves_from_its_confidence_on(confidence: float | None, *, approves: bool) -> None:
    assert (decide([rule()], "atom", confidence=confidence) is not None) is approves


def test_a_disabled_rule_decides_nothing() -> None:
    assert decide([rule(enabled=False)], "atom", confidence=1.0) is None


@pytest.mark.parametrize("target", ["topic", "topic_version", "atom_version"])
def test_a_rule_decides_only_what_it_applies_to(target: Any) -> None:
    assert decide([rule()], target, confidence=1.0, similarity=1.0, atom_type="decision") is None


@pytest.mark.parametrize(("similarity", "approves"), [(None, False), (0.89, False), (0.9, True)])
def test_a_draft_has_to_be_similar_enough(similarity: float | None, *, approves: bool) -> None:
    rules = [rule(applies_to="topic_version", min_similarity=0.9)]
    found = decide(rules, "topic_version", confidence=0.9, similarity=similarity)
    assert (found is not None) is approves


def test_a_draft_without_similarity_is_approved_by_a_rule_that_asks_for_none() -> None:
    assert decide([rule(applies_to="atom_version")], "atom_version", confidence=0.9) is not None


def test_only_atoms_of_the_rules_types_are_approved() -> None:
    rules = [rule(atom_types=["decision", "requirement"])]
    assert decide(rules, "atom", confidence=1.0, atom_type="decision") is not None
    assert decide(rules, "atom", confidence=1.0, atom_type="question") is None
    assert decide(rules, "atom", confidence=1.0) is None


def test_the_rule_that_asks_for_the_most_decides_in_whatever_order_they_come() -> None:
    rules = [rule(1, min_confidence=0.5), rule(2, min_confidence=0.8), rule(3, min_confidence=0.95)]
    for order in (rules, rules[::-1]):
        found = decide(order, "atom", confidence=0.9)
        assert found is not None
        assert found.id == UUID(int=2)


def test_no_rules_decide_nothing() -> None:
    assert decide([], "topic", confidence=1.0) is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"applies_to": "atom", "min_similarity": 0.5}, "min_similarity"),
        ({"applies_to": "topic", "atom_types": ["decision"]}, "atom_types"),
        ({"applies_to": "topic_version", "atom_types": ["decision"]}, "atom_types"),
    ],
)
def test_a_rule_that_asks_for_what_its_targets_do_not_have_is_refused(
    fields: dict[str, Any], field: str
) -> None:
    found = refusal(rule(**fields))
    assert found is not None
    assert found[0] == field


def test_a_rule_for_drafts_of_atoms_may_ask_for_everything() -> None:
    assert refusal(rule(applies_to="atom_version", min_similarity=0.5, atom_types=["decision"])) is None
