"""What is amiss with a server and a namespace on it, and what that means."""

import asyncio
import dataclasses
import enum
import http.client
import json
import re
import urllib.request
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import DiscardPolicy, RetentionPolicy, StreamConfig
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats import stats
from dramatiq_nats.naming import (
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

_NEEDED: Final = (2, 12)
_SMALL_PAYLOAD = 64 * 1024
_SKEW = 0.25
_FULL = 0.8
_STREAM_MISMATCH = 10060
_MISSING = "missing"


class Level(enum.StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
      check: What.
      level: How bad.
      found: What was found.
      means: What follows, and what to do about it; empty when all is well.
    """

    check: str
    level: Level
    found: str
    means: str = ""


async def examine(client: Client, namespace: str, *, monitor: str | None = None) -> list[Finding]:
    """Look a server and a namespace over, changing nothing.

    Args:
      client: A connection with the credentials that workers use, as permissions are tried too.
      namespace: The broker's namespace.
      monitor: The server's monitoring address, ``http://host:8222``; only there `sync_interval` can be seen.
    """
    findings = [_version(client), _payload(client)]
    account = await _account(client)
    if account is None:
        why = "JetStream is not enabled for this account, or its API may not be asked ($JS.API.>)."
        return [*findings, Finding("jetstream", Level.ERROR, "no answer", why)]
    findings += _limits(account)
    streams = [finding async for finding in _streams(client, namespace)]
    if all(finding.found == _MISSING for finding in streams):
        means = "No process with this namespace was ever here: is it the right one?"
        findings.append(Finding("namespace", Level.WARNING, f"{namespace!r} has no streams", means))
    findings += streams
    findings += [finding async for finding in _permissions(client, namespace)]
    findings += [finding async for finding in _queues(client, namespace)]
    findings.append(await _clock(client, namespace))
    findings.append(_sync(monitor))
    return findings


def _version(client: Client) -> Finding:
    version = str(client._server_info.get("version", ""))  # noqa: SLF001 - the parsed version drops suffixes
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < _NEEDED:
        return Finding(
            "server version",
            Level.ERROR,
            version,
            "2.12 or newer is needed: older servers keep no schedules, so delays and retries cannot work.",
        )
    return Finding("server version", Level.OK, version)


def _payload(client: Client) -> Finding:
    size = client.max_payload
    if size < _SMALL_PAYLOAD:
        return Finding(
            "max_payload",
            Level.WARNING,
            f"{size} bytes",
            "Messages above it are refused with PublishRefused.",
        )
    return Finding("max_payload", Level.OK, f"{size} bytes")


async def _account(client: Client) -> dict[str, Any] | None:
    try:
        answer = await client.request("$JS.API.INFO", b"", timeout=3)
    except (NoRespondersError, NatsTimeoutError):
        return None
    account: dict[str, Any] = json.loads(answer.data)
    return None if "error" in account else account


def _limits(account: dict[str, Any]) -> list[Finding]:
    findings = [Finding("jetstream", Level.OK, f"{account.get('streams', 0)} streams")]
    limits = account.get("limits", {})
    for what, used, limit in (
        ("storage", account.get("storage", 0), limits.get("max_storage", -1)),
        ("streams", account.get("streams", 0), limits.get("max_streams", -1)),
        ("consumers", account.get("consumers", 0), limits.get("max_consumers", -1)),
    ):
        if limit <= 0:
            findings.append(Finding(f"limit of {what}", Level.OK, f"{used} used, none set"))
        elif used >= limit * _FULL:
            means = "When it is reached, enqueue waits and then raises: raise the limit, or work queues off."
            findings.append(Finding(f"limit of {what}", Level.WARNING, f"{used} of {limit} used", means))
        else:
            findings.append(Finding(f"limit of {what}", Level.OK, f"{used} of {limit} used"))
    return findings


async def _streams(client: Client, namespace: str) -> AsyncIterator[Finding]:
    js = client.jetstream()
    for wanted in stream_configs(namespace, replicas=1, dead_letter_age=1):
        check = f"stream {wanted.name}"
        try:
            info = await js.stream_info(str(wanted.name))
        except NotFoundError:
            yield Finding(check, Level.NOTE, _MISSING, "The first process that needs it makes it.")
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


def _faults(wanted: StreamConfig, present: StreamConfig) -> list[tuple[str, str]]:
    """Return what of a stream's configuration breaks a promise, and which."""
    faults: list[tuple[str, str]] = []
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


async def _permissions(client: Client, namespace: str) -> AsyncIterator[Finding]:
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


async def _queues(client: Client, namespace: str) -> AsyncIterator[Finding]:
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


async def _clock(client: Client, namespace: str) -> Finding:
    before = datetime.now(UTC)
    try:
        answer = await client.request(f"$JS.API.STREAM.INFO.{stream_name(namespace)}", b"", timeout=3)
    except NatsError as error:
        return Finding("clock", Level.NOTE, repr(error), "It can be compared once the stream is there.")
    stamp = json.loads(answer.data).get("ts")
    if stamp is None:
        return Finding("clock", Level.NOTE, "unknown", "It can be compared once the stream is there.")
    middle = before + (datetime.now(UTC) - before) / 2
    skew = (datetime.fromisoformat(stamp) - middle).total_seconds()
    if abs(skew) > _SKEW:
        means = "Delays are counted on this machine and kept on the server: they are off by as much. Use NTP."
        return Finding("clock", Level.WARNING, f"the server's is {skew:+.2f} s off ours", means)
    return Finding("clock", Level.OK, f"{skew * 1000:+.0f} ms")


def _sync(monitor: str | None) -> Finding:
    if monitor is None:
        means = (
            "Clients cannot see it; give --monitor http://host:8222. By default the server flushes to disk "
            "every two minutes: a killed process loses nothing, a machine that loses power may lose what it "
            "confirmed since."
        )
        return Finding("sync_interval", Level.NOTE, "unknown", means)
    try:
        base = monitor if "://" in monitor else f"http://{monitor}"
        with urllib.request.urlopen(f"{base.rstrip('/')}/varz", timeout=5) as answer:  # noqa: S310 - the operator's own address
            config = json.load(answer).get("jetstream", {}).get("config", {})
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Finding("sync_interval", Level.WARNING, f"{monitor}: {error}", "Is it the monitoring address?")
    if config.get("sync_always"):
        return Finding("sync_interval", Level.OK, "always")
    seconds = config.get("sync_interval", 0) / 1e9
    means = (
        "A machine that loses power may lose what it confirmed since: `sync_interval: always`, or 3 replicas."
    )
    return Finding("sync_interval", Level.NOTE, f"{seconds:g} s", means)
