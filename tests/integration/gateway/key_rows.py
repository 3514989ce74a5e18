"""Keys as rows, for tests of what they open."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

import httpx
from sqlalchemy import insert

from services.gateway.keys import hash_key
from services.gateway.tables import ApiKeyRow
from shared.messaging.transaction import transaction
from tests.integration.gateway.stage import Stage


def add_key(
    stage: Stage,
    *scopes: str,
    expires_at: datetime | None = None,
    revoked_at: datetime | None = None,
    key_id: UUID | None = None,
) -> str:
    """Keep a key; returns its text."""
    text = secrets.token_urlsafe(32)
    row = {
        "id": key_id or uuid4(),
        "name": text[:20],
        "key_hash": hash_key(text),
        "scopes": list(scopes),
        "expires_at": expires_at,
        "revoked_at": revoked_at,
    }

    async def keep() -> None:
        async with transaction() as tx:
            await tx.execute(insert(ApiKeyRow).values(**row))

    stage.run(keep())
    return text


def sign_in(client: httpx.Client, text: str) -> str:
    """Give a client without a key a session; returns its CSRF token."""
    answer = client.post("/api/v1/session", json={"key": text})
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["csrf_token"]
    return token
