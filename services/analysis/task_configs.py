"""Making, changing and deleting task configs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from services.analysis.details import check_schema
from services.analysis.lateness import check_unchanged
from services.analysis.repository.configuration import lock_configuration, note_change
from services.analysis.repository.task_configs import (
    change_task_config,
    delete_task_config_row,
    find_task_config,
    get_task_config,
    insert_task_config,
    task_config_named,
)
from services.analysis.settling import clean_line
from shared.contracts.errors import QueryError
from shared.contracts.projects import CreateTaskConfig, DeleteTaskConfig, TaskConfigRecord, UpdateTaskConfig
from shared.messaging.transaction import Transaction, transaction

_WRITTEN = ("name", "description", "instructions", "details_schema")


async def create(query: CreateTaskConfig) -> TaskConfigRecord:
    """Make a task config. The second time, say how it stands.

    Raises:
        QueryError: As the contract says.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        known = await find_task_config(tx, query.task_config_id)
        if known is not None:
            return known
        values = _settled({name: getattr(query, name) for name in _WRITTEN})
        await _check_name(tx, values["name"], query.task_config_id)
        config = await insert_task_config(tx, query.task_config_id, values)
        await note_change(
            tx, "task_config", config.id, config.name, action="created", changed_by=query.changed_by
        )
        return config


async def update(query: UpdateTaskConfig) -> TaskConfigRecord:
    """Change what is given.

    Raises:
        QueryError: As the contract says.
    """
    given = {name: value for name in _WRITTEN if (value := getattr(query, name)) is not msgspec.UNSET}
    async with transaction() as tx:
        await lock_configuration(tx)
        now = await get_task_config(tx, query.task_config_id)
        check_unchanged(now.name, now.updated_at, query.unchanged_since)
        values = {name: value for name, value in _settled(given).items() if value != getattr(now, name)}
        if not values:
            return now
        if "name" in values:
            await _check_name(tx, values["name"], now.id)
        config = await change_task_config(tx, now.id, values)
        await note_change(
            tx,
            "task_config",
            config.id,
            config.name,
            action="changed",
            fields=values,
            changed_by=query.changed_by,
        )
        return config


async def delete(query: DeleteTaskConfig) -> None:
    """Delete a task config with its assignments; one that is gone already stays gone.

    Raises:
        QueryError: `conflict` when it was changed since.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        config = await find_task_config(tx, query.task_config_id)
        if config is None:
            return
        check_unchanged(config.name, config.updated_at, query.unchanged_since)
        await delete_task_config_row(tx, config.id)
        await note_change(
            tx, "task_config", config.id, config.name, action="deleted", changed_by=query.changed_by
        )


def _settled(values: Mapping[str, Any]) -> dict[str, Any]:
    settled = dict(values)
    if "name" in settled:
        settled["name"] = clean_line("name", settled["name"])
    for field in ("description", "instructions"):
        if field in settled:
            settled[field] = settled[field].strip()
    if settled.get("details_schema") is not None:
        check_schema(settled["details_schema"])
    return settled


async def _check_name(tx: Transaction, name: str, task_config_id: UUID) -> None:
    other = await task_config_named(tx, name, other_than=task_config_id)
    if other is not None:
        raise QueryError("conflict", f"There is a task config named {other!r} already.", field="name")
