"""Runs as people make, start, cancel, retry and close them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest

from services.analysis import project_queries
from services.analysis.runs.states import TRANSITIONS, RunAction
from services.analysis.tables import LOCAL_PROPOSER, LOCAL_PROVIDER
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import MeasureWindow
from shared.contracts.projects import UpdateProject
from shared.contracts.runs import RunRecord, RunStatus
from tests.fakes.llm import LlmServer
from tests.integration.analysis.configuring import a_project, a_task_config, an_assignment
from tests.integration.analysis.experimenting import InChat
from tests.integration.analysis.looking import (
    a_provider,
    an_agent,
    commands,
    events,
    refusal,
    rows,
)
from tests.integration.analysis.reviewing import decided
from tests.integration.analysis.running import (
    BY,
    a_proposer,
    cancelled,
    closed,
    listed,
    made,
    now,
    retried,
    started,
    told,
)
from tests.integration.analysis.spoken_chat import BEGAN, SpokenChat
from tests.integration.analysis.working import a_project_row, a_run_row, proposal_rows

Action = Callable[[UUID], Awaitable[RunRecord]]
ACTIONS: dict[RunAction, Action] = {"start": started, "cancel": cancelled, "retry": retried, "close": closed}
REPEATED = {("start", "running"), ("cancel", "cancelled"), ("retry", "running"), ("close", "closed")}
"""What is done already is harmless to do again."""
CASES = [(action, status) for action in ACTIONS for status in get_args(RunStatus)]


def test_made_run_waits_with_what_it_works_with_and_what_it_may_cost(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=3)

    async def scenario() -> tuple[Any, ...]:
        agent_id = await a_proposer(llm, instructions="Пиши коротко.", max_cost_per_run=0.5)
        config = await a_task_config(instructions="Лише про касу.")
        project = await a_project()
        run = await made(project_id=project.id, agent_id=agent_id, task_config_id=config.id)
        await project_queries.update_project(
            UpdateProject(project_id=project.id, description="Інше", changed_by=BY)
        )
        return project, config, run, await now(run.id), await events("run_%")

    project, config, run, later, told_of = in_talk(scenario)
    snapshot = run.config_snapshot
    assert (run.status, run.created_by, run.started_at, run.batches_total) == ("pending", BY, None, None)
    assert (snapshot.project, snapshot.task_config) == (project, config)
    assert (snapshot.agent_name, snapshot.model, snapshot.basic_mode) == ("Модель", "chat-model", False)
    assert (snapshot.instructions, snapshot.max_cost) == ("Пиши коротко.", 0.5)
    assert run.estimate.messages == 150
    assert 3 <= run.estimate.batches <= 6
    assert run.estimate.cost > 0.5
    assert run.estimate.exceeds_cap
    assert later == run, "what a project becomes afterwards does not change it"
    assert told_of == []


def test_made_twice_it_is_made_once(in_talk: InChat) -> None:
    async def scenario() -> tuple[Any, ...]:
        first = await made()
        again = await made(run_id=first.id, project_id=first.project_id)
        return first, again, await rows("SELECT count(*) FROM analysis_runs")

    first, again, counted = in_talk(scenario)
    assert again == first
    assert counted == [(1,)]


@pytest.mark.parametrize("at_once", [2, 8])
def test_several_made_at_once_give_one_run_and_conflicts_that_name_it(
    in_talk: InChat, talk: SpokenChat, at_once: int
) -> None:
    async def scenario() -> tuple[Any, ...]:
        talk.measured_together = asyncio.Barrier(at_once)
        project = await a_project()
        making = (made(project_id=project.id) for _ in range(at_once))
        return await asyncio.gather(*making, return_exceptions=True), (await listed()).items

    outcomes, (kept,) = in_talk(scenario)
    (run,) = [each for each in outcomes if isinstance(each, RunRecord)]
    errors = [each for each in outcomes if isinstance(each, QueryError)]
    assert kept.id == run.id
    assert len(errors) == at_once - 1
    assert {error.code for error in errors} == {"conflict"}
    assert all(f"{run.id} is pending" in str(error) for error in errors)


def test_one_made_thrice_at_once_is_one(in_talk: InChat, talk: SpokenChat) -> None:
    async def scenario() -> list[RunRecord]:
        talk.measured_together = asyncio.Barrier(3)
        project, run_id = await a_project(), uuid4()
        return await asyncio.gather(*(made(project_id=project.id, run_id=run_id) for _ in range(3)))

    first, second, third = in_talk(scenario)
    assert first == second == third


@pytest.mark.parametrize("status", ["pending", "running", "completed", "reviewed", "failed"])
def test_second_run_is_refused_while_the_first_is_not_closed(in_talk: InChat, status: RunStatus) -> None:
    async def scenario() -> tuple[Any, ...]:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id, status)
        return run_id, await refusal(made(project_id=project_id))

    run_id, (code, field, message) = in_talk(scenario)
    assert (code, field) == ("conflict", "project_id")
    assert f"{run_id} is {status}" in message


@pytest.mark.parametrize("status", ["closed", "cancelled"])
def test_project_may_have_another_run_once_the_first_is_over(in_talk: InChat, status: RunStatus) -> None:
    async def scenario() -> Any:
        project_id = await a_project_row()
        await a_run_row(project_id, status)
        return await made(project_id=project_id)

    assert in_talk(scenario).status == "pending"


def test_who_proposes_is_who_is_named_else_assigned_else_active(in_talk: InChat) -> None:
    async def scenario() -> list[str]:
        names = []
        local = {"kind": "task_proposer"}
        agents = {
            name: (await an_agent(LOCAL_PROVIDER, name, **local)).id for name in ("named", "own", "for all")
        }
        config, project = await a_task_config(), await a_project()

        async def proposer(**given: Any) -> None:
            run = await made(project_id=project.id, **given)
            names.append(run.config_snapshot.agent_name)
            await cancelled(run.id)

        await proposer()
        await proposer(task_config_id=config.id)
        await an_assignment(config, agent_id=agents["for all"])
        await proposer(task_config_id=config.id)
        await an_assignment(config, agent_id=agents["own"], project_id=project.id)
        await proposer(task_config_id=config.id)
        await proposer(task_config_id=config.id, agent_id=agents["named"])
        return names

    assert in_talk(scenario) == ["Task proposer", "Task proposer", "for all", "own", "named"]


def test_what_cannot_be_run_is_refused_with_what_is_wrong(in_talk: InChat, llm: LlmServer) -> None:
    async def scenario() -> dict[str, Any]:
        extractor = await an_agent(LOCAL_PROVIDER, "extracts")
        without_model = await a_provider("Без моделі", type="openai", base_url=llm.url, chat_model=None)
        mute = await an_agent(without_model.id, "mute", kind="task_proposer")
        found = {
            "project": await refusal(made(project_id=uuid4())),
            "window": await refusal(made(until=BEGAN)),
            "agent": await refusal(made(agent_id=uuid4())),
            "kind": await refusal(made(agent_id=extractor.id)),
            "config": await refusal(made(task_config_id=uuid4())),
            "model": await refusal(made(agent_id=mute.id)),
        }
        await told("UPDATE agent_configs SET active = false WHERE id = :id", id=LOCAL_PROPOSER)
        return found | {"nobody": await refusal(made()), "runs": (await listed()).items}

    found = in_talk(scenario)
    assert found.pop("runs") == []
    assert {name: (code, field) for name, (code, field, _) in found.items()} == {
        "project": ("not_found", None),
        "window": ("invalid", "until"),
        "agent": ("invalid", "agent_id"),
        "kind": ("invalid", "agent_id"),
        "config": ("invalid", "task_config_id"),
        "model": ("conflict", None),
        "nobody": ("conflict", None),
    }
    assert "mute" in found["model"][2]
    assert "task_proposer" in found["nobody"][2]


def test_nothing_is_made_while_ingestion_is_away(in_talk: InChat, talk: SpokenChat) -> None:
    talk.down = {MeasureWindow.subject}

    async def scenario() -> tuple[Any, ...]:
        return await refusal(made()), (await listed()).items

    (code, _, _), runs = in_talk(scenario)
    assert code == "unavailable"
    assert runs == []


def test_started_run_is_sent_once_as_the_chain_that_has_its_id(in_talk: InChat) -> None:
    async def scenario() -> tuple[Any, ...]:
        run = await made()
        first, again = await started(run.id), await started(run.id)
        chains = await rows("SELECT DISTINCT headers ->> 'baggage' FROM outbox")
        return run, first, again, await commands("execute_analysis_run"), await events("run_started"), chains

    run, first, again, sent, told_of, chains = in_talk(scenario)
    assert (first.status, again.status) == ("running", "running")
    assert first.started_at == again.started_at
    assert sent == [{"run_id": str(run.id)}]
    assert [each["run"]["id"] for each in told_of] == [str(run.id)]
    assert chains == [(f"run_id={run.id}",)]


@pytest.mark.parametrize(("action", "status"), CASES)
def test_action_in_a_state_is_done_or_refused_and_what_is_done_already_stays(
    in_talk: InChat, action: RunAction, status: RunStatus
) -> None:
    async def scenario() -> Any:
        run_id = await a_run_row(await a_project_row(), status)
        does = ACTIONS[action](run_id)
        legal = TRANSITIONS[action].get(status)
        if (action, status) in REPEATED:
            return status, (await does).status, await rows("SELECT count(*) FROM outbox")
        if legal is not None:
            return legal, (await does).status, [(0,)]
        code, _, message = await refusal(does)
        assert code == "conflict"
        assert f"The run is {status}" in message
        return status, (await now(run_id)).status, await rows("SELECT count(*) FROM outbox")

    wanted, found, sent = in_talk(scenario)
    assert found == wanted
    assert sent == [(0,)], "nothing is sent of what was not done"


@pytest.mark.parametrize("action", ACTIONS)
def test_action_on_a_run_that_does_not_exist_is_refused(in_talk: InChat, action: RunAction) -> None:
    async def scenario() -> Any:
        return await refusal(ACTIONS[action](uuid4()))

    assert in_talk(scenario)[0] == "not_found"


@pytest.mark.parametrize(("waiting", "said"), [(1, "1 proposal waits"), (3, "3 proposals wait")])
def test_run_with_proposals_that_wait_is_not_closed_and_says_how_many(
    in_talk: InChat, waiting: int, said: str
) -> None:
    async def scenario() -> tuple[Any, ...]:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id)
        ids = await proposal_rows(project_id, run_id, waiting)
        refused = await refusal(closed(run_id))
        for number, proposal_id in enumerate(ids):
            await decided(proposal_id, "reject" if number else "approve")
        return refused, await now(run_id), await closed(run_id), await events("run_closed")

    (code, _, message), reviewed, done, told_of = in_talk(scenario)
    assert code == "conflict"
    assert said in message
    assert reviewed.status == "reviewed"
    assert (done.status, done.closed_by, done.proposals_pending) == ("closed", BY, 0)
    assert done.closed_at is not None
    assert done.accuracy.approval_rate == pytest.approx(1 / waiting)
    assert done.accuracy.rejection_rate == pytest.approx((waiting - 1) / waiting)
    assert [each["run"]["status"] for each in told_of] == ["closed"]
    assert told_of[0]["run"]["accuracy"]["approval_rate"] == pytest.approx(1 / waiting)


def test_cancelled_run_is_told_of_and_makes_room_for_another(in_talk: InChat) -> None:
    async def scenario() -> tuple[Any, ...]:
        run = await made()
        done = await cancelled(run.id)
        other = await made(project_id=run.project_id)
        return done, other, await refusal(retried(run.id)), await events("run_failed")

    done, other, (code, _, message), told_of = in_talk(scenario)
    assert done.status == "cancelled"
    assert done.finished_at is not None
    assert other.status == "pending"
    assert code == "conflict"
    assert str(other.id) in message
    assert [each["run"]["status"] for each in told_of] == ["cancelled"]


def test_of_two_cancelled_runs_of_a_project_one_is_retried(in_talk: InChat) -> None:
    async def scenario() -> tuple[Any, ...]:
        project_id = await a_project_row()
        runs = [await a_run_row(project_id, "cancelled") for _ in range(2)]
        outcomes = await asyncio.gather(*(retried(run_id) for run_id in runs), return_exceptions=True)
        return outcomes, [run.status for run in (await listed()).items]

    outcomes, statuses = in_talk(scenario)
    assert sorted(statuses) == ["cancelled", "running"]
    assert [each.code for each in outcomes if isinstance(each, QueryError)] == ["conflict"]


def test_run_that_was_cancelled_before_it_began_begins_with_its_retry(in_talk: InChat) -> None:
    async def scenario() -> tuple[Any, ...]:
        run = await made()
        await cancelled(run.id)
        again = await retried(run.id)
        return run, again, await commands("execute_analysis_run"), await events("run_started")

    run, again, sent, told_of = in_talk(scenario)
    assert (again.status, again.finished_at) == ("running", None)
    assert sent == [{"run_id": str(run.id)}]
    assert len(told_of) == 1


def test_runs_are_listed_newest_first_page_by_page(in_talk: InChat) -> None:
    async def scenario() -> tuple[Any, ...]:
        mine, other = await a_project_row("Каса"), await a_project_row("Склад")
        ids = [await a_run_row(mine, "closed") for _ in range(4)] + [await a_run_row(other, "failed")]
        pages, cursor = [], None
        while True:
            page = await listed(project_id=mine, limit=3, cursor=cursor)
            pages.append([run.id for run in page.items])
            cursor = page.next_cursor
            if cursor is None:
                break
        failed = await listed(status="failed")
        return ids, pages, [(run.id, run.project_name) for run in failed.items]

    ids, pages, failed = in_talk(scenario)
    assert pages == [[ids[3], ids[2], ids[1]], [ids[0]]]
    assert failed == [(ids[4], "Склад")]
