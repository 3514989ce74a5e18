"""Kills workers and servers while messages are enqueued and worked off; prints one table.

5,000 messages a scenario, enqueued by one thread that tries again whenever `enqueue` raises, worked off by
two worker processes of Dramatiq's command line, against real servers. Counted at the end: what never
completed, what completed more than once, and, of messages with partition keys, what first completed before
an earlier one of its key. Recovery is the time from the end of the last blow until all that had been sent by
then, and the message that was just being sent, were done.
"""

import argparse
import dataclasses
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import dramatiq
from cluster import Cluster
from dramatiq.errors import BrokerError
from nats_server import Server
from proxy import Proxy
from worker_processes import Workers

from dramatiq_nats import NatsBroker

MESSAGES = 5_000
NAMESPACE = "chaos"
ACK_WAIT = 5.0
KEYS = 50
PATIENCE = 120


@dataclasses.dataclass
class Scene:
    """What a scenario may break: the servers and the workers of one run."""

    directory: Path
    server: Server
    cluster: Cluster
    proxy: Proxy
    workers: Workers
    groups: list[object] = dataclasses.field(default_factory=list)

    def start_worker(self) -> None:
        """Start one more worker process."""
        self.groups.append(self.workers.start(threads=4, ACK_WAIT=str(ACK_WAIT)))

    def kill_worker(self) -> None:
        """Kill a worker process with SIGKILL and start another."""
        self.workers.kill(self.groups.pop(0))  # type: ignore[arg-type]  # Popen
        self.start_worker()

    def kill_server(self) -> None:
        """Kill the single server with SIGKILL and start it again a second later."""
        self.server.kill()
        time.sleep(1)
        self.server.start()

    def kill_both(self) -> None:
        """Kill a worker and the server at a time."""
        self.workers.kill(self.groups.pop(0))  # type: ignore[arg-type]  # Popen
        self.kill_server()
        self.start_worker()

    def kill_leader(self) -> None:
        """Kill the node that leads the work queue, and start it again."""
        node = self.cluster.leader(f"{NAMESPACE}_WQ")
        node.kill()
        time.sleep(3)
        node.start()

    def lose_node(self) -> None:
        """Kill a node for good."""
        self.cluster.leader(f"{NAMESPACE}_WQ").kill()

    def cut_network(self) -> None:
        """Let nothing through between the clients and the server for 20 seconds, without a word to either."""
        self.proxy.cut = True
        time.sleep(20)
        self.proxy.cut = False


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One row of the table.

    Attributes:
      name: What is done.
      act: Does it once.
      times: How often.
      on: What it is done to: "server", "cluster" or "proxy".
      keys: Over how many partition keys the messages are spread; 0 for none.
    """

    name: str
    act: Callable[[Scene], None]
    times: int
    on: str
    keys: int = 0


SCENARIOS = (
    Scenario("worker killed 3 times", Scene.kill_worker, 3, "server"),
    Scenario("server killed 3 times", Scene.kill_server, 3, "server"),
    Scenario("both killed 3 times", Scene.kill_both, 3, "server"),
    Scenario("cluster of 3: leader killed", Scene.kill_leader, 1, "cluster"),
    Scenario("cluster of 3: leader's node lost for good", Scene.lose_node, 1, "cluster"),
    Scenario("network cut for 20 s", Scene.cut_network, 1, "proxy"),
    Scenario(f"{KEYS} partition keys: both killed 3 times", Scene.kill_both, 3, "server", KEYS),
    Scenario(f"{KEYS} partition keys: leader's node lost for good", Scene.lose_node, 1, "cluster", KEYS),
)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a scenario: counts of messages, and seconds until what was sent or being sent was done."""

    sent: int
    completed: int
    lost: int
    repeated: int
    out_of_order: int | None
    recovery: float


class Sender(threading.Thread):
    """Enqueues the numbers from 0 on, each until `enqueue` has confirmed it."""

    def __init__(self, url: str, replicas: int, keys: int) -> None:
        super().__init__(daemon=True)
        self._keys = keys
        self.broker = NatsBroker(
            servers=url.split(","), namespace=NAMESPACE, replicas=replicas, publish_timeout=60
        )
        self.sent = 0
        self._actor = dramatiq.actor(broker=self.broker, actor_name="note")(lambda number: number)

    def run(self) -> None:
        """Send them all."""
        for number in range(MESSAGES):
            key = number % self._keys if self._keys else None
            message = self._actor.message_with_options(args=(number,), partition_key=key)
            while True:
                try:
                    self.broker.enqueue(message)
                    break
                except BrokerError:
                    time.sleep(0.1)
            self.sent += 1
            # Slow enough that the blows fall while it enqueues.
            time.sleep(0.002)


def play(scenario: Scenario, directory: Path) -> Outcome:
    """Run one scenario on servers of its own."""
    server, cluster = Server(directory), Cluster(directory)
    proxy = Proxy(server.port)
    url = {"server": server.url, "cluster": cluster.url, "proxy": proxy.url(server.url)}[scenario.on]
    (cluster if scenario.on == "cluster" else server).start()
    proxy.start()
    scene = Scene(directory, server, cluster, proxy, Workers(url, NAMESPACE, directory))
    sender = Sender(url, 3 if scenario.on == "cluster" else 1, scenario.keys)
    try:
        sender.start()
        while sender.sent < MESSAGES // 10:
            time.sleep(0.05)
        scene.start_worker()
        scene.start_worker()
        while not scene.workers.said():
            time.sleep(0.05)
        for _ in range(scenario.times):
            time.sleep(1)
            scenario.act(scene)
        recovery = _until_done(scene.workers, min(sender.sent + 1, MESSAGES))
        sender.join(300)
        _until_still(scene.workers)
    finally:
        scene.workers.stop()
        sender.broker.close()
        proxy.stop()
        (cluster if scenario.on == "cluster" else server).kill()
    order = [int(line.removeprefix("done ")) for line in scene.workers.said()]
    runs = Counter(order)
    return Outcome(
        sent=sender.sent,
        completed=len(runs),
        lost=MESSAGES - len(runs),
        repeated=len(order) - len(runs),
        out_of_order=_out_of_order(runs, scenario.keys) if scenario.keys else None,
        recovery=recovery,
    )


def _out_of_order(first_runs: Iterable[int], keys: int) -> int:
    """Return how many numbers come behind a greater one of their key."""
    latest: dict[int, int] = {}
    found = 0
    for number in first_runs:
        found += number < latest.get(number % keys, 0)
        latest[number % keys] = max(number, latest.get(number % keys, 0))
    return found


def _until_done(workers: Workers, sent: int) -> float:
    """Return the seconds until all numbers below `sent` were done, or that were waited in vain."""
    began = time.monotonic()
    missing = {f"done {number}" for number in range(sent)}
    while missing.difference(workers.said()) and time.monotonic() - began < PATIENCE:
        time.sleep(0.05)
    return time.monotonic() - began


def _until_still(workers: Workers) -> None:
    """Wait until everything is done, and a while longer, or until nothing moves for a minute."""
    seen, since = 0, time.monotonic()
    while time.monotonic() - since < 60:  # noqa: PLR2004 - a minute
        lines = workers.said()
        if len(lines) > seen:
            seen, since = len(lines), time.monotonic()
        if len(set(lines)) >= MESSAGES and time.monotonic() - since > 2 * ACK_WAIT:
            return
        time.sleep(0.2)


def main() -> int:
    """Play the scenarios; return 1 when anything was lost or out of order."""
    parser = argparse.ArgumentParser(prog="blows")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of scenarios, from 1")
    options = parser.parse_args()
    print("| scenario | sent | completed | lost | repeated | out of order | recovery s |")
    print("|---|---|---|---|---|---|---|")
    failures = 0
    for number, scenario in enumerate(SCENARIOS, 1):
        if options.only and number not in options.only:
            continue
        with tempfile.TemporaryDirectory(prefix="chaos-") as directory:
            found = play(scenario, Path(directory))
        failures += found.lost + (found.out_of_order or 0)
        order = "-" if found.out_of_order is None else found.out_of_order
        print(
            f"| {scenario.name} | {found.sent:,} | {found.completed:,} | {found.lost} | {found.repeated} "
            f"| {order} | {found.recovery:.1f} |",
            flush=True,
        )
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
