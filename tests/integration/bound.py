"""Running a service's own code within a test: bound to the test's database and namespace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.database.engine import bind_database, dispose_database
from shared.messaging.connection import bind_nats, close_connection


@asynccontextmanager
async def bound(service: str, database_url: str, nats_url: str, namespace: str) -> AsyncIterator[None]:
    """Be the service within: `transaction`, `ask` and the rest work on its schema."""
    bind_database(database_url, service)
    bind_nats(nats_url, namespace)
    try:
        yield
    finally:
        await dispose_database()
        await close_connection()
