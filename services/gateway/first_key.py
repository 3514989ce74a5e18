"""The first key of an installation, or the next one when nobody can come in as an admin any more."""

import asyncio
import sys
from datetime import UTC, datetime
from uuid import uuid4

from loguru import logger

from services.gateway.keyring import DATABASE_ERRORS
from services.gateway.keys import SHORTEST_KEY, hash_key, new_key
from services.gateway.stores import keys as key_store
from shared.messaging.transaction import Transaction, transaction

_NAME = "first key"


async def make_first_key(bootstrap_key: str | None, page_url: str) -> None:
    """Make a key with the scope `admin` when there is none; waits for ever for the database to be there.

    Args:
        bootstrap_key: Its text; None makes a random one and prints it once on stdout, as a link.
        page_url: Where the live page is, for that link.
    """
    text, prefix = (bootstrap_key, None) if bootstrap_key is not None else new_key()
    pause = 0.5
    while True:
        try:
            async with transaction() as tx:
                was_kept = await _add(tx, text, prefix)
                found = await key_store.key_by_hash(tx.connection, hash_key(text))
            break
        except DATABASE_ERRORS as error:
            logger.warning("no API key can be made while the database does not answer: {}", _short(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)
    if bootstrap_key is None and was_kept:
        sys.stdout.write(f"\nThe first API key, shown only now: {text}\nOpen {page_url}/#key={text}\n\n")
        sys.stdout.flush()
    elif bootstrap_key is not None and found is None:
        logger.warning("TT_BOOTSTRAP_API_KEY is not among the keys, and there are others: it opens nothing")
    elif bootstrap_key is not None and found is not None and found.refusal(datetime.now(UTC)) is not None:
        logger.warning("TT_BOOTSTRAP_API_KEY: {} It opens nothing.", found.refusal(datetime.now(UTC)))


def check_bootstrap_key(key: str | None) -> None:
    """Refuse a first key that could be guessed.

    Raises:
        ValueError: When it is shorter than 16 characters.
    """
    if key is not None and len(key) < SHORTEST_KEY:
        raise ValueError(f"TT_BOOTSTRAP_API_KEY must have at least {SHORTEST_KEY} characters")


async def _add(tx: Transaction, text: str, prefix: str | None) -> bool:
    """Keep the key if no admin can come in; safe with many gateways at once."""
    await key_store.lock_keys(tx.connection)
    if await key_store.has_admin(tx.connection):
        return False
    key_id = uuid4()
    taken = await key_store.is_taken(tx.connection, _NAME)
    return await key_store.add_key(
        tx.connection,
        {
            "id": key_id,
            "name": f"{_NAME} {key_id.hex[:8]}" if taken else _NAME,
            "prefix": prefix,
            "key_hash": hash_key(text),
            "scopes": ["admin"],
        },
    )


def _short(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
