"""Automation rules: what is approved without a person."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_examples import RULE
from services.gateway.routes.knowledge_parameters import change, change_once, person
from services.gateway.routes.parameters import IdempotencyKey
from shared.contracts.knowledge import AtomType, Confidence
from shared.contracts.revisions import (
    CreateRule,
    DeleteRule,
    ListRules,
    RuleName,
    RuleRecord,
    RuleTarget,
    UpdateRule,
)
from shared.messaging.queries import ask

AtomTypes = Annotated[list[AtomType], Meta(max_length=20)]


class NewRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An automation rule to make.

    Attributes:
        name: Unique whatever the case.
        applies_to: `topic` and `atom` are new ones, `topic_version` and `atom_version` drafts of changes.
        min_confidence: At least this, 0 to 1.
        min_similarity: At least this, 0 to 1; for versions alone.
        atom_types: Only these, for atoms alone; empty for all.
    """

    name: Annotated[RuleName, Meta(examples=["Певні рішення"])]
    applies_to: RuleTarget
    min_confidence: Confidence
    min_similarity: Confidence = 0.0
    atom_types: AtomTypes = []
    enabled: bool = True


class RuleChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays."""

    name: RuleName | UnsetType = UNSET
    min_confidence: Confidence | UnsetType = UNSET
    min_similarity: Confidence | UnsetType = UNSET
    atom_types: AtomTypes | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class RuleItems(msgspec.Struct, frozen=True, kw_only=True):
    """All automation rules, by name."""

    items: list[RuleRecord]
    next_cursor: str | None = None


@get(
    "/",
    summary="List automation rules",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, RuleItems, RuleItems(items=[RULE]), "Rules, by name")},
)
async def list_rules() -> RuleItems:
    """All automation rules, with how many of their approvals stand."""
    return RuleItems(items=await ask(ListRules()))


@post(
    "/",
    status_code=201,
    summary="Make an automation rule",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, RuleRecord, RULE, "The rule")},
)
async def make_rule(
    request: Request[Any, Any, Any], data: JSONBody[NewRule], idempotency_key: IdempotencyKey = None
) -> Response[RuleRecord]:
    """Make a rule that approves what is sure enough: from now on, and what waits already.

    What a person has decided, or has put back among what waits, is never approved by a rule.
    """
    del idempotency_key
    by, fields = person(request), msgspec.structs.asdict(data)
    return await change_once(request, lambda run_id: CreateRule(rule_id=run_id, by=by, **fields), status=201)


@patch(
    "/{rule_id:uuid}",
    summary="Change an automation rule",
    operation_class=DescribedOperation,
    responses={**answers(400, 404, 409, 415), **shown(200, RuleRecord, RULE, "The rule as it is now")},
)
async def change_rule(
    request: Request[Any, Any, Any], rule_id: FromPath[UUID], data: JSONBody[RuleChange]
) -> RuleRecord:
    """Change what is given. An enabled rule then approves what waits, too; what it approved stays."""
    query = UpdateRule(rule_id=rule_id, by=person(request), **msgspec.structs.asdict(data))
    return await change(request, query)


@delete(
    "/{rule_id:uuid}",
    status_code=204,
    summary="Delete an automation rule",
    operation_class=DescribedOperation,
    responses=answers(),
)
async def delete_rule(request: Request[Any, Any, Any], rule_id: FromPath[UUID]) -> None:
    """Delete a rule; what it approved stays. One that is gone already is no error."""
    await change(request, DeleteRule(rule_id=rule_id, by=person(request)))


rules_router = Router(
    "/automation-rules",
    route_handlers=[list_rules, make_rule, change_rule, delete_rule],
    tags=["automation rules"],
)
