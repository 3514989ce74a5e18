"""Proposals found, listed, edited, exported and learned from."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.analysis import proposal_queries
from shared.contracts.proposals import (
    ExportProposals,
    GoldLabel,
    ListGoldLabels,
    ListProposalChanges,
    ListProposals,
    ProposalRecord,
)
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import events, refusal, rows
from tests.integration.analysis.reviewing import bulk, decided, edited, found, log, merged, reverted
from tests.integration.analysis.working import a_project_row, a_run_row, proposal_rows, quoted, waiting


async def listed(**filters: Any) -> list[ProposalRecord]:
    """All proposals that a list has, over its pages."""
    cursor, items = None, []
    while True:
        page = await proposal_queries.page_of_proposals(ListProposals(cursor=cursor, **filters))
        assert len(page.items) <= filters.get("limit", 50)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items


async def exported(**filters: Any) -> list[ProposalRecord]:
    """All that is exported, over its pages."""
    cursor, items = None, []
    while True:
        page = await proposal_queries.export_proposals(ExportProposals(cursor=cursor, **filters))
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items


async def labels(**filters: Any) -> list[GoldLabel]:
    """All gold labels, over their pages."""
    cursor, items = None, []
    while True:
        page = await proposal_queries.page_of_gold_labels(ListGoldLabels(cursor=cursor, limit=2, **filters))
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items


async def earlier(ids: list[UUID], minutes: int) -> None:
    """Let proposals have been saved some minutes ago."""
    await rows(
        "UPDATE task_proposals SET created_at = date_trunc('hour', now()) - make_interval(mins => :minutes) "
        "WHERE id = ANY(:ids) RETURNING id",
        minutes=minutes,
        ids=ids,
    )


def test_newest_batch_is_first_and_within_it_the_first_proposal(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id)
        batches = [await proposal_rows(project_id, run_id, 4, batch=batch) for batch in (1, 2, 3)]
        await earlier(batches[0], 9)
        await earlier([*batches[1], *batches[2]], 5)
        expected = [*batches[2], *batches[1], *batches[0]]
        for limit in (1, 3, 5, 50):
            assert [each.id for each in await listed(limit=limit)] == expected
        for each in batches[1]:
            await decided(each)
        assert [each.id for each in await exported()] == batches[1]
        await bulk([*batches[0], *batches[2]])
        assert [each.id for each in await exported()] == [*batches[0], *batches[1], *batches[2]]

    run(scenario)


def test_list_is_narrowed_by_each_filter_and_all_together(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        first_run = await a_run_row(project_id, "closed")
        second_run = await a_run_row(project_id)
        (bug,) = await proposal_rows(project_id, first_run, category="bug", confidence=0.9)
        (docs,) = await proposal_rows(project_id, second_run, category="docs", priority="low", confidence=0.3)
        (again,) = await proposal_rows(
            project_id, second_run, batch=2, novelty="duplicate_of", similar_id=bug, confidence=0.5
        )
        (foreign,) = await waiting(category="docs", priority="low")
        await decided(docs)
        for filters, expected in (
            ({"run_id": first_run}, {bug}),
            ({"project_id": project_id}, {bug, docs, again}),
            ({"novelty": "duplicate_of"}, {again}),
            ({"project_id": project_id, "novelty": "new"}, {bug, docs}),
            ({"novelty": "update_of"}, set()),
            ({"status": "approved"}, {docs}),
            ({"category": "docs"}, {docs, foreign}),
            ({"priority": "low"}, {docs, foreign}),
            ({"min_confidence": 0.8}, {bug, foreign}),
            ({"min_confidence": 0.9}, {bug}),
            ({"project_id": project_id, "category": "docs", "status": "approved"}, {docs}),
            ({"run_id": first_run, "category": "docs"}, set()),
            ({"run_id": uuid4()}, set()),
        ):
            assert {each.id for each in await listed(**filters)} == expected, filters

    run(scenario)


def test_pages_end_before_they_grow_too_large(run: Run) -> None:
    async def scenario() -> None:
        long = "ї" * 10_000
        ids = await waiting(60, description=long)
        page = await proposal_queries.page_of_proposals(ListProposals(limit=200))
        assert 0 < len(page.items) < 60
        assert [each.id for each in await listed(limit=200)] == ids
        await bulk(ids)
        assert [each.id for each in await exported()] == ids

    run(scenario)


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "bm9uc2Vuc2U"])
def test_cursor_of_no_list_is_refused(run: Run, cursor: str) -> None:
    async def scenario() -> None:
        for call in (
            proposal_queries.page_of_proposals(ListProposals(cursor=cursor)),
            proposal_queries.export_proposals(ExportProposals(cursor=cursor)),
            proposal_queries.page_of_gold_labels(ListGoldLabels(cursor=cursor)),
            proposal_queries.page_of_proposal_changes(
                ListProposalChanges(proposal_id=uuid4(), cursor=cursor)
            ),
        ):
            assert (await refusal(call))[:2] == ("invalid", "cursor")

    run(scenario)


def test_earlier_proposal_that_is_meant_is_told_as_it_stands_now(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        (first,) = await proposal_rows(project_id, await a_run_row(project_id, "cancelled"))
        (again,) = await proposal_rows(
            project_id,
            await a_run_row(project_id),
            novelty="duplicate_of",
            similar_id=first,
            similarity=0.93,
        )
        await decided(first, "reject")
        similar = (await found(again)).similar
        assert similar is not None
        assert (similar.proposal_id, similar.status, similar.similarity) == (first, "rejected", 0.93)
        assert similar.title == (await found(first)).title
        assert (await found(first)).similar is None

    run(scenario)


def test_edit_keeps_what_is_not_given_and_logs_what_changed(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        before = await found(proposal_id)
        now = await edited(
            proposal_id,
            title="  Інша назва ",
            priority="low",
            category="bug",
            tags=["друк ", "Друк", "чек"],
            sub_tasks=[" один", "два", "один"],
        )
        assert (now.title, now.priority, now.tags) == ("Інша назва", "low", ["друк", "чек"])
        assert (now.sub_tasks, now.description) == (["один", "два"], before.description)
        assert (now.edited, now.status, now.version) == (True, "pending", before.version + 1)
        *_, entry = await log(proposal_id)
        assert (entry.change, entry.changed_by) == ("edited", "Олена")
        assert set(entry.before) == set(entry.after) == {"title", "priority", "tags", "sub_tasks"}
        assert (entry.before["title"], entry.after["title"]) == (before.title, "Інша назва")
        (event,) = await events("proposal_reviewed")
        assert (event["change"], event["proposal"]["version"]) == ("edited", now.version)

    run(scenario)


def test_long_log_is_read_page_by_page_oldest_first(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        await waiting(3)
        for number in range(30):
            await edited(proposal_id, description=f"{number}" + "ї" * 9_000)
        first = await proposal_queries.page_of_proposal_changes(
            ListProposalChanges(proposal_id=proposal_id, limit=200)
        )
        assert 1 < len(first.items) < 31
        entries = await log(proposal_id, limit=200)
        assert [entry.change for entry in entries] == ["created", *["edited"] * 30]
        told = [entry.after["description"].rstrip("ї") for entry in entries[1:]]
        assert told == [f"{number}" for number in range(30)]
        assert await log(proposal_id, limit=1) == await log(proposal_id, limit=7) == entries

    run(scenario)


def test_edit_that_changes_nothing_makes_no_version(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        before = await found(proposal_id)
        assert await edited(proposal_id) == before
        assert await edited(proposal_id, title=f" {before.title}", tags=before.tags) == before
        assert len(await log(proposal_id)) == 1
        assert await events("proposal_reviewed") == []

    run(scenario)


def test_edit_made_on_an_older_version_is_refused(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        assert (await edited(proposal_id, version=1, title="перша")).version == 2
        code, field, words = await refusal(edited(proposal_id, version=1, title="друга"))
        assert (code, field) == ("conflict", "version")
        assert "it has version 2, and the change was made on 1" in words
        at_once = await asyncio.gather(
            *(edited(proposal_id, version=2, title=f"назва {number}") for number in range(5)),
            return_exceptions=True,
        )
        assert sum(isinstance(each, ProposalRecord) for each in at_once) == 1
        assert (await found(proposal_id)).version == 3

    run(scenario)


def test_what_is_decided_is_not_edited(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        now = await decided(proposal_id)
        code, _, words = await refusal(edited(proposal_id, title="інша"))
        assert code == "conflict"
        assert "was approved by Олена" in words
        assert await found(proposal_id) == now

    run(scenario)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "два\nрядки"}, "title"),
        ({"tags": ["а", " "]}, "tags[1]"),
        ({"sub_tasks": ["а", "б\tв"]}, "sub_tasks[1]"),
    ],
)
def test_wrong_edit_is_refused_with_its_place(run: Run, given: dict[str, Any], field: str) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        assert (await refusal(edited(proposal_id, **given)))[:2] == ("invalid", field)
        assert (await found(proposal_id)).version == 1

    run(scenario)


def test_export_has_the_approved_ones_alone_by_run_project_and_category(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        first_run = await a_run_row(project_id, "cancelled")
        second_run = await a_run_row(project_id)
        first, rejected, away, _ = await proposal_rows(project_id, first_run, 4)
        (second,) = await proposal_rows(project_id, second_run, category="docs", quotes=[quoted(5)])
        (foreign,) = await waiting()
        await merged(away, first)
        await decided(rejected, "reject")
        await bulk([first, second, foreign])
        for filters, expected in (
            ({}, [first, second, foreign]),
            ({"project_id": project_id}, [first, second]),
            ({"run_id": first_run}, [first]),
            ({"category": "docs"}, [second]),
            ({"run_id": first_run, "category": "docs"}, []),
        ):
            assert [each.id for each in await exported(**filters)] == expected

    run(scenario)


def test_gold_labels_are_the_decisions_that_hold_in_their_order(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id)
        first, second, third, fourth, fifth = await proposal_rows(project_id, run_id, 5)
        (foreign,) = await waiting()
        await edited(third, title="Інша назва")
        await decided(third)
        await decided(first, "reject", reason="вже є")
        await decided(fourth)
        await merged(second, third)
        await decided(foreign)
        await reverted(fourth)
        given = await labels(project_id=project_id)
        assert [(each.proposal_id, each.label) for each in given] == [
            (third, "approved"),
            (first, "rejected"),
            (second, "merged"),
        ]
        assert [each.edited for each in given] == [True, False, False]
        assert (given[0].model, given[0].prompt) == ("llama3", "propose_tasks/1")
        assert (given[1].reason, given[1].decided_by) == ("вже є", "Олена")
        assert (given[0].title, len(given[0].quotes)) == ("Інша назва", 2)
        assert [each.proposal_id for each in await labels()] == [third, first, second, foreign]
        assert (await found(fifth)).status == "pending"

    run(scenario)
