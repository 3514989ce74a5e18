"""Enqueueing, in a process of its own: prints messages a second by one thread, by eight, and at once."""

import json
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from actors import broker, clock, count, options


def by_threads(threads: int, each: int) -> float:
    """Return messages a second sent by so many threads, each so many."""

    def send(first: int) -> None:
        for number in range(first, first + each):
            count.send_with_options(**options(number))

    started = [threading.Thread(target=send, args=(thread * each,)) for thread in range(threads)]
    began = time.perf_counter()
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return threads * each / (time.perf_counter() - began)


def at_once(number: int) -> float | None:
    """Return messages a second by `enqueue_many`; None for a broker without it, which gets them singly."""
    messages = [count.message_with_options(**options(each)) for each in range(number)]
    if not hasattr(broker, "enqueue_many"):
        for message in messages:
            broker.enqueue(message)
        return None
    began = time.perf_counter()
    broker.enqueue_many(messages)
    return number / (time.perf_counter() - began)


def measure(number: int) -> dict[str, float | None]:
    """Enqueue three times `number` messages, after warming up."""
    count.send()
    return {
        "enqueue, 1 thread": by_threads(1, number // 4),
        "enqueue, 8 threads": by_threads(8, number // 8),
        "enqueue_many": at_once(number + number - 8 * (number // 8) + number - number // 4 - 1),
    }


def send_timed(number: int, pause: float) -> None:
    """Send messages one by one with a pause between them, each with the time when it was sent."""
    for each in range(number):
        clock.send_with_options(args=(time.time(),), **options(each))
        time.sleep(pause)


if __name__ == "__main__":
    if sys.argv[1] == "timed":
        send_timed(int(sys.argv[2]), float(sys.argv[3]))
    else:
        print(json.dumps(measure(int(sys.argv[2]))))
    broker.close()
