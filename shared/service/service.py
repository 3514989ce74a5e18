"""A service, as its worker module describes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from shared.contracts.base import Command, Event
from shared.database.engine import bind_database
from shared.messaging.access import Access
from shared.messaging.connection import bind_nats
from shared.messaging.names import inbox_prefix
from shared.messaging.queries import Handler, handlers_in
from shared.service.actors import Actor, actors_in
from shared.service.health import version
from shared.service.loops import Loop
from shared.service.settings import ServiceSettings
from shared.telemetry import setup_logs, setup_traces


@dataclass(frozen=True, slots=True)
class Periodic:
    """A command that is sent again and again, once for the whole fleet.

    Attributes:
        command: Makes the command.
        every: Seconds between two.
    """

    command: Callable[[], Command]
    every: float


@dataclass(frozen=True, slots=True)
class Reaction:
    """A command that is sent when something happened; `shared.service.reactions` says how surely.

    Attributes:
        event: What happened.
        command: Makes the command of the event.
    """

    event: type[Event]
    command: Callable[[Any], Command]


@dataclass(frozen=True, slots=True)
class Service:
    """What one domain service is made of.

    Attributes:
        name: The domain, which is also its schema and its queue.
        settings: As read from the environment.
        actors: What runs its commands.
        queries: What answers its queries, by subject.
        periodic: What is sent on a clock.
        reactions: What is sent when something happened elsewhere.
        loops: What runs all the time, in one replica.
    """

    name: str
    settings: ServiceSettings
    actors: list[Actor]
    queries: dict[str, Handler]
    periodic: list[Periodic] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)


def describe_service(  # noqa: PLR0913 - what a service is made of
    name: str,
    settings: ServiceSettings,
    *,
    actors: ModuleType,
    queries: ModuleType | Sequence[ModuleType],
    periodic: list[Periodic] | None = None,
    reactions: list[Reaction] | None = None,
    loops: list[Loop] | None = None,
) -> Service:
    """Gather a service from its modules: one with its actors, one or several with its query handlers.

    Raises:
        ValueError: When two of the modules answer the same query.
    """
    modules = [queries] if isinstance(queries, ModuleType) else queries
    handlers = handlers_in(*modules)
    return Service(name, settings, actors_in(actors), handlers, periodic or [], reactions or [], loops or [])


def bind_process(name: str, settings: ServiceSettings) -> None:
    """Set up logs and traces, and say which servers this process uses. Connects to nothing.

    Raises:
        ValueError: When a file that a setting names is not there.
    """
    setup_logs(name, log_format=settings.log_format, level=settings.log_level)
    setup_traces(
        name,
        settings.otlp_endpoint,
        ratio=settings.trace_ratio,
        version=version(),
        namespace=settings.namespace,
    )
    bind_database(settings.database_url, name, pool_size=settings.pool_size)
    bind_messaging(name, settings)


def bind_messaging(name: str, settings: ServiceSettings) -> None:
    """Say which NATS server this process uses, and how it shows there that it is this service.

    Raises:
        ValueError: When a file that a setting names is not there.
    """
    access = Access(settings.nats_nkey_file, settings.nats_ca_file, inbox_prefix(settings.namespace, name))
    access.check()
    bind_nats(
        settings.nats_url,
        settings.namespace,
        name=f"task-tracker {name}",
        access=access,
        replicas=settings.stream_replicas,
    )
