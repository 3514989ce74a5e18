"""Who is asked: resolved by query, remembered, forgotten when analysis says that it changed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest
from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.errors import ConnectionClosedError

from shared.contracts.analysis import (
    AgentAccess,
    AgentChanged,
    GetProviderAccess,
    ProviderAccess,
    ProviderChanged,
    ResolveAgent,
)
from shared.contracts.base import Event
from shared.contracts.errors import QueryError, not_found
from shared.llm import open_agent, open_embedder, resolving
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import event_subject
from shared.messaging.queries import serve
from tests.fakes.llm import Hangs, Says
from tests.integration.llm.stage import AGENT_ID, GOOD, PROVIDER_ID, Stage, judge

T = TypeVar("T")


class Analysis:
    """Answers in the place of analysis, and counts."""

    def __init__(self, agent: AgentAccess) -> None:
        self.agent: AgentAccess | None = agent
        self.asked = 0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def resolve(self, query: ResolveAgent) -> AgentAccess:
        self.asked += 1
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.agent is None or query.agent_id not in (None, AGENT_ID):
            raise not_found("such agent")
        return self.agent

    async def access(self, query: GetProviderAccess) -> ProviderAccess:
        self.asked += 1
        if self.agent is None or query.provider_id != PROVIDER_ID:
            raise not_found("such provider")
        return self.agent.access

    def change(self, **provider: Any) -> None:
        assert self.agent is not None
        changed = msgspec.structs.replace(self.agent.access.provider, **provider)
        access = msgspec.structs.replace(self.agent.access, provider=changed)
        self.agent = msgspec.structs.replace(self.agent, access=access)


def play(stage: Stage, scenario: Callable[[Analysis], Awaitable[T]]) -> T:
    async def within() -> T:
        analysis = Analysis(stage.agent())
        handlers: dict[str, Any] = {
            ResolveAgent.subject: analysis.resolve,
            GetProviderAccess.subject: analysis.access,
        }
        served = await serve("analysis", handlers)
        try:
            return await scenario(analysis)
        finally:
            await served.stop()

    return stage.run(within)


async def tell(event: Event) -> None:
    """Publish an event as the relay does, and let it be heard."""
    client = await connection()
    await client.publish(event_subject(bound_namespace(), event.event_name), msgspec.json.encode(event))
    await client.flush()
    await asyncio.sleep(0)


def test_agent_is_resolved_once_and_remembered(stage: Stage) -> None:
    async def scenario(analysis: Analysis) -> int:
        for _ in range(5):
            session = await open_agent("knowledge_extractor")
            assert session.agent.id == AGENT_ID
            await open_embedder(PROVIDER_ID)
        return analysis.asked

    assert play(stage, scenario) == 2


@pytest.mark.parametrize("event", [ProviderChanged(provider_id=PROVIDER_ID), AgentChanged(agent_id=AGENT_ID)])
def test_change_is_heard_of(stage: Stage, event: Event) -> None:
    async def scenario(analysis: Analysis) -> list[str | None]:
        models = [(await open_agent(AGENT_ID)).provider.chat_model]
        analysis.change(chat_model="new-model")
        await tell(event)
        while models[-1] != "new-model":
            models.append((await open_agent(AGENT_ID)).provider.chat_model)
        assert analysis.asked == 2
        return models

    assert play(stage, scenario)[0] == "chat-model"


def test_who_could_not_listen_to_all_changes_listens_to_them_the_next_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe, failing = Client.subscribe, ["agent_changed"]

    async def subscribe_later(client: Client, subject: str, **options: Any) -> Subscription:
        if failing and subject.endswith(failing[0]):
            failing.clear()
            raise ConnectionClosedError
        return await subscribe(client, subject, **options)

    async def scenario(analysis: Analysis) -> str | None:
        monkeypatch.setattr(Client, "subscribe", subscribe_later)
        with pytest.raises(QueryError) as caught:
            await open_agent(AGENT_ID)
        assert caught.value.code == "unavailable"
        await open_agent(AGENT_ID)
        analysis.change(chat_model="new-model")
        await tell(AgentChanged(agent_id=AGENT_ID))
        model: str | None = None
        async with asyncio.timeout(20):
            while model != "new-model":
                model = (await open_agent(AGENT_ID)).provider.chat_model
        return model

    assert play(stage, scenario) == "new-model"


def test_what_is_remembered_grows_old(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "REMEMBERED_SECONDS", 0.0)

    async def scenario(analysis: Analysis) -> int:
        for _ in range(3):
            await open_agent("embedder")
        return analysis.asked

    assert play(stage, scenario) == 3


def test_answer_that_a_change_overtook_is_not_remembered(stage: Stage) -> None:
    async def scenario(analysis: Analysis) -> int:
        analysis.meanwhile = lambda: tell(AgentChanged(agent_id=AGENT_ID))
        await open_agent("embedder")
        analysis.meanwhile = None
        await open_agent("embedder")
        await open_agent("embedder")
        return analysis.asked

    assert play(stage, scenario) == 2


def test_nobody_and_no_analysis_are_told_apart(stage: Stage) -> None:
    async def unknown(_: Analysis) -> str:
        with pytest.raises(QueryError) as caught:
            await open_agent(UUID(int=99))
        return caught.value.code

    async def silent() -> str:
        with pytest.raises(QueryError) as caught:
            await open_agent("embedder")
        return caught.value.code

    assert play(stage, unknown) == "not_found"
    assert stage.run(silent) == "unavailable"


def test_changed_address_gets_a_new_client_while_the_old_one_finishes(stage: Stage) -> None:
    stage.llm.chat.then(Says(GOOD, after=0.3))

    async def scenario(analysis: Analysis) -> int:
        asking = asyncio.create_task((await open_agent(AGENT_ID)).chat.ask(judge("a")))
        await asyncio.to_thread(stage.llm.chat.wait_for, 1)
        analysis.change(base_url=stage.llm.url.replace("127.0.0.1", "localhost"))
        await tell(ProviderChanged(provider_id=PROVIDER_ID))
        session = await open_agent(AGENT_ID)
        while session.provider.base_url == stage.llm.url:
            session = await open_agent(AGENT_ID)
        await session.chat.ask(judge("b"))
        await asking
        return len(stage.llm.chat.requests)

    assert play(stage, scenario) == 2
    hosts = [request.headers["host"].partition(":")[0] for request in stage.llm.chat.requests]
    assert hosts == ["127.0.0.1", "localhost"]


def test_listening_begins_anew_after_it_was_closed(stage: Stage) -> None:
    stage.llm.chat.always(Hangs())
    for _ in range(2):
        play(stage, lambda _: open_agent("embedder"))
