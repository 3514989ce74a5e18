"""What NATS permits to whom: lists of subjects, derived from the table of services.

A service may publish to the queues that it sends to, and to no others; it hears its own inbox and nobody
else's; of JetStream it may make those calls on those streams that its work needs. Only an operator may change
or delete a stream.
"""

from collections.abc import Iterable

from deploy.topology import jetstream
from deploy.topology.grants import Grants, publishes, subscribes, together
from deploy.topology.jetstream import CREATE, DELETE, INFO, LIST_CONSUMERS, PURGE, READ, on_stream
from deploy.topology.services import WORKERS, Service
from dramatiq_nats.naming import (
    consumer_name,
    dead_letter_stream,
    dead_letter_subject,
    limit_stream,
    result_stream,
    roll_call_subject,
    schedules_subject,
    stream_name,
    work_subject,
)
from shared.messaging.names import (
    broker_namespace,
    bucket,
    event_stream,
    event_subject,
    gateway_subject,
    inbox_prefix,
    query_subject,
    wake_subject,
)

QUEUES = tuple(service.name for service in WORKERS)
_COUNTERS = "COUNTS"


def grants_of(service: Service, namespace: str = "") -> Grants:
    """All that a service may do.

    Args:
        service: Whose.
        namespace: The installation's, as in `TT_NAMESPACE`.
    """
    parts = [
        _answers_to(service, namespace),
        _says(service, namespace),
        _asks(service, namespace),
        _knows_of_tasks(service, namespace),
        _keeps_files(service, namespace),
        _looks_at_queues(namespace),
    ]
    if service.is_worker:
        parts += [_works(service, namespace), _serves(service, namespace), _hears(service, namespace)]
    else:
        parts += [_follows_events(namespace), _operates(namespace), _agrees_with_replicas(namespace)]
    return together(parts)


def _answers_to(service: Service, namespace: str) -> Grants:
    return subscribes(f"{inbox_prefix(namespace, service.name)}.>")


def _says(service: Service, namespace: str) -> Grants:
    """Commands and events, by the outbox, and the waking of its relay."""
    broker, wake = broker_namespace(namespace), wake_subject(namespace, service.name)
    queues = sorted({command.queue_name for command in service.sends})
    return together(
        [
            publishes(*(work_subject(broker, queue) for queue in queues)),
            publishes(*(event_subject(namespace, event.event_name) for event in service.publishes)),
            on_stream(event_stream(namespace), CREATE, INFO),
            publishes(wake),
            subscribes(wake),
        ]
    )


def _hears(service: Service, namespace: str) -> Grants:
    return subscribes(*(event_subject(namespace, event.event_name) for event in service.hears))


def _asks(service: Service, namespace: str) -> Grants:
    return publishes(*(query_subject(namespace, query.subject) for query in service.asks))


def _serves(service: Service, namespace: str) -> Grants:
    """The queries of its domain, and what NATS's services API asks of every service."""
    return subscribes(
        *(query_subject(namespace, query.subject) for query in service.answers),
        *(f"$SRV.{verb}" for verb in ("PING", "INFO", "STATS")),
        *(f"$SRV.{verb}.{service.name}" for verb in ("PING", "INFO", "STATS")),
        *(f"$SRV.{verb}.{service.name}.*" for verb in ("PING", "INFO", "STATS")),
    )


def _works(service: Service, namespace: str) -> Grants:
    """Its own queue: work, retries, dead letters and the telling of them."""
    broker, queue = broker_namespace(namespace), service.name
    work, dead = stream_name(broker), dead_letter_stream(broker)
    return together(
        [
            *(on_stream(stream, CREATE, INFO) for stream in _broker_streams(broker)),
            jetstream.durable(work, consumer_name(queue)),
            publishes(work_subject(broker, queue), schedules_subject(broker, queue)),
            publishes(dead_letter_subject(broker, queue)),
            on_stream(dead, READ),
            jetstream.durable(dead, f"events-{consumer_name(queue)}"),
            _counts(namespace),
            subscribes(roll_call_subject(broker)),
        ]
    )


def _counts(namespace: str) -> Grants:
    """Cells: places of providers, beginnings of messages that may be poison, pauses."""
    broker = broker_namespace(namespace)
    return on_stream(limit_stream(broker), READ) | publishes(_any_cell(broker))


def _looks_at_queues(namespace: str) -> Grants:
    """How full the queues are, for metrics and the page."""
    broker = broker_namespace(namespace)
    work = stream_name(broker)
    # Where tens of thousands of messages are delayed: a consumer that counts them, and is asked for none.
    counting = (
        f"$JS.API.CONSUMER.CREATE.{work}.{consumer_name(queue)}=delayed.{schedules_subject(broker, queue)}"
        for queue in QUEUES
    )
    return together(
        [
            on_stream(work, INFO, READ, LIST_CONSUMERS),
            on_stream(dead_letter_stream(broker), INFO),
            publishes(*counting),
        ]
    )


def _knows_of_tasks(service: Service, namespace: str) -> Grants:
    """The states of tasks that somebody watches, and which worker processes there are."""
    tasks, workers = bucket(namespace, "tasks"), bucket(namespace, "workers")
    watched = jetstream.write_bucket(tasks, "*") | jetstream.read_bucket(tasks)
    if service.is_worker:
        return watched | jetstream.write_bucket(workers, f"{service.name}.>")
    return watched | jetstream.read_bucket(workers)


def _keeps_files(service: Service, namespace: str) -> Grants:
    written = (jetstream.write_store(bucket(namespace, name)) for name in service.writes_stores)
    read = (jetstream.read_store(bucket(namespace, name)) for name in service.reads_stores)
    return together([*written, *read])


def _follows_events(namespace: str) -> Grants:
    return jetstream.passing(event_stream(namespace))


def _operates(namespace: str) -> Grants:
    """What people do by the gateway: read dead letters, send them again, delete them, pause queues, look."""
    broker = broker_namespace(namespace)
    work, dead, cells = stream_name(broker), dead_letter_stream(broker), limit_stream(broker)
    return together(
        [
            jetstream.account(),
            on_stream(dead, INFO, READ, DELETE),
            on_stream(cells, PURGE),
            publishes(_any_cell(broker)),
            publishes(*(f"$JS.API.CONSUMER.CREATE.{work}.{consumer_name(queue)}" for queue in QUEUES)),
            publishes(*(f"$JS.API.CONSUMER.PAUSE.{work}.{consumer_name(queue)}" for queue in QUEUES)),
        ]
    )


def _agrees_with_replicas(namespace: str) -> Grants:
    """What gateways tell each other: used tickets, limits, changed keys."""
    changed, tickets = gateway_subject(namespace, "keys.changed"), bucket(namespace, "tickets")
    return together(
        [
            jetstream.write_bucket(tickets, "*"),
            jetstream.read_bucket(tickets),
            on_stream(bucket(namespace, _COUNTERS), CREATE),
            publishes(gateway_subject(namespace, "counts.>"), changed),
            subscribes(changed),
        ]
    )


def _broker_streams(broker: str) -> Iterable[str]:
    return (stream_name(broker), dead_letter_stream(broker), result_stream(broker), limit_stream(broker))


def _any_cell(broker: str) -> str:
    return f"{broker}.lim.*"
