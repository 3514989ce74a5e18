"""Imports: gigabytes in bounded memory, each failure with its reason, nothing left behind."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import uuid4

import httpx
import pytest
from nats.js.errors import NotFoundError

from shared.contracts.errors import QueryError
from shared.contracts.ingestion import CreateImportJob, JobRecord
from shared.messaging.connection import connection
from shared.messaging.names import bucket
from tests.integration.gateway.answering import BEGAN
from tests.integration.gateway.stage import Stage

URL = "/api/v1/ingestion/imports"
EXPORT = b'{"name": "Backend", "messages": []}'
JSON = {"Content-Type": "application/json"}


def stored(stage: Stage) -> dict[str, bytes]:
    """What lies in the object store, by name."""

    async def work() -> dict[str, bytes]:
        js = (await connection()).jetstream()
        try:
            store = await js.object_store(bucket(stage.namespace, "uploads"))
            names = [info.name for info in await store.list() if not info.deleted]
        except NotFoundError:
            return {}
        return {name: (await store.get(name)).data or b"" for name in names if name}

    return stage.run(work())


def test_raw_body_is_kept_and_its_job_made(stage: Stage, client: httpx.Client) -> None:
    answer = client.post(URL, params={"filename": "чат.json"}, content=EXPORT, headers=JSON)

    assert answer.status_code == 202
    body = answer.json()
    assert body["task_id"] == body["run_id"]
    assert body["status_url"] == answer.headers["location"] == f"/api/v1/ingestion/jobs/{body['run_id']}"
    (query,) = cast("list[CreateImportJob]", stage.services.asked_for(CreateImportJob))
    assert (str(query.job_id), query.source_name, query.size) == (body["run_id"], "чат.json", len(EXPORT))
    assert stored(stage)[body["run_id"]] == EXPORT
    assert client.get(body["status_url"]).json()["status"] == "pending"


def test_form_is_taken_as_browsers_send_it(stage: Stage, client: httpx.Client) -> None:
    form: dict[str, Any] = {
        "note": (None, b"text"),
        "file": ("C:\\chats\\result.json", EXPORT * 1000, "application/json"),
    }
    answer = client.post(URL, files=form)

    assert answer.status_code == 202, answer.text
    (query,) = cast("list[CreateImportJob]", stage.services.asked_for(CreateImportJob))
    assert (query.source_name, query.size) == ("result.json", len(EXPORT) * 1000)
    assert stored(stage)[answer.json()["run_id"]] == EXPORT * 1000


def test_stream_without_a_length_is_taken(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(50):
            yield b"x" * 20_000

    assert client.post(URL, content=chunks(), headers=JSON).status_code == 202


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", JSON, 422),
        (b"x", {"Content-Type": "text/html"}, 415),
        (b"x" * ((8 << 20) + 1), JSON, 413),
        (b"x", {"Content-Type": "multipart/form-data"}, 400),
        (b"--b\r\nrubbish", {"Content-Type": "multipart/form-data; boundary=b"}, 400),
        (b"--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}, 422),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n\r\n--b--\r\n',
            {"Content-Type": "multipart/form-data; boundary=b"},
            422,
        ),
    ],
    ids=["empty", "html", "too large", "no boundary", "broken form", "no file", "empty file"],
)
def test_what_cannot_be_imported_leaves_nothing(
    stage: Stage, client: httpx.Client, content: bytes, headers: dict[str, str], status: int
) -> None:
    before = stored(stage)
    answer = client.post(URL, content=content, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored(stage) == before
    assert not stage.services.jobs


def test_stream_that_grows_too_large_is_refused(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(9):
            yield b"x" * (1 << 20)

    try:
        answer = client.post(URL, content=chunks(), headers=JSON)
    except httpx.WriteError:
        return  # the server hung up before all was sent, as it may
    assert answer.status_code == 413


def test_full_disk_is_said(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> BinaryIO:
        return Path("/dev/full").open("r+b", buffering=0)

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    answer = client.post(URL, content=EXPORT, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert "TT_UPLOAD_FOLDER" in answer.json()["detail"]


def test_upload_that_no_job_will_read_is_deleted(stage: Stage, client: httpx.Client) -> None:
    before = stored(stage)
    stage.services.refusal = QueryError("conflict", "An import is running already.")

    answer = client.post(URL, content=EXPORT, headers=JSON)

    assert (answer.status_code, answer.json()["detail"]) == (409, "An import is running already.")
    assert stored(stage) == before


def test_jobs_are_listed_by_status_and_cancelled(stage: Stage, client: httpx.Client) -> None:
    open_, ended = uuid4(), uuid4()
    for job_id, status in ((open_, "running"), (ended, "completed")):
        stage.services.jobs[job_id] = JobRecord(
            id=job_id, kind="export", status=cast("Any", status), source_name="a.json", created_at=BEGAN
        )

    assert len(client.get("/api/v1/ingestion/jobs").json()["items"]) == 2
    running = client.get("/api/v1/ingestion/jobs", params={"status": "running"}).json()
    assert [job["id"] for job in running["items"]] == [str(open_)]
    assert client.get("/api/v1/ingestion/jobs?status=lost").status_code == 422
    assert client.post(f"/api/v1/ingestion/jobs/{open_}/cancel").json()["status"] == "cancelled"
    conflict = client.post(f"/api/v1/ingestion/jobs/{ended}/cancel")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "conflict")
