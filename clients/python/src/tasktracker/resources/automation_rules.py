"""AutomationRules of the API, by `client.automation_rules`."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from tasktracker.records.automation_rules import RuleItems, RuleRecord
from tasktracker.resource import Resource, changed, given, segment


class AutomationRules(Resource):
    """What is approved without a person."""

    def list(self) -> RuleItems:
        """List automation rules.

        All automation rules, with how many of their approvals stand.
        """
        return self._ask("GET", "/api/v1/automation-rules", RuleItems)

    def create(
        self,
        *,
        name: str,
        applies_to: Literal["topic", "atom", "topic_version", "atom_version"],
        min_confidence: float,
        min_similarity: float | None = None,
        atom_types: Sequence[
            Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        ]
        | None = None,
        enabled: bool | None = None,
        idempotency_key: str | None = None,
    ) -> RuleRecord:
        """Make an automation rule.

        Make a rule that approves what is sure enough: from now on, and what waits already.

        What a person has decided, or has put back among what waits, is never approved by a rule.

        Args:
            name: Unique whatever the case.
            applies_to: `topic` and `atom` are new ones, `topic_version` and `atom_version` drafts of
                changes.
            min_confidence: At least this, 0 to 1.
            min_similarity: At least this, 0 to 1; for versions alone.
            atom_types: Only these, for atoms alone; empty for all.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/automation-rules",
            RuleRecord,
            body=given(
                {
                    "name": name,
                    "applies_to": applies_to,
                    "min_confidence": min_confidence,
                    "min_similarity": min_similarity,
                    "atom_types": atom_types,
                    "enabled": enabled,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def change(
        self,
        rule_id: UUID | str,
        *,
        name: str | UnsetType = UNSET,
        min_confidence: float | UnsetType = UNSET,
        min_similarity: float | UnsetType = UNSET,
        atom_types: Sequence[
            Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        ]
        | UnsetType = UNSET,
        enabled: bool | UnsetType = UNSET,
    ) -> RuleRecord:
        """Change an automation rule.

        Change what is given. An enabled rule then approves what waits, too; what it approved stays.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/automation-rules/{segment(rule_id)}",
            RuleRecord,
            body=changed(
                {
                    "name": name,
                    "min_confidence": min_confidence,
                    "min_similarity": min_similarity,
                    "atom_types": atom_types,
                    "enabled": enabled,
                }
            ),
        )

    def delete(self, rule_id: UUID | str) -> None:
        """Delete an automation rule.

        Delete a rule; what it approved stays. One that is gone already is no error.
        """
        self._tell("DELETE", f"/api/v1/automation-rules/{segment(rule_id)}")
