"""Waits until a service's schema suits its code: `python -m shared.service.schema scoring`.

For what starts before the service does, where somebody else migrates: code that runs before its migrations
fails task after task until they are given up. Connects as the service's own role (`TT_DATABASE_URL`), waits
without limit, and says what for whenever that changes.
"""

import asyncio
import os
import sys

from shared.database.engine import bind_database, dispose_database
from shared.service.health import look, migrations_of

_PAUSE = 1.0


async def wait_for_schema(service: str, url: str) -> None:
    """Return as soon as the schema is at a version that suits the code.

    Args:
        service: Whose.
        url: The database's, with the service's own role.
    """
    bind_database(url, f"{service} schema", pool_size=1)
    suits = {"migrations": migrations_of(service)}
    said = None
    try:
        while not (check := (await look(suits)).checks["migrations"]).ok:
            if check.detail != said:
                said = check.detail
                _say(f"{service}: waiting for its schema: {said}")
            await asyncio.sleep(_PAUSE)
        _say(f"{service}: its schema is ready, {check.detail}")
    finally:
        await dispose_database()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Wait for the schema of the service named on the command line."""
    if len(sys.argv) != 2 or "TT_DATABASE_URL" not in os.environ:  # noqa: PLR2004
        sys.stderr.write("usage: TT_DATABASE_URL=postgresql://… python -m shared.service.schema SERVICE\n")
        return 2
    asyncio.run(wait_for_schema(sys.argv[1], os.environ["TT_DATABASE_URL"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
