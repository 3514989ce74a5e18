"""The three kinds of contract between services: commands, events and queries.

Each contract is a frozen msgspec Struct that carries its own address, so that whoever sends it needs to know
nothing else. Contracts only grow: a field is added with a default, never renamed or removed.
"""

from typing import Any, ClassVar, Generic, TypeVar, get_args

import msgspec

Answer = TypeVar("Answer")


class _ContractMeta(msgspec.StructMeta):
    """Makes each subclass frozen and keyword-only, and keeps its address as class variables."""

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        **options: Any,
    ) -> Any:
        actor, queue = options.pop("actor", None), options.pop("queue", None)
        subject, event = options.pop("subject", None), options.pop("event", None)
        options.setdefault("frozen", True)
        options.setdefault("kw_only", True)
        options.setdefault("omit_defaults", True)
        contract: Any = super().__new__(mcls, name, bases, namespace, **options)
        if actor is not None:
            contract.actor_name, contract.queue_name = actor, queue
            COMMANDS[actor] = contract
        if subject is not None:
            contract.subject = subject
            contract.answer_type = get_args(contract.__orig_bases__[0])[0]
            QUERIES[subject] = contract
        if event is not None:
            contract.event_name, contract.topic, contract.type = event
            EVENTS[event[0]] = contract
        return contract


class Command(msgspec.Struct, metaclass=_ContractMeta):
    """An order to one service: a Dramatiq message on its queue. Declared with `actor=` and `queue=`."""

    actor_name: ClassVar[str]
    queue_name: ClassVar[str]


class Query(msgspec.Struct, Generic[Answer], metaclass=_ContractMeta):
    """A question, or an order with an answer. Declared with `subject="<domain>.<name>"`.

    Answered by request/reply within the caller's time limit, or with a `QueryError`. A query that changes
    something names its entity by an id that the caller made, so that asking twice is harmless.
    """

    subject: ClassVar[str]
    answer_type: ClassVar[Any]


class Event(msgspec.Struct, metaclass=_ContractMeta):
    """A fact, for whoever cares. Declared with `event=(name, topic, type)`.

    `name` is `<domain>.<name>` and makes the subject; `topic` and `type` are what a WebSocket client sees.
    """

    event_name: ClassVar[str]
    topic: ClassVar[str]
    type: ClassVar[str]


COMMANDS: dict[str, type[Command]] = {}
"""Every command by the name of its actor."""
QUERIES: dict[str, type[Query[Any]]] = {}
"""Every query by its subject."""
EVENTS: dict[str, type[Event]] = {}
"""Every event by its name."""
