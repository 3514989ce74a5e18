"""Providers: their rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, delete, func, insert, select, update

from services.analysis.tables import LlmProvider
from shared.contracts.analysis import Prices, ProviderAccess, ProviderRecord
from shared.contracts.errors import not_found
from shared.messaging.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider with what only its own service knows.

    Attributes:
        record: What everyone may know.
        sealed_key: Its API key, encrypted.
        revision: Grows when what is called changes.
    """

    record: ProviderRecord
    sealed_key: str | None
    revision: int

    @property
    def access(self) -> ProviderAccess:
        """The provider as those who call it need it."""
        return ProviderAccess(provider=self.record, sealed_key=self.sealed_key)


async def find_provider(tx: Transaction, provider_id: UUID) -> Provider | None:
    """The provider with this id."""
    row = (await tx.execute(_select().where(LlmProvider.id == provider_id))).first()
    return None if row is None else _provider(row)


async def get_provider(tx: Transaction, provider_id: UUID) -> Provider:
    """The provider with this id.

    Raises:
        QueryError: `not_found`.
    """
    found = await find_provider(tx, provider_id)
    if found is None:
        raise not_found(f"provider {provider_id}")
    return found


async def all_providers(tx: Transaction) -> list[Provider]:
    """All providers, by name."""
    statement = _select().order_by(func.lower(LlmProvider.name), LlmProvider.id)
    return [_provider(row) for row in await tx.execute(statement)]


async def provider_named(tx: Transaction, name: str, *, other_than: UUID) -> ProviderRecord | None:
    """Another provider that has this name, in whatever case."""
    statement = _select().where(
        func.lower(LlmProvider.name) == func.lower(name), LlmProvider.id != other_than
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else _provider(row).record


async def local_provider_is_there(tx: Transaction) -> bool:
    """Whether there is a provider of the type `local`."""
    return (await tx.execute(select(LlmProvider.id).where(LlmProvider.type == "local"))).first() is not None


async def insert_provider(tx: Transaction, provider_id: UUID, values: Mapping[str, Any]) -> Provider:
    """Keep a new provider, not validated yet."""
    await tx.execute(insert(LlmProvider).values(id=provider_id, **_columns(values)))
    return await get_provider(tx, provider_id)


async def change_provider(
    tx: Transaction, provider_id: UUID, values: Mapping[str, Any], *, anew: bool
) -> Provider:
    """Keep what a person changed.

    Args:
        tx: The transaction.
        provider_id: Which provider.
        values: The columns that change.
        anew: It is to be validated anew: what validations under way find is not kept.
    """
    columns = _columns(values) | {"updated_at": func.now()}
    if anew:
        columns |= {
            "revision": LlmProvider.revision + 1,
            "validation_status": "pending",
            "validation_error": None,
        }
    await tx.execute(update(LlmProvider).where(LlmProvider.id == provider_id).values(columns))
    return await get_provider(tx, provider_id)


async def delete_provider_row(tx: Transaction, provider_id: UUID) -> None:
    """Delete a provider that no agent uses."""
    await tx.execute(delete(LlmProvider).where(LlmProvider.id == provider_id))


def _select() -> Select[Any]:
    return select(*LlmProvider.__table__.columns)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a provider as its columns hold them."""
    columns = dict(values)
    if "prices" in columns:
        columns["prices"] = msgspec.to_builtins(columns["prices"])
    return columns


def _provider(row: Any) -> Provider:
    record = ProviderRecord(
        id=row.id,
        name=row.name,
        type=row.type,
        base_url=row.base_url,
        has_api_key=row.sealed_key is not None,
        chat_model=row.chat_model,
        document_model=row.document_model,
        query_model=row.query_model,
        dimension=row.dimension,
        max_concurrency=row.max_concurrency,
        timeout_seconds=row.timeout_seconds,
        prices=msgspec.convert(row.prices, Prices),
        basic_mode=row.type == "local",
        validation_status=row.validation_status,
        validation_error=row.validation_error,
        validated_at=row.validated_at,
        activate=row.activate,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
    return Provider(record, row.sealed_key, row.revision)
