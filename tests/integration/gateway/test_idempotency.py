"""A POST that is sent twice is done once."""

import threading
from datetime import timedelta
from uuid import uuid4

import httpx
from sqlalchemy import func, select, update

from services.gateway import repository
from services.gateway.tables import IdempotentRequestRow
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import CreateImportJob
from shared.contracts.scoring import StartScoringRun
from shared.messaging.transaction import transaction
from tests.integration.gateway.stage import Stage

IMPORTS = "/api/v1/ingestion/imports"
RUNS = "/api/v1/scoring/runs"
JSON = {"Content-Type": "application/json"}


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def test_same_key_and_body_get_the_same_answer(stage: Stage, client: httpx.Client) -> None:
    headers = key() | JSON
    first = client.post(IMPORTS, content=b"{}", headers=headers)
    second = client.post(IMPORTS, content=b"{}", headers=headers)

    assert (second.status_code, second.json()) == (202, first.json())
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotent-replayed"] == "true"
    assert len(stage.services.asked_for(CreateImportJob)) == 1


def test_without_a_key_each_request_is_its_own(client: httpx.Client) -> None:
    assert client.post(RUNS).json()["run_id"] != client.post(RUNS).json()["run_id"]


def test_same_key_with_another_body_is_refused(stage: Stage, client: httpx.Client) -> None:
    headers = key() | JSON
    client.post(IMPORTS, content=b"{}", headers=headers)
    other = client.post(IMPORTS, content=b"[]", headers=headers)

    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(stage.services.jobs) == 1


def test_same_key_on_another_address_is_refused(client: httpx.Client) -> None:
    headers = key()
    assert client.post(RUNS, headers=headers).status_code == 202
    assert (
        client.post(
            "/api/v1/tasks", headers=headers, json={"actor": "process_message", "arguments": {"text": "a"}}
        ).status_code
        == 422
    )


def test_failed_request_is_tried_again_under_its_run_id(stage: Stage, client: httpx.Client) -> None:
    headers = key() | JSON
    stage.services.refusal = QueryError("conflict", "Not now.")
    assert client.post(IMPORTS, content=b"{}", headers=headers).status_code == 409
    stage.services.refusal = None

    answer = client.post(IMPORTS, content=b"{}", headers=headers)

    first, second = stage.services.asked_for(CreateImportJob)
    assert answer.status_code == 202
    assert first.job_id == second.job_id  # type: ignore[attr-defined]


def test_request_whose_gateway_died_is_taken_over_under_its_run_id(
    stage: Stage, client: httpx.Client
) -> None:
    headers = key()
    run_id = client.post(RUNS, headers=headers).json()["run_id"]
    row = IdempotentRequestRow

    async def die(ago: timedelta) -> None:
        async with transaction() as tx:
            await tx.execute(
                update(row)
                .where(row.idempotency_key == headers["Idempotency-Key"])
                .values(status=None, body=None, locked_until=func.now() - ago)
            )

    stage.run(die(timedelta(seconds=-60)))
    assert client.post(RUNS, headers=headers).status_code == 409
    stage.run(die(timedelta(seconds=1)))
    assert client.post(RUNS, headers=headers).json()["run_id"] == run_id


def test_many_at_once_do_it_once(stage: Stage) -> None:
    headers = key()
    statuses: list[int] = []

    def ask() -> None:
        with stage.client() as client:
            statuses.append(client.post(RUNS, headers=headers).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {202, 409}
    assert 202 in statuses
    assert len(stage.services.asked_for(StartScoringRun)) == 1


def test_old_answers_are_forgotten(stage: Stage, client: httpx.Client) -> None:
    headers = key()
    run_id = client.post(RUNS, headers=headers).json()["run_id"]
    row = IdempotentRequestRow

    async def age() -> None:
        async with transaction() as tx:
            await tx.execute(update(row).values(created_at=func.now() - timedelta(hours=25)))

    async def forget() -> tuple[int, int | None]:
        async with transaction() as tx:
            gone = await repository.forget_old_requests(tx.connection, 1000)
        async with transaction() as tx:
            return gone, await tx.connection.scalar(select(func.count()).select_from(row))

    stage.run(age())
    assert client.post(RUNS, headers=headers).json()["run_id"] != run_id
    stage.run(age())
    gone, left = stage.run(forget())
    assert gone >= 1
    assert left == 0


def test_key_that_is_too_long_is_refused(client: httpx.Client) -> None:
    answer = client.post(RUNS, headers={"Idempotency-Key": "k" * 256})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
