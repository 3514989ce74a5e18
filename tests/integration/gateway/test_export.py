"""Approved proposals as files: streamed, whole or noticeably broken off."""

import csv
import io
from uuid import UUID

import httpx
import msgspec
import pytest

from services.gateway.routes.parameters import EXAMPLE_RUN
from services.gateway.routes.proposal_examples import APPROVED
from services.gateway.routes.work_examples import PROJECT_ID
from shared.contracts.errors import QueryError
from shared.contracts.proposals import Category, ExportProposals, ProposalRecord
from tests.integration.gateway.answering_proposals import Proposals
from tests.integration.gateway.stage import Stage

EXPORT = "/api/v1/proposals/export"
OF_A_RUN = {"run_id": str(EXAMPLE_RUN), "project_id": str(PROJECT_ID)}


def approved(number: int, category: Category = "bug") -> ProposalRecord:
    """One of several proposals."""
    return msgspec.structs.replace(APPROVED, id=UUID(int=number), title=f"Задача {number}", category=category)


@pytest.fixture
def proposals(stage: Stage) -> Proposals:
    """Three pages of proposals behind the gateway, the second of which is empty."""
    found = stage.services.proposals
    found.exported = [[approved(1, "docs"), approved(2)], [], [approved(3)]]
    return found


def test_json_is_one_array_of_full_records(client: httpx.Client, proposals: Proposals) -> None:
    answer = client.get(EXPORT, params=OF_A_RUN)

    assert answer.status_code == 200, answer.text
    assert answer.json() == msgspec.to_builtins([approved(1, "docs"), approved(2), approved(3)])
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="proposals.json"'
    assert "Content-Length" not in answer.headers
    assert proposals.asked == [
        ExportProposals(run_id=EXAMPLE_RUN, project_id=PROJECT_ID, cursor=cursor)
        for cursor in (None, "1", "2")
    ]


def test_csv_has_a_row_a_proposal_below_its_headings(client: httpx.Client, proposals: Proposals) -> None:
    answer = client.get(EXPORT, params={"format": "csv"})

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="proposals.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfid,title,")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["title"] for row in rows] == ["Задача 1", "Задача 2", "Задача 3"]
    assert rows[0]["sub_tasks"].splitlines() == APPROVED.sub_tasks
    assert len(proposals.asked) == 3


@pytest.mark.parametrize("format_", ["markdown", "md"])
def test_markdown_is_by_category(client: httpx.Client, proposals: Proposals, format_: str) -> None:
    answer = client.get(EXPORT, params={"format": format_})

    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="proposals.md"'
    headings = [line for line in answer.text.splitlines() if line.startswith("#")]
    assert headings == [
        "# Tasks",
        "## Bugs",
        "### Задача 2",
        "### Задача 3",
        "## Documentation",
        "### Задача 1",
    ]
    assert {query.category for query in proposals.asked} == {
        "bug",
        "feature",
        "improvement",
        "question",
        "docs",
        "chore",
    }


@pytest.mark.parametrize(
    ("format_", "body"),
    [("json", "[]\n"), ("markdown", "# Tasks\n\nNothing is approved.\n")],
)
def test_nothing_approved_is_a_file_too(
    client: httpx.Client, proposals: Proposals, format_: str, body: str
) -> None:
    proposals.exported = []
    assert client.get(EXPORT, params={"format": format_}).text == body
    table = client.get(EXPORT, params={"format": "csv"}).content.decode("utf-8-sig")
    assert table.count("\r\n") == 1


@pytest.mark.parametrize("format_", ["json", "csv", "markdown"])
def test_what_is_refused_at_once_is_a_problem(
    client: httpx.Client, proposals: Proposals, format_: str
) -> None:
    proposals.refusal = QueryError("unavailable", "The database does not answer.")
    answer = client.get(EXPORT, params={"format": format_})

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert client.get(EXPORT, params={"format": "pdf"}).json()["errors"][0]["field"] == "format"
    assert client.get(EXPORT, params={"run_id": "x"}).json()["errors"][0]["field"] == "run_id"


@pytest.mark.parametrize("format_", ["json", "csv", "markdown"])
def test_an_export_that_fails_midway_is_broken_off_so_that_a_client_notices(
    client: httpx.Client, proposals: Proposals, format_: str
) -> None:
    proposals.fails_at = "2"
    received: list[bytes] = []
    with client.stream("GET", EXPORT, params={"format": format_}) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            received.extend(answer.iter_bytes())
    titles = [title for title in ("Задача 2", "Задача 3") if title.encode() in b"".join(received)]
    assert titles == ["Задача 2"]
    proposals.fails_at = None
    assert client.get(EXPORT).status_code == 200


def test_a_long_export_is_sent_while_it_is_read(client: httpx.Client, proposals: Proposals) -> None:
    proposals.exported = [[approved(page * 100 + place) for place in range(100)] for page in range(40)]
    with client.stream("GET", EXPORT) as answer:
        chunks = answer.iter_raw()
        size = len(next(chunks))
        size += sum(len(chunk) for chunk in chunks)
    assert size > 4 << 20
    assert len(proposals.asked) == 40
