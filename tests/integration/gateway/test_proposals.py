"""Proposals at the door: what each request asks for, and what it is answered."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from services.gateway.routes.parameters import EXAMPLE_RUN
from services.gateway.routes.proposal_examples import APPROVED, CHANGES, GOLD_LABEL, PROPOSAL
from services.gateway.routes.work_examples import PROJECT_ID
from shared.contracts.errors import QueryError, not_found
from shared.contracts.proposals import (
    EditProposal,
    GetProposal,
    ListGoldLabels,
    ListProposalChanges,
    ListProposals,
    MergeProposal,
    RevertProposal,
    ReviewProposal,
    ReviewProposals,
)
from shared.contracts.runs import GetRun
from tests.integration.gateway.answering_proposals import Proposals
from tests.integration.gateway.stage import Stage

API = "/api/v1/proposals"
BY = "first key"
ID = PROPOSAL.id


@pytest.fixture
def proposals(stage: Stage) -> Proposals:
    """Analysis' proposals behind the gateway."""
    return stage.services.proposals


def test_proposals_are_listed_as_asked_for(client: httpx.Client, proposals: Proposals) -> None:
    query: dict[str, str | int | float] = {
        "run_id": str(EXAMPLE_RUN),
        "project_id": str(PROJECT_ID),
        "status": "pending",
        "category": "bug",
        "priority": "high",
        "novelty": "new",
        "min_confidence": 0.5,
        "cursor": "WzFd",
        "limit": 7,
    }
    answer = client.get(API, params=query)

    assert answer.status_code == 200, answer.text
    assert proposals.asked == [
        ListProposals(
            run_id=EXAMPLE_RUN,
            project_id=PROJECT_ID,
            status="pending",
            category="bug",
            priority="high",
            novelty="new",
            min_confidence=0.5,
            cursor="WzFd",
            limit=7,
        )
    ]
    assert answer.json() == {"items": [msgspec.to_builtins(PROPOSAL)], "next_cursor": "WzFd"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "open"}, "status"),
        ({"category": "epic"}, "category"),
        ({"priority": "urgent"}, "priority"),
        ({"novelty": "old"}, "novelty"),
        ({"min_confidence": "1.5"}, "min_confidence"),
        ({"run_id": "x"}, "run_id"),
        ({"limit": "0"}, "limit"),
    ],
)
def test_a_wrong_filter_is_refused_by_its_name(
    client: httpx.Client, proposals: Proposals, query: dict[str, str], field: str
) -> None:
    answer = client.get(API, params=query)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert proposals.asked == []


def test_a_runs_proposals_are_listed_beside_it(client: httpx.Client, stage: Stage) -> None:
    services = stage.services
    path = f"/api/v1/runs/{EXAMPLE_RUN}/proposals"
    answer = client.get(path, params={"status": "approved", "novelty": "update_of", "limit": 100})

    assert answer.status_code == 200, answer.text
    assert services.proposals.asked == [
        ListProposals(run_id=EXAMPLE_RUN, status="approved", novelty="update_of", limit=100)
    ]
    assert services.runs.asked == []

    services.proposals.listed = []
    assert client.get(path).json() == {"items": [], "next_cursor": None}
    assert services.runs.asked == [GetRun(run_id=EXAMPLE_RUN)]
    services.runs.refusal = not_found(f"run {EXAMPLE_RUN}")
    assert client.get(path).status_code == 404


def test_one_proposal_and_its_log_are_shown(client: httpx.Client, proposals: Proposals) -> None:
    assert client.get(f"{API}/{ID}").json() == msgspec.to_builtins(PROPOSAL)
    log = client.get(f"{API}/{ID}/changes", params={"cursor": "WzBd", "limit": 2})
    assert log.json() == {"items": msgspec.to_builtins(CHANGES), "next_cursor": "WzFd"}
    assert proposals.asked == [
        GetProposal(proposal_id=ID),
        ListProposalChanges(proposal_id=ID, cursor="WzBd", limit=2),
    ]
    proposals.refusal = not_found(f"proposal {ID}")
    for path in (f"{API}/{ID}", f"{API}/{ID}/changes"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"There is no proposal {ID}.")
    assert client.get(f"{API}/no-uuid").status_code == 404


def test_gold_labels_are_listed(client: httpx.Client, proposals: Proposals) -> None:
    answer = client.get(f"{API}/gold-labels", params={"project_id": str(PROJECT_ID), "limit": 3})

    assert answer.status_code == 200, answer.text
    assert proposals.asked == [ListGoldLabels(project_id=PROJECT_ID, limit=3)]
    assert answer.json() == {"items": [msgspec.to_builtins(GOLD_LABEL)], "next_cursor": "WzFd"}


def test_what_is_given_of_a_proposal_is_edited(client: httpx.Client, proposals: Proposals) -> None:
    body = {"version": 3, "title": "Інша назва", "tags": ["друк"], "sub_tasks": [], "priority": "low"}
    answer = client.patch(f"{API}/{ID}", json=body)

    assert answer.status_code == 200, answer.text
    assert proposals.asked == [
        EditProposal(
            proposal_id=ID,
            changed_by=BY,
            version=3,
            title="Інша назва",
            tags=["друк"],
            sub_tasks=[],
            priority="low",
        )
    ]
    assert proposals.chains[0] is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"category": "epic"}, "category"),
        ({"tags": ["x" * 51]}, "tags"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"status": "approved"}, "status"),
        ({"quotes": []}, "quotes"),
    ],
)
def test_a_wrong_edit_is_refused_by_its_field(
    client: httpx.Client, proposals: Proposals, body: dict[str, Any], field: str
) -> None:
    answer = client.patch(f"{API}/{ID}", json=body)

    assert answer.status_code == 422, answer.text
    assert [error["field"].partition("[")[0] for error in answer.json()["errors"]] == [field]
    assert proposals.asked == []


@pytest.mark.parametrize("way", ["approve", "reject", "revert"])
@pytest.mark.parametrize("body", [None, {}, {"reason": "Так вирішили"}])
def test_a_decision_is_made_in_the_name_of_the_key(
    client: httpx.Client, proposals: Proposals, way: str, body: dict[str, Any] | None
) -> None:
    answer = (
        client.post(f"{API}/{ID}/{way}", json=body) if body is not None else client.post(f"{API}/{ID}/{way}")
    )

    assert answer.status_code == 200, answer.text
    reason = (body or {}).get("reason", "")
    expected: Any = RevertProposal(proposal_id=ID, reviewed_by=BY, reason=reason)
    if way != "revert":
        decision: Any = way
        expected = ReviewProposal(proposal_id=ID, decision=decision, reviewed_by=BY, reason=reason)
    assert proposals.asked == [expected]
    assert answer.json() == msgspec.to_builtins(PROPOSAL if way == "revert" else APPROVED)


def test_a_proposal_is_merged_into_another(client: httpx.Client, proposals: Proposals) -> None:
    into = uuid4()
    answer = client.post(f"{API}/{ID}/merge", json={"into": str(into), "reason": "те саме"})

    assert answer.status_code == 200, answer.text
    assert proposals.asked == [MergeProposal(proposal_id=ID, into_id=into, reviewed_by=BY, reason="те саме")]
    proposals.refusal = QueryError("invalid", "A proposal cannot be merged into itself.", field="into_id")
    refused = client.post(f"{API}/{ID}/merge", json={"into": str(ID)})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["into"]
    assert client.post(f"{API}/{ID}/merge", json={}).json()["errors"][0]["field"] == "into"


def test_many_are_reviewed_under_the_id_of_their_chain(client: httpx.Client, proposals: Proposals) -> None:
    ids = [uuid4(), uuid4()]
    body = {"ids": [str(each) for each in ids], "decision": "reject", "reason": "застаріло"}
    answer = client.post(f"{API}/bulk", json=body)

    assert answer.status_code == 200, answer.text
    (asked,) = proposals.asked
    assert asked == ReviewProposals(
        bulk_id=asked.bulk_id, proposal_ids=ids, decision="reject", reviewed_by=BY, reason="застаріло"
    )
    assert proposals.chains == [asked.bulk_id]
    assert UUID(answer.json()["bulk_id"]) == asked.bulk_id
    assert "Take that back first" in answer.json()["items"][1]["error"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ids": [], "decision": "approve"}, "ids"),
        ({"ids": [str(UUID(int=number)) for number in range(201)], "decision": "approve"}, "ids"),
        ({"ids": ["x"], "decision": "approve"}, "ids"),
        ({"ids": [str(ID)], "decision": "merge"}, "decision"),
        ({"ids": [str(ID)]}, "decision"),
    ],
)
def test_a_wrong_bulk_is_refused_by_its_field(
    client: httpx.Client, proposals: Proposals, body: dict[str, Any], field: str
) -> None:
    answer = client.post(f"{API}/bulk", json=body)

    assert answer.status_code == 422, answer.text
    assert [error["field"].partition("[")[0] for error in answer.json()["errors"]] == [field]
    assert proposals.asked == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{API}/{ID}/approve", {"reason": "так"}),
        (f"{API}/{ID}/revert", None),
        (f"{API}/{ID}/merge", {"into": str(uuid4())}),
        (f"{API}/bulk", {"ids": [str(ID)], "decision": "approve"}),
    ],
)
def test_a_repeated_request_is_done_once_and_answered_twice(
    client: httpx.Client, proposals: Proposals, path: str, body: Any
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = (client.post(path, json=body, headers=headers) for _ in range(2))

    assert first.status_code == 200, first.text
    assert len(proposals.asked) == 1
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("way", ["approve", "reject", "revert", "merge"])
def test_a_conflict_is_told_with_who_decided(client: httpx.Client, proposals: Proposals, way: str) -> None:
    words = "'Сканер' was rejected by Олена on 2026-03-23 10:02 UTC. Take that back first."
    proposals.refusal = QueryError("conflict", words)
    answer = client.post(f"{API}/{ID}/{way}", json={"into": str(uuid4())} if way == "merge" else {})

    assert (answer.status_code, answer.json()["detail"]) == (409, words)
    wrong = client.post(f"{API}/{ID}/{way}", json={"because": "так"})
    assert wrong.status_code == 422
