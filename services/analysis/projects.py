"""Making, changing and deleting projects."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from services.analysis.lateness import check_version
from services.analysis.project_settling import check_chats, check_size, settle_project
from services.analysis.repository.configuration import lock_configuration, note_change
from services.analysis.repository.projects import (
    change_project,
    count_runs,
    delete_project_row,
    find_project,
    get_project,
    insert_project,
    project_named,
)
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import ListChats
from shared.contracts.projects import CreateProject, DeleteProject, ProjectRecord, UpdateProject
from shared.messaging.queries import ask
from shared.messaging.transaction import Transaction, transaction

_WRITTEN = (
    "name",
    "description",
    "language",
    "chat_ids",
    "keywords",
    "mentions",
    "min_length",
    "glossary",
    "components",
    "priority_rules",
)
_CHATS_TIMEOUT = 3.0
"""Seconds: less than whoever asks us waits, who so hears what is away."""


async def create(query: CreateProject) -> ProjectRecord:
    """Make a project. The second time, say how it stands.

    Raises:
        QueryError: As the contract says.
    """
    async with transaction() as tx:
        known = await find_project(tx, query.project_id)
    if known is not None:
        return known
    values = settle_project({name: getattr(query, name) for name in _WRITTEN})
    check_size(values, _WRITTEN)
    await _check_chats(values)
    async with transaction() as tx:
        await lock_configuration(tx)
        known = await find_project(tx, query.project_id)
        if known is not None:
            return known
        await _check_name(tx, values["name"], query.project_id)
        project = await insert_project(tx, query.project_id, values)
        await note_change(
            tx, "project", project.id, project.name, action="created", changed_by=query.changed_by
        )
        return project


async def update(query: UpdateProject) -> ProjectRecord:
    """Change what is given; nothing that is as it was makes a version.

    Raises:
        QueryError: As the contract says.
    """
    given = {name: value for name in _WRITTEN if (value := getattr(query, name)) is not msgspec.UNSET}
    settled = settle_project(given)
    await _check_chats(settled)
    async with transaction() as tx:
        await lock_configuration(tx)
        now = await get_project(tx, query.project_id)
        check_version(now.name, now.version, query.version)
        values = {name: value for name, value in settled.items() if value != getattr(now, name)}
        if not values:
            return now
        check_size({name: getattr(now, name) for name in _WRITTEN} | values, values)
        if "name" in values:
            await _check_name(tx, values["name"], now.id)
        project = await change_project(tx, now.id, values)
        await note_change(
            tx,
            "project",
            project.id,
            project.name,
            action="changed",
            fields=values,
            changed_by=query.changed_by,
        )
        return project


async def delete(query: DeleteProject) -> None:
    """Delete a project that has no runs; one that is gone already stays gone.

    Raises:
        QueryError: `conflict`, with how many runs it has, or when it was changed since.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        project = await find_project(tx, query.project_id)
        if project is None:
            return
        check_version(project.name, project.version, query.version)
        runs = await count_runs(tx, project.id)
        if runs:
            counted = "1 run" if runs == 1 else f"{runs} runs"
            raise QueryError(
                "conflict", f"{project.name!r} has {counted}, and stays, as what came of them does."
            )
        await delete_project_row(tx, project.id)
        await note_change(
            tx, "project", project.id, project.name, action="deleted", changed_by=query.changed_by
        )


async def _check_chats(values: Mapping[str, Any]) -> None:
    """Refuse chats that there are not; outside of any transaction, as another service is asked."""
    if values.get("chat_ids"):
        chats = await ask(ListChats(), timeout=_CHATS_TIMEOUT)
        check_chats(values["chat_ids"], chats)


async def _check_name(tx: Transaction, name: str, project_id: UUID) -> None:
    other = await project_named(tx, name, other_than=project_id)
    if other is not None:
        raise QueryError("conflict", f"There is a project named {other!r} already.", field="name")
