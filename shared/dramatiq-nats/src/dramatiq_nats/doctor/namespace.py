"""The namespace's streams and queues, and what these credentials may do there."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import DiscardPolicy, PersistMode, RetentionPolicy, StreamConfig
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats import stats
from dramatiq_nats.doctor.finding import Finding, Level
from dramatiq_nats.naming import (
    WORK_STREAM_SUFFIX,
    dead_letter_stream,
    dead_letter_subject,
    limit_stream,
    limit_subject,
    result_stream,
    result_subject,
    stream_name,
    work_subject,
)
from dramatiq_nats.streams import stream_configs

#: What is found of a stream that is not there.
MISSING: Final = "missing"
_STREAM_MISMATCH = 10060


async def check_streams(client: Client, namespace: str) -> AsyncIterator[Finding]:
    """Look at each stream of the namespace: whether it is there, kept as it must be, and by whom."""
    js = client.jetstream()
    for wanted in stream_configs(namespace, replicas=1, dead_letter_age=1):
        check = f"stream {wanted.name}"
        try:
            info = await js.stream_info(str(wanted.name))
        except NotFoundError:
            yield Finding(check, Level.NOTE, MISSING, "The first process that needs it makes it.")
            continue
        except (NatsError, APIError) as error:
            yield Finding(check, Level.ERROR, repr(error), "Its state cannot be read.")
            continue
        faults = list(_faults(wanted, info.config))
        for found, means in faults:
            yield Finding(check, Level.ERROR, found, means)
        replicas = info.config.num_replicas or 1
        if replicas > 1:
            behind = [
                peer.name
                for peer in (info.cluster.replicas if info.cluster else None) or []
                if not peer.current
            ]
            if behind:
                yield Finding(
                    check,
                    Level.WARNING,
                    f"behind: {', '.join(map(str, behind))}",
                    "A loss now may lose messages.",
                )
        elif info.cluster and info.cluster.name:
            yield Finding(
                check,
                Level.WARNING,
                "1 replica in a cluster",
                "It is away while its node is, and lost with its disk: NatsBroker(replicas=3) for a new "
                "namespace, `nats stream edit --replicas 3` for this one.",
            )
        if not faults:
            yield Finding(check, Level.OK, f"{info.state.messages} messages, {replicas} replica(s)")


async def other_namespaces(client: Client) -> list[str]:
    """Return the namespaces that have a work queue on this server; none when it does not list its streams."""
    try:
        streams = await client.jetstream().streams_info()
    except (NatsError, APIError):
        return []
    names = (str(stream.config.name) for stream in streams)
    return sorted(
        name.removesuffix(WORK_STREAM_SUFFIX) for name in names if name.endswith(WORK_STREAM_SUFFIX)
    )


def _faults(wanted: StreamConfig, present: StreamConfig) -> list[tuple[str, str]]:
    """Return what of a stream's configuration breaks a promise, and which."""
    faults: list[tuple[str, str]] = []
    if present.persist_mode == PersistMode.ASYNC:
        means = "The server confirms before it has written, whatever its sync_interval: edit the stream."
        faults.append(("persist_mode async", means))
    if wanted.retention == RetentionPolicy.WORK_QUEUE:
        if present.retention != RetentionPolicy.WORK_QUEUE:
            faults.append(
                (f"retention {present.retention}", "Messages that were worked off would stay for ever.")
            )
        if not present.allow_msg_schedules:
            faults.append(
                ("no schedules", "Delays and retries are refused: `nats stream edit --allow-schedules`.")
            )
        if present.discard == DiscardPolicy.NEW:
            faults.append(("discard new", "The server does not run schedules with it."))
        elif (present.max_msgs or -1) > 0 or (present.max_bytes or -1) > 0:
            faults.append(
                ("a limit with discard old", "When it is full, the oldest jobs vanish without a word.")
            )
        if (present.max_age or 0) > 0:
            faults.append((f"max_age {present.max_age:g} s", "Jobs older than that vanish without a word."))
    if wanted.allow_msg_ttl and not present.allow_msg_ttl:
        faults.append(("no per-message TTL", "What should expire is refused: set allow_msg_ttl."))
    missing = set(wanted.subjects or []) - set(present.subjects or [])
    if missing:
        faults.append((f"subjects missing: {', '.join(sorted(missing))}", "What is sent there is refused."))
    return faults


async def check_permissions(client: Client, namespace: str) -> AsyncIterator[Finding]:
    """Try each subject that is published to, with an expectation that lets the server store nothing."""
    probe = f"doctor-{uuid.uuid4().hex}"
    subjects = {
        stream_name(namespace): work_subject(namespace, probe),
        dead_letter_stream(namespace): dead_letter_subject(namespace, probe),
        result_stream(namespace): result_subject(namespace, probe),
        limit_stream(namespace): limit_subject(namespace, probe),
    }
    findings = [
        _permission(client, f"publish to {stream}", subject, probe) for stream, subject in subjects.items()
    ]
    for finding in await asyncio.gather(*findings):
        yield finding


async def _permission(client: Client, check: str, subject: str, probe: str) -> Finding:
    try:
        await client.jetstream().publish(subject, b"", timeout=2, stream=probe)
    except APIError as error:
        if error.err_code == _STREAM_MISMATCH:
            return Finding(check, Level.OK, "permitted")
        return Finding(check, Level.ERROR, str(error.description), "The server refuses messages there.")
    except NatsTimeoutError:
        reason = str(client.last_error or "no answer")
        return Finding(check, Level.ERROR, reason, f"Permit these credentials to publish to {subject}.")
    except NatsError:
        return Finding(check, Level.NOTE, "no stream yet", "It can be tried once the stream is there.")
    return Finding(check, Level.ERROR, "stored", "The server ignores what a message expects of its stream.")


async def check_queues(client: Client, namespace: str) -> AsyncIterator[Finding]:
    """Look at each queue: whether somebody works it off, and how it is delivered."""
    js = client.jetstream()
    consumers = await stats.consumers(js, namespace)
    for queue in await stats.queue_stats(js, namespace):
        check, consumer = f"queue {queue.queue}", consumers.get(queue.queue)
        if queue.ready and not queue.in_progress and not (consumer and consumer.num_waiting):
            yield Finding(
                check, Level.WARNING, f"{queue.ready} wait, no worker asks", "Start a worker for it."
            )
        elif consumer and (consumer.config.max_deliver or -1) > 0:
            yield Finding(
                check,
                Level.ERROR,
                f"max_deliver {consumer.config.max_deliver}",
                "Messages delivered so often would stay for ever, neither run nor dead: set it to -1.",
            )
        else:
            yield Finding(check, Level.OK, f"{queue.ready} ready, {queue.in_progress} in progress")
