"""Projects: what a team works on, what its words mean, and what is urgent."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from services.gateway.etags import (
    IfMatch,
    IfNoneMatch,
    by_version,
    delete_seen,
    edit,
    show,
    version_seen,
)
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_parameters import change_once, person
from services.gateway.routes.parameters import Cursor, IdempotencyKey, Limit
from services.gateway.routes.project_examples import PROJECT
from shared.contracts.analysis import Language, Name
from shared.contracts.projects import (
    ChatIds,
    Components,
    CreateProject,
    DeleteProject,
    GetProject,
    Glossary,
    ListProjects,
    MinLength,
    PriorityRules,
    ProjectPage,
    ProjectRecord,
    Text,
    UpdateProject,
    Words,
)
from shared.messaging.queries import ask


class NewProject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project to make.

    Attributes:
        name: Unique whatever the case.
        language: Of what is proposed.
        chat_ids: The chats it is talked about in, by any id that they have or have had here; empty is all.
        keywords: Messages with none of them are left out; empty leaves none out. Each is found as a word,
            in all its forms: `каса` also in `на касі`.
        mentions: Usernames; a message with `@` and one of them passes, whatever its words and length.
        min_length: Shorter messages are left out, in characters.
        glossary: What the team's words mean, by the word.
        components: The parts of what the team builds; a proposal is told by keywords which it is about.
        priority_rules: A proposal that has one of the words is at least this urgent.
    """

    name: Annotated[Name, Meta(examples=["Каса"])]
    description: Text = ""
    language: Language = "uk"
    chat_ids: ChatIds = []
    keywords: Words = []
    mentions: Words = []
    min_length: MinLength = 0
    glossary: Glossary = {}
    components: Components = []
    priority_rules: PriorityRules = []


class ProjectChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays, and a list that is given takes the place of the one before.

    Attributes:
        version: The version that the change was made on; 409 when there is a later one.
    """

    version: int | None = None
    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    chat_ids: ChatIds | UnsetType = UNSET
    keywords: Words | UnsetType = UNSET
    mentions: Words | UnsetType = UNSET
    min_length: MinLength | UnsetType = UNSET
    glossary: Glossary | UnsetType = UNSET
    components: Components | UnsetType = UNSET
    priority_rules: PriorityRules | UnsetType = UNSET


@get(
    "/",
    summary="List projects",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, ProjectPage, ProjectPage(items=[PROJECT]), "Projects, by name")},
)
async def list_projects(cursor: Cursor = None, limit: Limit = 50) -> ProjectPage:
    """Projects, by name."""
    return await ask(ListProjects(cursor=cursor, limit=limit))


@post(
    "/",
    status_code=201,
    summary="Make a project",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, ProjectRecord, PROJECT, "The project")},
)
async def make_project(
    request: Request[Any, Any, Any], data: JSONBody[NewProject], idempotency_key: IdempotencyKey = None
) -> Response[ProjectRecord]:
    """Make a project. Blanks around words are left out, and of words that differ by case alone all but one.

    422 names the place at fault, for example `components[0].keywords[2]` or `chat_ids[1]` for a chat that is
    not there; 409 when another project has the name.
    """
    del idempotency_key
    by, fields = person(request), msgspec.structs.asdict(data)
    return await change_once(
        request,
        lambda run_id: CreateProject(project_id=run_id, changed_by=by, **fields),
        status=201,
        location=lambda project: f"/api/v1/projects/{project.id}",
    )


@get(
    "/{project_id:uuid}",
    summary="Get a project",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, ProjectRecord, PROJECT, "The project")},
)
async def get_project(
    request: Request[Any, Any, Any], project_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[ProjectRecord]:
    """One project."""
    del if_none_match
    return show(request, await ask(GetProject(project_id=project_id)), by_version)


@patch(
    "/{project_id:uuid}",
    summary="Change a project",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 404, 409, 415),
        **shown(200, ProjectRecord, PROJECT, "The project as it is now"),
    },
)
async def change_project(
    request: Request[Any, Any, Any],
    project_id: FromPath[UUID],
    data: JSONBody[ProjectChange],
    if_match: IfMatch = None,
) -> Response[ProjectRecord]:
    """Change what is given. Runs that have begun go on with the project as it was.

    409 when another project has the name, or `version` is given and the project was changed since.
    """
    del if_match
    by, fields = person(request), msgspec.structs.asdict(data)
    given = fields.pop("version")
    return await edit(
        request,
        GetProject(project_id=project_id),
        by_version,
        lambda seen: UpdateProject(
            project_id=project_id, changed_by=by, version=version_seen(given, seen), **fields
        ),
    )


@delete(
    "/{project_id:uuid}",
    status_code=204,
    summary="Delete a project",
    operation_class=DescribedOperation,
    responses=answers(409),
)
async def delete_project(
    request: Request[Any, Any, Any], project_id: FromPath[UUID], if_match: IfMatch = None
) -> None:
    """Delete a project with the assignments for it. 409 says how many runs it has, which keep it.

    One that is gone already is no error.
    """
    del if_match
    by = person(request)
    await delete_seen(
        request,
        GetProject(project_id=project_id),
        by_version,
        lambda seen: DeleteProject(project_id=project_id, changed_by=by, version=version_seen(None, seen)),
    )


projects_router = Router(
    "/projects",
    route_handlers=[list_projects, make_project, get_project, change_project, delete_project],
    tags=["projects"],
)
