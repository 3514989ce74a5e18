"""Making, changing and deleting providers: the change, its record and what follows in one transaction."""

from services.analysis.fitness import lacks_model
from services.analysis.lateness import check_unchanged
from services.analysis.repository.agents import agents_using
from services.analysis.repository.configuration import lock_configuration, note_change
from services.analysis.repository.providers import (
    change_provider,
    delete_provider_row,
    find_provider,
    get_provider,
    insert_provider,
    local_provider_is_there,
    provider_named,
)
from services.analysis.repository.validations import claim_validation_run
from services.analysis.settling import settle_change, settle_new
from shared.contracts.analysis import (
    CreateProvider,
    DeleteProvider,
    ProviderChanged,
    ProviderRecord,
    StartValidation,
    UpdateProvider,
    ValidateProvider,
)
from shared.contracts.errors import QueryError
from shared.messaging.transaction import Transaction, transaction
from shared.sealing import SealedKeyError, unseal


async def create(query: CreateProvider) -> ProviderRecord:
    """Make a provider and have it validated; the second time, say how it stands.

    Raises:
        QueryError: `invalid` with the field at fault; `conflict` for a taken name or a second `local`.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        known = await find_provider(tx, query.provider_id)
        if known is not None:
            return known.record
        if query.type == "local" and await local_provider_is_there(tx):
            raise QueryError(
                "conflict", "There is the one local provider already; it came with the installation."
            )
        values = settle_new(query)
        _check_key(query.sealed_key)
        await _check_name(tx, values["name"], query)
        record = (await insert_provider(tx, query.provider_id, values)).record
        await note_change(
            tx, "provider", record.id, record.name, action="created", changed_by=query.changed_by
        )
        tx.send(ValidateProvider(provider_id=record.id), task_id=str(record.id), tracked=True)
        tx.publish(ProviderChanged(provider_id=record.id, provider=record))
        return record


async def update(query: UpdateProvider) -> ProviderRecord:
    """Change what is given, and have the provider validated anew when what is called changed.

    Raises:
        QueryError: `not_found`; `invalid` with the field at fault; `conflict` when the name is taken, or an
            active agent would be left without a model, or it was changed since.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        now = (await get_provider(tx, query.provider_id)).record
        check_unchanged(now.name, now.updated_at, query.unchanged_since)
        change = settle_change(now, query)
        if not change.values and not change.anew:
            return now
        if isinstance(query.sealed_key, str):
            _check_key(query.sealed_key)
        if "name" in change.values:
            await _check_name(tx, change.values["name"], query)
        record = (await change_provider(tx, now.id, change.values, anew=change.anew)).record
        await _check_agents(tx, record)
        fields = ["api_key" if name == "sealed_key" else name for name in change.values]
        await note_change(
            tx,
            "provider",
            record.id,
            record.name,
            action="changed",
            fields=fields,
            changed_by=query.changed_by,
        )
        if change.anew:
            tx.send(ValidateProvider(provider_id=record.id))
        tx.publish(ProviderChanged(provider_id=record.id, provider=record))
        return record


async def delete(query: DeleteProvider) -> None:
    """Delete a provider that nothing uses; one that is gone already stays gone.

    Raises:
        QueryError: `conflict`, for `local`, while agents use it, and when it was changed since.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        found = await find_provider(tx, query.provider_id)
        if found is None:
            return
        record = found.record
        check_unchanged(record.name, record.updated_at, query.unchanged_since)
        if record.type == "local":
            raise QueryError("conflict", "The provider 'local' belongs to the installation and stays.")
        users = [agent.name for agent in await agents_using(tx, record.id)]
        if users:
            named = ", ".join(repr(name) for name in users)
            raise QueryError(
                "conflict", f"Agents use the provider {record.name!r}: {named}. Give them another one first."
            )
        await delete_provider_row(tx, record.id)
        await note_change(
            tx, "provider", record.id, record.name, action="deleted", changed_by=query.changed_by
        )
        tx.publish(ProviderChanged(provider_id=record.id))


async def start_validation(query: StartValidation) -> ProviderRecord:
    """Have a provider validated under this run's id; the second time, nothing more.

    Raises:
        QueryError: `not_found`.
    """
    async with transaction() as tx:
        provider = await get_provider(tx, query.provider_id)
        if await claim_validation_run(tx, query.provider_id, query.run_id):
            tx.send(ValidateProvider(provider_id=query.provider_id), task_id=str(query.run_id), tracked=True)
        return provider.record


def _check_key(sealed_key: str | None) -> None:
    """Refuse a key that whoever calls the provider could not open."""
    if sealed_key is None:
        return
    try:
        unseal(sealed_key)
    except SealedKeyError as error:
        raise QueryError("conflict", f"The key cannot be kept. {error}", field="api_key") from error


async def _check_name(tx: Transaction, name: str, query: CreateProvider | UpdateProvider) -> None:
    other = await provider_named(tx, name, other_than=query.provider_id)
    if other is not None:
        raise QueryError("conflict", f"There is a provider named {other.name!r} already.", field="name")


async def _check_agents(tx: Transaction, record: ProviderRecord) -> None:
    """Refuse a change that takes the model away which an active agent works with."""
    for agent in await agents_using(tx, record.id):
        if agent.active and lacks_model(agent.kind, agent.model, record):
            raise QueryError(
                "conflict",
                f"The active {agent.kind} {agent.name!r} works with this model: give it one of its own, "
                "or activate another agent first.",
            )
