"""The names under which queues live on the server: streams, subjects, consumers.

A namespace has four streams: ``<ns>_WQ`` (work and schedules), ``<ns>_XQ`` (dead letters), ``<ns>_RES``
(results) and ``<ns>_LIM`` (rate limits and barriers). Names are stable: operators, autoscalers and other
processes rely on them.
"""

import hashlib
import re
from typing import Final

#: How the name of every work-queue stream ends.
WORK_STREAM_SUFFIX: Final = "_WQ"

_NAMESPACE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
#: Longer partition keys stand in subjects as their hash.
_LONGEST_KEY = 64


def check_namespace(namespace: str) -> str:
    """Return the namespace when it can stand in stream names and subjects.

    Raises:
      ValueError: When it holds anything but ASCII letters, digits, ``_`` and ``-``.
    """
    if not _NAMESPACE.fullmatch(namespace):
        raise ValueError(f"namespace {namespace!r} may hold only ASCII letters, digits, '_' and '-'")
    return namespace


def escape(queue: str) -> str:
    """Return a queue's name as one subject token: other bytes than ``[A-Za-z0-9_-]`` become ``=XX``.

    Raises:
      ValueError: When it is empty.
    """
    if not queue:
        raise ValueError("a queue's name must not be empty")
    if _PLAIN.fullmatch(queue):
        return queue
    return "".join(c if _PLAIN.fullmatch(c) else "".join(f"={b:02X}" for b in c.encode()) for c in queue)


def unescape(token: str) -> str:
    """Return the queue's name that `escape` made the token of."""
    raw = re.sub(rb"=([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), token.encode())
    return raw.decode()


def stream_name(namespace: str) -> str:
    """Return the name of the work-queue stream."""
    return f"{check_namespace(namespace)}{WORK_STREAM_SUFFIX}"


def dead_letter_stream(namespace: str) -> str:
    """Return the name of the stream of dead letters."""
    return f"{check_namespace(namespace)}_XQ"


def result_stream(namespace: str) -> str:
    """Return the name of the stream of results."""
    return f"{check_namespace(namespace)}_RES"


def limit_stream(namespace: str) -> str:
    """Return the name of the stream of rate limits and barriers."""
    return f"{check_namespace(namespace)}_LIM"


def consumer_name(queue: str) -> str:
    """Return the name of a queue's durable consumer on the work-queue stream."""
    return escape(queue)


def work_subject(namespace: str, queue: str) -> str:
    """Return the subject on which a queue's work waits."""
    return f"{namespace}.wq.{escape(queue)}.q"


def schedule_subject(namespace: str, queue: str, schedule: str) -> str:
    """Return the subject of one schedule; `schedule` is unique, as a shared subject would drop jobs."""
    return f"{namespace}.wq.{escape(queue)}.dq.{schedule}"


def schedules_subject(namespace: str, queue: str) -> str:
    """Return the filter that covers a queue's schedules."""
    return f"{namespace}.wq.{escape(queue)}.dq.*"


def queue_subjects(namespace: str, queue: str) -> str:
    """Return the filter that covers a queue's work, schedules, lines and turns; not its periodic jobs."""
    return f"{namespace}.wq.{escape(queue)}.>"


def partition_token(key: str) -> str:
    """Return a partition key as one subject token; equal keys and no others have the same."""
    token = escape(key) if key else "="
    return token if len(token) <= _LONGEST_KEY else f"=sha256={hashlib.sha256(key.encode()).hexdigest()}"


def line_subject(namespace: str, queue: str, partition: str) -> str:
    """Return the subject on which a partition's messages wait in line; `partition` is a token or ``*``."""
    return f"{namespace}.wq.{escape(queue)}.line.{partition}"


def turn_subject(namespace: str, queue: str, partition: str) -> str:
    """Return the subject of a partition's turn; `partition` is a token or ``*``."""
    return f"{namespace}.wq.{escape(queue)}.turn.{partition}"


def dead_letter_subject(namespace: str, queue: str) -> str:
    """Return the subject of a queue's dead letters."""
    return f"{namespace}.xq.{escape(queue)}"


def result_subject(namespace: str, key: str) -> str:
    """Return the subject of the result with this key."""
    return f"{namespace}.res.{escape(key)}"


def result_part_subject(namespace: str, key: str, name: str, part: int) -> str:
    """Return the subject of one part, counted from 0, of a result too large for one message."""
    return f"{namespace}.res.{escape(key)}.{name}.{part}"


def limit_subject(namespace: str, key: str) -> str:
    """Return the subject of a rate limit's or barrier's key."""
    return f"{namespace}.lim.{escape(key)}"


def roll_call_subject(namespace: str) -> str:
    """Return the subject on which worker processes answer who they are; no stream keeps it."""
    return f"{check_namespace(namespace)}.workers"


def periodic_subject(namespace: str, queue: str, actor: str) -> str:
    """Return the subject of a periodic job's schedule."""
    return f"{namespace}.every.{escape(queue)}.{escape(actor)}"
