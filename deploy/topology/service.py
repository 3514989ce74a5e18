"""What the table says of one service."""

import pkgutil
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import shared.contracts
from shared.contracts.base import COMMANDS, QUERIES, Command, Event, Query

AnyQuery = type[Query[Any]]

# What "all" means below and in the table: the contracts of every module, whether it is named or not.
for _module in pkgutil.iter_modules(shared.contracts.__path__):
    import_module(f"shared.contracts.{_module.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What one service has to do with the others.

    Attributes:
        name: The domain, which is also its queue, its database schema and its role.
        is_worker: Whether it takes work from a queue and answers queries; the gateway does neither.
        sends: The commands that it sends, to itself or to others.
        publishes: The events that it tells of.
        hears: The events that it acts on.
        asks: The queries that it asks others.
        calls_models: Whether it calls language models or embedding servers, and shares out their places.
        writes_stores: The object stores that it puts files into, or deletes them from.
        reads_stores: Those that it only reads.
    """

    name: str
    is_worker: bool = True
    sends: tuple[type[Command], ...]
    publishes: tuple[type[Event], ...]
    hears: tuple[type[Event], ...] = ()
    asks: tuple[AnyQuery, ...]
    calls_models: bool = False
    writes_stores: tuple[str, ...] = ()
    reads_stores: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[type[Command], ...]:
        """The commands of its queue."""
        return tuple(each for each in COMMANDS.values() if self.is_worker and each.queue_name == self.name)

    @property
    def answers(self) -> tuple[AnyQuery, ...]:
        """The queries of its domain."""
        return tuple(each for each in QUERIES.values() if self.is_worker and domain_of(each) == self.name)


def domain_of(query: AnyQuery) -> str:
    """The service that answers a query."""
    return query.subject.partition(".")[0]
