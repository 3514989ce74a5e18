"""Who changed what: the audit log."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from services.gateway.access import SCOPE
from services.gateway.audit_records import AuditRecord
from services.gateway.auth import DATABASE_ERRORS
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.parameters import EXAMPLE_RUN, Cursor, Limit, in_utc
from services.gateway.stores import audit as audit_store
from shared.contracts.errors import unavailable
from shared.database.cursors import TimeAndId, read_cursor, write_cursor
from shared.messaging.transaction import transaction

_AT = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)
_ENTRY = AuditRecord(
    id=4711,
    at=_AT,
    kind="change",
    key_id=UUID("0b1f6b2c-8d3f-4c55-a3a9-c1d2e3f40516"),
    key_name="dashboard",
    method="POST",
    route="/api/v1/scoring/runs",
    path="/api/v1/scoring/runs",
    address="192.0.2.7",
    attempts=1,
    status=202,
    run_id=EXAMPLE_RUN,
    ended_at=_AT,
)


class AuditItems(msgspec.Struct, frozen=True, kw_only=True):
    """Entries, newest first."""

    items: list[AuditRecord]
    next_cursor: str | None = None


ByKey = Annotated[UUID | None, QueryParameter(description="Only what was done with this key, by its id.")]
ByRoute = Annotated[
    str | None,
    QueryParameter(
        max_length=300,
        pattern=r"^[^\x00]*$",
        description="Only this route, as its template is written, for example `/api/v1/keys/{key_id}`.",
    ),
]
Since = Annotated[
    datetime | None, QueryParameter(description="Only what began at or after this time; UTC without a zone.")
]
Until = Annotated[
    datetime | None, QueryParameter(description="Only what began before this time; UTC without a zone.")
]


@get(
    "/",
    summary="Read the audit log",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, AuditItems, AuditItems(items=[_ENTRY]), "Entries, newest first")},
)
async def list_entries(  # noqa: PLR0913, PLR0917 - the filters of the list
    key_id: ByKey = None,
    route: ByRoute = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AuditItems:
    """Each change that somebody asked for with a good key, each sign-in, and wrong keys by address.

    An entry is written before the change is made, and its status when it was answered. Bodies are never kept.
    """
    place = read_cursor(cursor, TimeAndId)
    try:
        async with transaction() as tx:
            found = await audit_store.list_entries(
                tx.connection,
                key_id=key_id,
                route=route,
                since=in_utc(since),
                until=in_utc(until),
                before=place,
                limit=limit,
            )
    except DATABASE_ERRORS as error:
        raise unavailable("The database does not answer; try again.") from error
    page = found[:limit]
    place = TimeAndId(at=page[-1].at, id=page[-1].id) if len(found) > limit else None
    return AuditItems(items=page, next_cursor=None if place is None else write_cursor(place))


audit_router = Router("/audit", route_handlers=[list_entries], opt={SCOPE: "admin"}, tags=["audit"])
