"""kill -9 of a process in the middle of a history job: the next one goes on, and reads nothing twice."""

import os
import subprocess
import sys
from typing import Any

import pytest

from services.ingestion.actors import ingest_telegram_messages_task
from services.ingestion.history.client import bind_client
from shared.sealing import bind_keys, new_encryption_key
from shared.service import NotNow
from tests.integration.ingestion.history_process import MESSAGES, the_telegram
from tests.integration.ingestion.history_stage import (
    CREDENTIALS,
    HistoryStage,
    eventually,
    job_after,
    job_now,
    make_job,
    texts,
)

_MODULE = "tests.integration.ingestion.history_process"


def test_killed_process_leaves_its_pages_and_its_turn(history: HistoryStage) -> None:
    history.telegram = telegram = the_telegram()
    bind_client(telegram.client)
    key = new_encryption_key()
    bind_keys(key)
    (chat_id,) = telegram.chats
    settings = {
        **CREDENTIALS,
        "TT_ENCRYPTION_KEYS": key,
        "TT_DATABASE_URL": history.database_url,
        "TT_NATS_URL": history.nats_url,
        "TT_NAMESPACE": history.namespace,
    }

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(chat_id)
        ours = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
        command = [sys.executable, "-m", _MODULE, str(job_id)]
        process = subprocess.Popen(command, env=ours | settings)  # noqa: ASYNC220 - it only starts
        try:

            async def has_a_page() -> bool:
                return (await job_now(job_id)).messages_stored == 100

            await eventually(has_a_page, "the first page")
            with pytest.raises(NotNow):  # it holds the account
                await ingest_telegram_messages_task(job_id=job_id)
        finally:
            process.kill()
            process.wait(10)
        half = await texts(chat_id)
        return half, await eventually(lambda: _ended(job_id), "the end"), await texts(chat_id)

    async def _ended(job_id: Any) -> Any:
        """Delivered again, as the broker does until it is done."""
        try:
            job = await job_after(job_id)
        except NotNow:
            return None
        return job if job.status != "running" else None

    half, job, whole = history.run(scenario)
    assert half == [f"Повідомлення {number}" for number in range(151, 251)]
    assert whole == [f"Повідомлення {number}" for number in range(1, MESSAGES + 1)]
    assert (job.status, job.messages_fetched, job.messages_stored, job.messages_skipped) == (
        "completed",
        MESSAGES,
        MESSAGES,
        0,
    )
    offsets = [call.request.offset_id for call in telegram.asked("GetHistoryRequest")]
    assert offsets == [151, 51]
