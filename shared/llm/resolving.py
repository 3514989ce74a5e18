"""Who is to be asked: agents and providers as analysis knows them, remembered for a little while.

A change is heard of at once, by the events that analysis publishes; should one be missed, what is remembered
is too old after half a minute.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from shared.contracts.analysis import (
    AgentAccess,
    AgentChanged,
    AgentKind,
    GetProviderAccess,
    ProviderAccess,
    ProviderChanged,
    ResolveAgent,
)
from shared.contracts.errors import unavailable
from shared.llm.loops import LoopLocal
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import event_subject
from shared.messaging.queries import ask

T = TypeVar("T")

REMEMBERED_SECONDS = 30.0


@dataclass(slots=True)
class _Known:
    """What the running loop remembers, and since when."""

    answers: dict[object, tuple[float, object]] = field(default_factory=dict)
    changes: int = 0
    subscriptions: list[Subscription] = field(default_factory=list)
    listening: asyncio.Lock = field(default_factory=asyncio.Lock)


_known: LoopLocal[_Known] = LoopLocal(_Known)


async def resolve_agent(agent: AgentKind | UUID) -> AgentAccess:
    """The agent with this id, or the active one of a kind, with its provider.

    Raises:
        QueryError: `not_found` when there is none; `unavailable` when analysis does not answer.
    """
    query = ResolveAgent(agent_id=agent) if isinstance(agent, UUID) else ResolveAgent(kind=agent)
    return await _remembered(("agent", agent), lambda: ask(query))


async def resolve_provider(provider_id: UUID) -> ProviderAccess:
    """A provider with its sealed key.

    Raises:
        QueryError: `not_found` when there is none; `unavailable` when analysis does not answer.
    """
    return await _remembered(
        ("provider", provider_id), lambda: ask(GetProviderAccess(provider_id=provider_id))
    )


async def stop_listening() -> None:
    """Forget everything, and hear of no more changes."""
    known = _known.take()
    for subscription in known.subscriptions if known else ():
        try:
            await subscription.unsubscribe()
        except NatsError:
            continue  # its connection is closed, and the subscription with it


async def _remembered(key: object, fetch: Callable[[], Awaitable[T]]) -> T:
    known = _known.get()
    await _listen(known)
    found = known.answers.get(key)
    if found is not None and time.monotonic() - found[0] < REMEMBERED_SECONDS:
        return found[1]  # type: ignore[return-value]  # a key names one kind of answer
    changes, asked_at = known.changes, time.monotonic()
    answer = await fetch()
    # What changed while it was on its way may not be in it.
    if known.changes == changes:
        known.answers[key] = (asked_at, answer)
    return answer


async def _listen(known: _Known) -> None:
    """Hear of changes from before the first answer is remembered."""
    async with known.listening:
        if known.subscriptions:
            return

        async def forget(_message: object) -> None:
            known.answers.clear()
            known.changes += 1

        client, made = await connection(), []
        try:
            for event in (ProviderChanged, AgentChanged):
                subject = event_subject(bound_namespace(), event.event_name)
                made.append(await client.subscribe(subject, cb=forget))
        except NatsError as error:
            raise unavailable(
                f"The message server cannot be listened to ({error!r}). Is NATS running?"
            ) from error
        # All or none: of half of the changes nobody would hear for as long as the process lives.
        known.subscriptions = made
