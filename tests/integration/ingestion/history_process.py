"""A process that runs one history job, and hangs in the middle of it: to be killed there.

`python -m tests.integration.ingestion.history_process JOB` with ingestion's settings in the environment.
"""

import asyncio
import os
import sys
from uuid import UUID

from services.ingestion.actors import ingest_telegram_messages_task
from services.ingestion.history.client import bind_client
from shared.sealing import bind_keys
from tests.fakes.telethon import Hangs, Short, Telegram
from tests.integration.bound import bound

MESSAGES = 250


def the_telegram() -> Telegram:
    """What both the process and the test that kills it believe Telegram to be."""
    telegram = Telegram()
    telegram.supergroup("Полиця", MESSAGES)
    return telegram


async def main(job_id: UUID) -> None:
    """Run the job until Telegram falls silent."""
    telegram = the_telegram()
    telegram.then(Short(100), Hangs())
    bind_client(telegram.client)
    bind_keys(os.environ["TT_ENCRYPTION_KEYS"])
    database, nats = os.environ["TT_DATABASE_URL"], os.environ["TT_NATS_URL"]
    async with bound("ingestion", database, nats, os.environ["TT_NAMESPACE"]):
        await ingest_telegram_messages_task(job_id=job_id)


if __name__ == "__main__":
    asyncio.run(main(UUID(sys.argv[1])))
