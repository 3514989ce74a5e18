"""What knowledge answers about automation rules."""

from typing import Any

import msgspec

from services.knowledge.given import one_line
from services.knowledge.repository.changes import add_changes
from services.knowledge.repository.rules import (
    change_rule,
    count_rules,
    delete_rule,
    insert_rule,
    list_rules,
    lock_rule,
    rule_record,
)
from services.knowledge.rules import refusal
from shared.contracts.errors import QueryError, not_found
from shared.contracts.revisions import ApplyRule, CreateRule, DeleteRule, ListRules, RuleRecord, UpdateRule
from shared.messaging.transaction import Transaction, transaction

MOST_RULES = 200
"""All of them are read whenever an extraction saves, and listed in one answer."""

_CHANGEABLE = ("name", "min_confidence", "min_similarity", "atom_types", "enabled")


async def every_rule(_query: ListRules) -> list[RuleRecord]:
    """All automation rules, by name."""
    async with transaction() as tx:
        return await list_rules(tx)


async def create_rule(query: CreateRule) -> RuleRecord:
    """Make a rule and have it approve what waits; the second time, say how it stands."""
    rule = msgspec.structs.replace(query, name=one_line(query.name, "name"))
    async with transaction() as tx:
        if await insert_rule(tx, rule):
            made = await rule_record(tx, rule.rule_id)
            _refuse_nonsense(made)
            await _refuse_too_many(tx)
            await add_changes(tx, "rule", [None], "created", by=query.by, rule_id=rule.rule_id)
            if made.enabled:
                tx.send(ApplyRule(rule_id=rule.rule_id))
        return await rule_record(tx, rule.rule_id)


async def update_rule(query: UpdateRule) -> RuleRecord:
    """Change a rule and have it approve what waits; asked a second time it changes nothing."""
    given = {name: value for name in _CHANGEABLE if (value := getattr(query, name)) is not msgspec.UNSET}
    if "name" in given:
        given["name"] = one_line(given["name"], "name")
    async with transaction() as tx:
        before = await lock_rule(tx, query.rule_id)
        if before is None:
            raise not_found(f"automation rule {query.rule_id}")
        changed: dict[str, Any] = {
            name: value for name, value in given.items() if value != getattr(before, name)
        }
        if changed:
            after = msgspec.structs.replace(before, **changed)
            _refuse_nonsense(after)
            await change_rule(tx, query.rule_id, **changed)
            await add_changes(
                tx, "rule", [None], "edited", by=query.by, rule_id=query.rule_id, details=changed
            )
            if after.enabled and set(changed) != {"name"}:
                tx.send(ApplyRule(rule_id=query.rule_id))
        return await rule_record(tx, query.rule_id)


async def remove_rule(query: DeleteRule) -> None:
    """Delete a rule; asked a second time it changes nothing."""
    async with transaction() as tx:
        name = await delete_rule(tx, query.rule_id)
        if name is not None:
            details = {"name": name}
            await add_changes(
                tx, "rule", [None], "deleted", by=query.by, rule_id=query.rule_id, details=details
            )


async def _refuse_too_many(tx: Transaction) -> None:
    if await count_rules(tx) > MOST_RULES:
        raise QueryError(
            "conflict", f"There are {MOST_RULES} automation rules already: delete one that is of no more use."
        )


def _refuse_nonsense(rule: RuleRecord) -> None:
    at_fault = refusal(rule)
    if at_fault is not None:
        raise QueryError("invalid", at_fault[1], field=at_fault[0])
