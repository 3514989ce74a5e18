"""Brings several schemas up to date in one process: to start one for each takes longer than the work itself.

A program of its own, so that whoever runs the system does not keep in memory what migrations need:
`python -m deploy.local.migrating`, with `{"service": "its database URL", …}` as JSON on its standard input.
"""

import asyncio
import sys

import msgspec

from shared.database.migrate import MigrationError, migrate


async def _migrate_all(urls: dict[str, str]) -> None:
    for service, url in urls.items():
        before, after = await migrate(service, url)
        sys.stdout.write(f"{service}: {before or 'empty'} -> {after}\n")
        sys.stdout.flush()


def main() -> None:
    """Migrate them one after the other, with a line for each that is done; fail with the first that fails."""
    try:
        asyncio.run(_migrate_all(msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, str])))
    except MigrationError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
