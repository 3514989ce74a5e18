"""Assignments: which agent does a task config's runs."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_parameters import change, change_once, person
from services.gateway.routes.parameters import IdempotencyKey
from services.gateway.routes.project_examples import ASSIGNMENT
from shared.contracts.projects import (
    AssignAgent,
    AssignmentRecord,
    DeleteAssignment,
    GetAssignment,
    ListAssignments,
)
from shared.messaging.queries import ask


class NewAssignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An assignment to make.

    Attributes:
        agent_id: An agent of the kind `task_proposer`.
        project_id: For this project alone; without one, for all that have none of their own.
    """

    task_config_id: UUID
    agent_id: UUID
    project_id: UUID | None = None


class AssignmentItems(msgspec.Struct, frozen=True, kw_only=True):
    """All assignments, by task config and project."""

    items: list[AssignmentRecord]
    next_cursor: str | None = None


@get(
    "/",
    summary="List assignments",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, AssignmentItems, AssignmentItems(items=[ASSIGNMENT]), "By task config and project"),
    },
)
async def list_assignments(
    task_config_id: Annotated[
        UUID | None, QueryParameter(description="Only those of this task config.")
    ] = None,
) -> AssignmentItems:
    """All assignments; of a task config the one for all projects first."""
    return AssignmentItems(items=await ask(ListAssignments(task_config_id=task_config_id)))


@post(
    "/",
    status_code=201,
    summary="Assign an agent",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, AssignmentRecord, ASSIGNMENT, "The assignment")},
)
async def assign_agent(
    request: Request[Any, Any, Any], data: JSONBody[NewAssignment], idempotency_key: IdempotencyKey = None
) -> Response[AssignmentRecord]:
    """Have an agent do a task config's runs, in place of the one that does them for the same project now.

    422 names what is not there, or an agent that proposes no tasks.
    """
    del idempotency_key
    by, fields = person(request), msgspec.structs.asdict(data)
    return await change_once(
        request,
        lambda run_id: AssignAgent(assignment_id=run_id, changed_by=by, **fields),
        status=201,
        location=lambda assignment: f"/api/v1/assignments/{assignment.id}",
    )


@get(
    "/{assignment_id:uuid}",
    summary="Get an assignment",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, AssignmentRecord, ASSIGNMENT, "The assignment")},
)
async def get_assignment(assignment_id: FromPath[UUID]) -> AssignmentRecord:
    """One assignment. It is never changed: another one takes its place."""
    return await ask(GetAssignment(assignment_id=assignment_id))


@delete(
    "/{assignment_id:uuid}",
    status_code=204,
    summary="Take an assignment away",
    operation_class=DescribedOperation,
    responses=answers(),
)
async def delete_assignment(request: Request[Any, Any, Any], assignment_id: FromPath[UUID]) -> None:
    """Take an assignment away. One that is gone already is no error."""
    await change(request, DeleteAssignment(assignment_id=assignment_id, changed_by=person(request)))


assignments_router = Router(
    "/assignments",
    route_handlers=[list_assignments, assign_agent, get_assignment, delete_assignment],
    tags=["assignments"],
)
