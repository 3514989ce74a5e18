"""Vector spaces: what one is, and what is to be done about them when the embedder may have changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.contracts.analysis import AgentAccess
from shared.contracts.embedding import SpaceStatus

RETRY_FAILED_AFTER = timedelta(minutes=15)
STALLED_AFTER = timedelta(minutes=10)
KEPT = timedelta(days=1)
"""How long a space stays after another took over: to go back to it, and to end searches begun in it."""

ABANDONED = "The embedder was changed before this space was complete."
"""Why a space failed with which nothing was wrong: it may be filled again at once."""

LEAST_SHARE = 0.9
"""Of what ought to be in a space, so much must be before it takes over."""

RunStatus = Literal["pending", "running", "completed", "failed"]


@dataclass(frozen=True, slots=True)
class Target:
    """What the active embedder embeds with.

    Attributes:
        dimension: Of its vectors; None while that is not known.
        changed_at: When the provider or the agent was last changed.
    """

    provider_id: UUID
    document_model: str
    query_model: str
    dimension: int | None
    basic_mode: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Space:
    """A vector space, and how its last filling stands.

    Attributes:
        dimension: 0 until the provider has made a first vector; there are no tables before.
        ended_at: When it was retired or failed.
        moved_at: When it was last seen to get on.
        run_status: Of its last filling; None when there was none.
        common_to_queries: The mean of ordinary queries' vectors, where search does better without it.
    """

    id: int
    provider_id: UUID
    document_model: str
    query_model: str
    dimension: int
    basic_mode: bool
    status: SpaceStatus
    failure: str | None
    created_at: datetime
    activated_at: datetime | None
    ended_at: datetime | None
    moved_at: datetime
    run_status: RunStatus | None = None
    common_to_queries: Sequence[float] | None = None

    @property
    def has_tables(self) -> bool:
        """Whether there can be vectors in it."""
        return self.dimension > 0

    @property
    def is_live(self) -> bool:
        """Whether what is new is to be embedded in it."""
        return self.status in ("active", "building")

    @property
    def is_being_filled(self) -> bool:
        """Whether a filling is under way."""
        return self.is_live and self.run_status in ("pending", "running")

    def suits(self, target: Target) -> bool:
        """Whether it is the space of this embedder."""
        return (
            (self.provider_id, self.document_model, self.query_model)
            == (target.provider_id, target.document_model, target.query_model)
        ) and (not self.dimension or target.dimension in (None, self.dimension))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        abandon: The space that is being built for an embedder that is not the active one any more.
        resume: The space whose filling has stalled and is to be set off again.
        fill: A space that is there and is to be filled.
        make: Whether a new space is to be made and filled.
        remove: Spaces that nobody needs any more.
    """

    abandon: Space | None = None
    resume: Space | None = None
    fill: Space | None = None
    make: bool = False
    remove: tuple[Space, ...] = ()


def target_of(active: AgentAccess) -> Target | None:
    """What the active embedder embeds with; None when no model is named."""
    agent, provider = active.agent, active.access.provider
    document_model = agent.model or provider.document_model
    if document_model is None:
        return None
    return Target(
        provider_id=provider.id,
        document_model=document_model,
        query_model=agent.model or provider.query_model or document_model,
        dimension=None if agent.model else provider.dimension,
        basic_mode=provider.basic_mode,
        changed_at=max(agent.updated_at, provider.updated_at),
    )


def plan(target: Target, spaces: Sequence[Space], now: datetime) -> Plan:
    """What is to be done so that the embedder's space is there, or on its way.

    Args:
        target: What the active embedder embeds with.
        spaces: All spaces.
        now: The present time.
    """
    suiting = [space for space in spaces if space.suits(target)]
    building = next((space for space in spaces if space.status == "building"), None)
    abandon = building if building is not None and building not in suiting else None
    # One that is being built for this embedder comes before the one that it is to take over from.
    live = max((space for space in suiting if space.is_live), key=_is_building, default=None)
    resume = fill = None
    make = False
    if live is not None:
        if live.is_being_filled:
            resume = live if now - live.moved_at > STALLED_AFTER else None
        elif live.run_status == "failed" and _may_retry(live, target, now):
            fill = live
    elif earlier := _latest(suiting):
        fill = earlier if earlier.status == "retired" or _may_retry(earlier, target, now) else None
    else:
        make = True
    kept = {space.id for space in (live, fill, _latest(suiting)) if space is not None}
    return Plan(abandon, resume, fill, make, _removable(spaces, kept, now))


def may_take_over(embedded: int, wanted: int) -> bool:
    """Whether enough is in a space of what ought to be: bad items hold nothing up, a bad provider does."""
    return embedded >= LEAST_SHARE * wanted


def _is_building(space: Space) -> bool:
    return space.status == "building"


def _may_retry(space: Space, target: Target, now: datetime) -> bool:
    """Nothing was wrong with it, something was changed since it failed, or it is some time ago."""
    return (
        space.failure == ABANDONED
        or target.changed_at > space.moved_at
        or now - space.moved_at > RETRY_FAILED_AFTER
    )


def _latest(spaces: Sequence[Space]) -> Space | None:
    return max(spaces, key=lambda space: space.id, default=None)


def _removable(spaces: Sequence[Space], kept: set[int], now: datetime) -> tuple[Space, ...]:
    """Ended spaces past their time, and of the retired ones all but the last."""
    ended = [space for space in spaces if not space.is_live and space.id not in kept]
    retired = [space for space in spaces if space.status == "retired"]
    last = max(retired, key=lambda space: space.ended_at or space.created_at, default=None)
    return tuple(
        space
        for space in ended
        if now - (space.ended_at or space.created_at) > KEPT or (space.status == "retired" and space != last)
    )
