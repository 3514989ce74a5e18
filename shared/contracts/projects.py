"""What others may know of analysis' projects: what a team works on, what its words mean, what is urgent.

Also of task configs, which say what a run is to produce, and of assignments, which say which agent does.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.analysis import Language, Name, Person
from shared.contracts.base import Query
from shared.contracts.ingestion import PageSize
from shared.contracts.proposals import Priority

_STORABLE = r"^[^\x00]*$"
Word = Annotated[str, Meta(min_length=1, max_length=100, pattern=_STORABLE)]
Words = Annotated[list[Word], Meta(max_length=200)]
ChatIds = Annotated[list[int], Meta(max_length=1000)]
Glossary = Annotated[
    dict[Word, Annotated[str, Meta(max_length=1000, pattern=_STORABLE)]], Meta(max_length=500)
]
Text = Annotated[str, Meta(max_length=10_000, pattern=_STORABLE)]
MinLength = Annotated[int, Meta(ge=0, le=1000)]


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what the team builds.

    Attributes:
        keywords: Words by which a message is about it.
    """

    name: Name
    description: Annotated[str, Meta(max_length=2000, pattern=_STORABLE)] = ""
    keywords: Words = []


class PriorityRule(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal that has one of the words is at least this urgent.

    Attributes:
        keywords: Matched as words, whatever their case.
    """

    keywords: Annotated[list[Word], Meta(min_length=1, max_length=50)]
    priority: Priority


Components = Annotated[list[Component], Meta(max_length=100)]
PriorityRules = Annotated[list[PriorityRule], Meta(max_length=50)]


class ProjectRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a run works for.

    Attributes:
        chat_ids: The chats it is talked about in; empty is all.
        keywords: Messages with none of them are left out; empty leaves none out.
        mentions: Usernames; a message with `@` and one of them passes, whatever its words and length.
        min_length: Shorter messages are left out, in characters.
        glossary: What the team's words mean, by the word.
        version: Grows with each change; a run keeps the project as it was when it began.
    """

    id: UUID
    name: str
    description: str = ""
    language: Language = "uk"
    chat_ids: list[int] = []
    keywords: list[str] = []
    mentions: list[str] = []
    min_length: int = 0
    glossary: dict[str, str] = {}
    components: list[Component] = []
    priority_rules: list[PriorityRule] = []
    version: int = 1
    created_at: datetime
    updated_at: datetime


class TaskConfigRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is to produce beside a proposal's own fields.

    Attributes:
        instructions: Said to the model beside the prompt.
        details_schema: JSON Schema (draft 2020-12) of each proposal's `details`; None asks for none.
    """

    id: UUID
    name: str
    description: str = ""
    instructions: str = ""
    details_schema: dict[str, Any] | None = None
    created_at: datetime
    updated_at: datetime


class AssignmentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which agent does a task config's runs: for one project, or all that have none of their own.

    Attributes:
        project_id: None is every project.
    """

    id: UUID
    task_config_id: UUID
    task_config_name: str
    agent_id: UUID
    agent_name: str
    project_id: UUID | None = None
    project_name: str | None = None
    created_at: datetime


class ProjectPage(msgspec.Struct, frozen=True, kw_only=True):
    """Projects, by name."""

    items: list[ProjectRecord]
    next_cursor: str | None = None


class TaskConfigPage(msgspec.Struct, frozen=True, kw_only=True):
    """Task configs, by name."""

    items: list[TaskConfigRecord]
    next_cursor: str | None = None


class CreateProject(Query[ProjectRecord], subject="analysis.create_project"):
    """Make a project. Asking twice with one id changes nothing.

    `invalid` with the place at fault, for example `components[0].keywords[2]`, also when there is no such
    chat or the project has more than 64 KiB; `conflict` when another one has the name; `unavailable` while
    nobody can say which chats there are.
    """

    project_id: UUID
    name: Name
    description: Text = ""
    language: Language = "uk"
    chat_ids: ChatIds = msgspec.field(default_factory=list)
    keywords: Words = msgspec.field(default_factory=list)
    mentions: Words = msgspec.field(default_factory=list)
    min_length: MinLength = 0
    glossary: Glossary = msgspec.field(default_factory=dict)
    components: Components = msgspec.field(default_factory=list)
    priority_rules: PriorityRules = msgspec.field(default_factory=list)
    changed_by: Person | None = None


class UpdateProject(Query[ProjectRecord], subject="analysis.update_project"):
    """Change the fields that are given. Runs that have begun go on with what they began with.

    Refused as `CreateProject` is; `conflict` also when `version` is given and is not the project's.
    """

    project_id: UUID
    version: int | None = None
    name: Name | msgspec.UnsetType = msgspec.UNSET
    description: Text | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType = msgspec.UNSET
    chat_ids: ChatIds | msgspec.UnsetType = msgspec.UNSET
    keywords: Words | msgspec.UnsetType = msgspec.UNSET
    mentions: Words | msgspec.UnsetType = msgspec.UNSET
    min_length: MinLength | msgspec.UnsetType = msgspec.UNSET
    glossary: Glossary | msgspec.UnsetType = msgspec.UNSET
    components: Components | msgspec.UnsetType = msgspec.UNSET
    priority_rules: PriorityRules | msgspec.UnsetType = msgspec.UNSET
    changed_by: Person | None = None


class DeleteProject(Query[None], subject="analysis.delete_project"):
    """Delete a project that has no runs; `conflict` otherwise. Deleting it twice is harmless.

    `conflict` also when `version` is given and is not the project's.
    """

    project_id: UUID
    changed_by: Person | None = None
    version: int | None = None


class GetProject(Query[ProjectRecord], subject="analysis.get_project"):
    """One project; `not_found` when there is none with this id."""

    project_id: UUID


class ListProjects(Query[ProjectPage], subject="analysis.list_projects"):
    """Projects, by name; a page ends before it exceeds half a mebibyte."""

    cursor: str | None = None
    limit: PageSize = 50


class CreateTaskConfig(Query[TaskConfigRecord], subject="analysis.create_task_config"):
    """Make a task config. Asking twice with one id changes nothing.

    `invalid` when the schema is none, with the place that is wrong; `conflict` when another one has the name.
    """

    task_config_id: UUID
    name: Name
    description: Text = ""
    instructions: Text = ""
    details_schema: dict[str, Any] | None = None
    changed_by: Person | None = None


class UpdateTaskConfig(Query[TaskConfigRecord], subject="analysis.update_task_config"):
    """Change the fields that are given; refused as `CreateTaskConfig` is.

    `conflict` also when `unchanged_since` is given and is not its `updated_at`.
    """

    task_config_id: UUID
    name: Name | msgspec.UnsetType = msgspec.UNSET
    description: Text | msgspec.UnsetType = msgspec.UNSET
    instructions: Text | msgspec.UnsetType = msgspec.UNSET
    details_schema: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    changed_by: Person | None = None
    unchanged_since: datetime | None = None


class DeleteTaskConfig(Query[None], subject="analysis.delete_task_config"):
    """Delete a task config; runs keep what they began with. Deleting it twice is harmless.

    `conflict` when `unchanged_since` is given and is not its `updated_at`.
    """

    task_config_id: UUID
    changed_by: Person | None = None
    unchanged_since: datetime | None = None


class GetTaskConfig(Query[TaskConfigRecord], subject="analysis.get_task_config"):
    """One task config; `not_found` when there is none with this id."""

    task_config_id: UUID


class ListTaskConfigs(Query[TaskConfigPage], subject="analysis.list_task_configs"):
    """Task configs, by name; a page ends before it exceeds half a mebibyte."""

    cursor: str | None = None
    limit: PageSize = 50


class AssignAgent(Query[AssignmentRecord], subject="analysis.assign_agent"):
    """Have an agent do a task config's runs; takes the place of the assignment for the same project, if any.

    Without a project it holds for all that have none of their own.

    Asking twice with one id changes nothing. `invalid` when there is no such agent, task config or project,
    or the agent is not a `task_proposer`.
    """

    assignment_id: UUID
    task_config_id: UUID
    agent_id: UUID
    project_id: UUID | None = None
    changed_by: Person | None = None


class DeleteAssignment(Query[None], subject="analysis.delete_assignment"):
    """Take an assignment away. Deleting it twice is harmless."""

    assignment_id: UUID
    changed_by: Person | None = None


class GetAssignment(Query[AssignmentRecord], subject="analysis.get_assignment"):
    """One assignment; `not_found` when there is none with this id."""

    assignment_id: UUID


class ListAssignments(Query[list[AssignmentRecord]], subject="analysis.list_assignments"):
    """All assignments, by task config and project."""

    task_config_id: UUID | None = None
