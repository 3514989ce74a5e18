"""Automation rules: what is approved without a person."""

from collections.abc import Sequence

from shared.contracts.knowledge import AtomType
from shared.contracts.revisions import RuleRecord, RuleTarget

_VERSIONS = ("topic_version", "atom_version")
_ATOMS = ("atom", "atom_version")


def decide(
    rules: Sequence[RuleRecord],
    target: RuleTarget,
    *,
    confidence: float | None,
    similarity: float | None = None,
    atom_type: AtomType | None = None,
) -> RuleRecord | None:
    """The rule that approves something; None when a person has to.

    Where several do, it is the one that asks for the most, so that the answer does not depend on their order.

    Args:
        rules: All there are; disabled ones decide nothing.
        target: What is to be approved: a new topic or atom, or a draft of a change to one.
        confidence: 0..1. What has none is never approved by itself.
        similarity: For drafts, 0..1: of what suggested the change to what it changes; None counts as 0.
        atom_type: For atoms and drafts of them.
    """
    fitting = [
        rule
        for rule in rules
        if rule.enabled and rule.applies_to == target and _fits(rule, confidence, similarity, atom_type)
    ]
    return max(
        fitting, key=lambda rule: (rule.min_confidence, rule.min_similarity, rule.id.int), default=None
    )


def refusal(rule: RuleRecord) -> tuple[str, str] | None:
    """Why a rule makes no sense, as the field at fault and a sentence; None when it does."""
    if rule.min_similarity > 0 and rule.applies_to not in _VERSIONS:
        return (
            "min_similarity",
            f"Only versions have a similarity; this rule applies to new {rule.applies_to}s.",
        )
    if rule.atom_types and rule.applies_to not in _ATOMS:
        return "atom_types", "Only atoms have a type; this rule applies to topics."
    return None


def _fits(
    rule: RuleRecord, confidence: float | None, similarity: float | None, atom_type: AtomType | None
) -> bool:
    if confidence is None or confidence < rule.min_confidence:
        return False
    if rule.applies_to in _VERSIONS and (similarity or 0.0) < rule.min_similarity:
        return False
    return not rule.atom_types or atom_type in rule.atom_types
