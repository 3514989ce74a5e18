"""The server and the account: version, limits, clock and flushing to disk."""

import http.client
import json
import re
import urllib.request
from datetime import UTC, datetime
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from dramatiq_nats.doctor.finding import Finding, Level
from dramatiq_nats.naming import stream_name

_NEEDED: Final = (2, 12)
_SMALL_PAYLOAD = 64 * 1024
_SKEW = 0.25
_FULL = 0.8


def check_version(client: Client) -> Finding:
    """Look whether the server is new enough."""
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


def check_payload(client: Client) -> Finding:
    """Look how large a message may be."""
    size = client.max_payload
    if size < _SMALL_PAYLOAD:
        return Finding(
            "max_payload",
            Level.WARNING,
            f"{size} bytes",
            "Messages above it are refused with PublishRefused.",
        )
    return Finding("max_payload", Level.OK, f"{size} bytes")


async def read_account(client: Client) -> dict[str, Any] | None:
    """Return what the server tells of the account; None when JetStream does not answer it."""
    try:
        answer = await client.request("$JS.API.INFO", b"", timeout=3)
    except (NoRespondersError, NatsTimeoutError):
        return None
    account: dict[str, Any] = json.loads(answer.data)
    return None if "error" in account else account


def check_limits(account: dict[str, Any]) -> list[Finding]:
    """Look how much is left of the account's limits."""
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


async def check_clock(client: Client, namespace: str) -> Finding:
    """Compare the server's clock with this machine's."""
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
    return Finding("clock", Level.OK, f"{round(skew * 1000):+} ms")


def check_flushing(monitor: str | None) -> Finding:
    """Look how often the server flushes to disk; `monitor` is its monitoring address."""
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
