"""A file goes up in pieces, whole, and once."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from clients.python.tests.misbehaving import Answer, Server
from tasktracker import TooLarge

ACCEPTED = {"task_id": "t", "run_id": str(uuid4()), "status_url": "/api/v1/ingestion/jobs/1"}


def test_an_upload_tells_how_far_it_is_and_is_sent_anew_after_a_cut(server: Server, tmp_path: Path) -> None:
    server.answers = [Answer(status=0), Answer(202, json.dumps(ACCEPTED).encode())]
    file = tmp_path / "result.json"
    file.write_bytes(b"x" * 700_000)
    told: list[tuple[int, int]] = []
    accepted = server.client().imports.upload(file, progress=lambda sent, size: told.append((sent, size)))
    assert str(accepted.run_id) == ACCEPTED["run_id"]
    assert told == 2 * [(262_144, 700_000), (524_288, 700_000), (700_000, 700_000)]
    assert [len(asked.body) for asked in server.asked] == [700_000, 700_000]
    assert len({asked.headers["Idempotency-Key"] for asked in server.asked}) == 1
    assert server.asked[0].path == "/api/v1/ingestion/imports?filename=result.json"


def test_a_file_that_is_too_large_is_refused_with_its_reason(server: Server, tmp_path: Path) -> None:
    server.answers = [Answer(413, json.dumps({"detail": "More than 2 GiB."}).encode())]
    file = tmp_path / "result.json"
    file.write_bytes(b"{}")
    with pytest.raises(TooLarge, match="More than 2 GiB"):
        server.client().imports.upload(file)
