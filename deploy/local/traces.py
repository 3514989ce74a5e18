"""`make traces`: takes the spans of a local run and prints each chain as text, once it is quiet."""

import time
from collections.abc import Callable, Iterator
from uuid import UUID

from deploy.local.errors import LocalError
from deploy.local.otlp import Collector, running_collector
from deploy.local.timeline import draw

QUIET_SECONDS = 3.0
_LOOK_EVERY = 0.5
_PERIODIC = "every "


def print_traces(run: str, port: int, say: Callable[[str], None] = print) -> int:
    """Take spans and print chains until interrupted.

    Args:
        run: Only this chain; empty prints all but those that begin by the clock.
        port: Of 127.0.0.1, where spans are taken.
        say: Prints.

    Raises:
        LocalError: The port is used by another program, or `run` is no run_id.
    """
    wanted = _trace_id(run) if run else None
    try:
        with running_collector(port) as collector:
            say(f"Start the system with TT_OTLP_ENDPOINT={collector.url}. Ctrl-C ends this.")
            for trace_id in quiet_traces(collector, QUIET_SECONDS):
                if wanted in {None, trace_id} and (wanted or not _is_periodic(collector, trace_id)):
                    say("\n" + draw(collector.trace(trace_id)))
    except OSError as error:
        raise LocalError(
            f"Port {port} cannot be listened on ({error.strerror}): is a Jaeger there?"
        ) from error
    return 0


def quiet_traces(collector: Collector, seconds: float) -> Iterator[str]:
    """The ids of traces of which nothing came for so many seconds; again when more comes. Never ends."""
    seen = 0
    latest: dict[str, float] = {}
    while True:
        now = time.monotonic()
        latest |= {span.trace_id: now for span in collector.spans[seen:]}
        seen = len(collector.spans)
        for trace_id in [each for each, at in latest.items() if now - at >= seconds]:
            del latest[trace_id]
            yield trace_id
        time.sleep(min(_LOOK_EVERY, seconds / 2))


def _trace_id(run: str) -> str:
    try:
        return UUID(run).hex
    except ValueError:
        raise LocalError(
            f"{run!r} is no run_id: it has 32 hexadecimal digits, with or without dashes."
        ) from None


def _is_periodic(collector: Collector, trace_id: str) -> bool:
    return any(span.name.startswith(_PERIODIC) for span in collector.trace(trace_id))
