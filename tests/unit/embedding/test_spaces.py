"""What is to be done about spaces, for every way in which they may stand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.embedding.spaces import ABANDONED, KEPT, Space, Target, may_take_over, plan

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - 2 * KEPT
TARGET = Target(UUID(int=1), "document", "query", 384, basic_mode=False, changed_at=LONG_AGO)
ACTIVE = Space(
    id=1,
    provider_id=UUID(int=1),
    document_model="document",
    query_model="query",
    dimension=384,
    basic_mode=False,
    status="active",
    failure=None,
    created_at=LONG_AGO,
    activated_at=LONG_AGO,
    ended_at=None,
    moved_at=NOW,
    run_status="completed",
)
OTHER = replace(ACTIVE, id=2, provider_id=UUID(int=2))
BUILDING = replace(ACTIVE, id=3, status="building", activated_at=None, run_status="running")
FAILED = replace(ACTIVE, id=4, status="failed", ended_at=NOW, run_status="failed")
RETIRED = replace(ACTIVE, id=5, status="retired", ended_at=NOW)


def test_space_that_is_there_needs_nothing() -> None:
    todo = plan(TARGET, [ACTIVE], NOW)
    assert (todo.abandon, todo.resume, todo.fill, todo.make, todo.remove) == (None, None, None, False, ())


@pytest.mark.parametrize("known", [[], [OTHER]])
def test_space_that_is_missing_is_made(known: list[Space]) -> None:
    assert plan(TARGET, known, NOW).make


@pytest.mark.parametrize(
    "changed",
    [
        {"provider_id": UUID(int=7)},
        {"document_model": "other"},
        {"query_model": "other"},
        {"dimension": 768},
    ],
)
def test_anything_else_about_the_embedder_is_another_space(changed: dict[str, object]) -> None:
    assert plan(replace(TARGET, **changed), [ACTIVE], NOW).make  # type: ignore[arg-type]


@pytest.mark.parametrize("dimension", [None, 384])
def test_dimension_that_is_not_known_says_nothing(dimension: int | None) -> None:
    assert not plan(replace(TARGET, dimension=dimension), [ACTIVE], NOW).make
    assert not plan(replace(TARGET, dimension=768), [replace(BUILDING, dimension=0)], NOW).make


def test_build_for_another_embedder_is_abandoned() -> None:
    building = replace(BUILDING, provider_id=UUID(int=2))
    assert plan(TARGET, [ACTIVE, building], NOW).abandon == building
    todo = plan(TARGET, [OTHER, building], NOW)
    assert (todo.abandon, todo.make) == (building, True)


@pytest.mark.parametrize("space", [BUILDING, replace(ACTIVE, run_status="running")])
def test_filling_that_stalled_is_set_off_again(space: Space) -> None:
    assert plan(TARGET, [space], NOW).resume is None
    stalled = replace(space, moved_at=NOW - timedelta(hours=1))
    assert plan(TARGET, [stalled], NOW).resume == stalled


def test_stalled_build_comes_before_the_space_that_it_is_to_take_over_from() -> None:
    stalled = replace(BUILDING, moved_at=NOW - timedelta(hours=1))
    assert plan(TARGET, [ACTIVE, stalled], NOW).resume == stalled


@pytest.mark.parametrize("space", [FAILED, replace(ACTIVE, run_status="failed")])
def test_space_that_failed_is_tried_again_after_a_while_or_a_change(space: Space) -> None:
    assert plan(TARGET, [OTHER, space], NOW).fill is None
    assert plan(TARGET, [OTHER, space], NOW + timedelta(minutes=16)).fill == space
    changed = replace(TARGET, changed_at=NOW + timedelta(seconds=1))
    assert plan(changed, [OTHER, space], NOW).fill == space
    assert not plan(TARGET, [OTHER, space], NOW).make


def test_space_that_was_abandoned_is_taken_up_again_at_once() -> None:
    abandoned = replace(FAILED, failure=ABANDONED)
    assert plan(TARGET, [OTHER, abandoned], NOW).fill == abandoned


def test_space_of_a_former_embedder_is_taken_up_again() -> None:
    assert plan(TARGET, [OTHER, RETIRED], NOW).fill == RETIRED


def test_spaces_that_ended_go_when_their_time_is_over_or_another_followed() -> None:
    older = replace(OTHER, id=6, status="retired", ended_at=NOW - timedelta(hours=1))
    newer = replace(OTHER, id=7, status="retired", ended_at=NOW)
    failed = replace(OTHER, id=8, status="failed", ended_at=NOW)
    assert plan(TARGET, [ACTIVE, older, newer, failed], NOW).remove == (older,)
    gone = plan(TARGET, [ACTIVE, newer, failed], NOW + KEPT + timedelta(seconds=1)).remove
    assert gone == (newer, failed)


def test_space_takes_over_when_nearly_everything_is_in_it() -> None:
    assert may_take_over(0, 0)
    assert may_take_over(95, 100)
    assert not may_take_over(80, 100)
