"""Traces as text: what is drawn, and that each chain is printed once it is quiet."""

import itertools
import socket
from typing import Any

import pytest

from deploy.local.errors import LocalError
from deploy.local.otlp import Collector, ReceivedSpan
from deploy.local.timeline import draw
from deploy.local.traces import print_traces, quiet_traces

TRACE = "0ec2316b017a4a6cb6e0a9ae9e70be9c"
_MS = 1_000_000


def span(number: int, parent: int, name: str, began: int, ended: int, **more: Any) -> ReceivedSpan:
    return ReceivedSpan(
        trace_id=more.pop("trace_id", TRACE),
        span_id=f"{number:016x}",
        parent_id=f"{parent:016x}" if parent else "",
        service="task-tracker-scoring",
        name=name,
        kind="internal",
        began=began * _MS,
        ended=ended * _MS,
        attributes=more.pop("attributes", {}),
        **more,
    )


def test_a_trace_is_drawn_by_time_within_what_it_belongs_to() -> None:
    spans = [
        span(3, 1, "transaction scoring", 40, 90, attributes={"db.query.summary": "INSERT scores"}),
        span(2, 1, "ask", 10, 30, attributes={"rpc.response.status_code": "ok"}),
        span(1, 0, "process", 0, 1500, attributes={"tt.attempt": 2}, error="process, attempt 2: gone"),
        span(5, 9, "lost its parent", 2000, 2001),
    ]
    assert [line.strip() for line in draw(spans).splitlines()] == [
        "run 0ec2316b-017a-4a6c-b6e0-a9ae9e70be9c: 4 spans in 1 service, 2.00 s, 1 failed",
        "0 ms    1.50 s  scoring     process  (attempt 2)",
        "! process, attempt 2: gone",
        "10 ms     20 ms  scoring       ask",
        "40 ms     50 ms  scoring       transaction scoring  (INSERT scores)",
        "2.00 s      1 ms  scoring     lost its parent",
    ]


def test_a_chain_is_told_once_nothing_comes_of_it() -> None:
    other = "1" * 32
    collector = Collector("", [span(1, 0, "one", 0, 1), span(2, 0, "other", 0, 1, trace_id=other)])
    assert set(itertools.islice(quiet_traces(collector, 0.01), 2)) == {TRACE, other}


def test_a_port_that_is_taken_is_said_with_what_may_be_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalError, match=f"Port {port} cannot be listened on"):
            print_traces("", port)


def test_what_is_no_run_id_is_refused() -> None:
    with pytest.raises(LocalError, match="is no run_id"):
        print_traces("seven", 0)
