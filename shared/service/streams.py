"""Makes what an installation keeps on NATS: `python -m shared.service.streams`, with an operator's key.

Services make what they miss; but only an operator may change a stream that is there, as a new version may
need it. So this runs before its services start. Twice is harmless, and what an operator tuned stays as it is.
"""

import asyncio
import os
import sys
import time
from collections.abc import Mapping

from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from dramatiq_nats import ensure_streams
from shared.contracts.errors import QueryError
from shared.messaging.connection import bound_namespace, bound_replicas, close_connection, connection
from shared.messaging.events import ensure_event_stream
from shared.messaging.names import broker_namespace
from shared.messaging.tasks import ensure_tasks_bucket
from shared.service.service import bind_messaging
from shared.service.settings import ServiceSettings, SettingsError, read_settings

FAILURES = (OSError, TimeoutError, NatsError, JetStreamError, QueryError)
_PATIENCE = 60.0
_PAUSE = 0.5


async def make_streams() -> None:
    """Make the streams of work and of events, and the bucket of tasks, where they are missing.

    Raises:
        QueryError: `unavailable`, when NATS cannot be reached.
        nats.errors.Error: When it refuses.
    """
    js = (await connection()).jetstream()
    await ensure_streams(js, broker_namespace(bound_namespace()), replicas=bound_replicas())
    await ensure_event_stream()
    await ensure_tasks_bucket()


async def _make_soon() -> None:
    """Make them as soon as NATS is there, which may still be starting."""
    deadline = time.monotonic() + _PATIENCE
    try:
        while True:
            try:
                await make_streams()
            except FAILURES:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_PAUSE)
            else:
                return
    finally:
        await close_connection()


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Make them, told where by `TT_NATS_URL` and the like; returns the exit code."""
    try:
        bind_messaging("operator", read_settings(ServiceSettings, environ))
        asyncio.run(_make_soon())
    except (SettingsError, ValueError, *FAILURES) as error:
        sys.stderr.write(f"The streams could not be made: {error}\n")
        return 1
    sys.stdout.write("The streams of work and of events are there.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
