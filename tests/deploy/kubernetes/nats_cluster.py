"""The NATS servers of the rendered manifests, started here: nothing of them is changed but addresses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from deploy.kubernetes.secrets import new_objects
from deploy.local.command import last_lines
from tests.deploy.kubernetes.checks.objects import Manifests, name_of, of_kind, pod_of
from tests.deploy.kubernetes.nats_node import PORTS, Node
from tests.system import wait_for


class NatsCluster:
    """All servers of the StatefulSet.

    Attributes:
        nodes: By the pod's name.
        seeds: Of each party's NKEY.
    """

    def __init__(self, manifests: Manifests, folder: Path) -> None:
        self._workload = next(m for m in of_kind(manifests, "StatefulSet") if name_of(m) == "nats")
        made = {
            name_of(each): each.get("stringData") or each["data"] for each in new_objects(superuser=False)
        }
        self.seeds = {
            name.removesuffix("-credentials").removeprefix("nats-"): values["nkey"]
            for name, values in made.items()
            if "nkey" in values
        }
        self.nodes = {
            name: Node(name) for name in (f"nats-{n}" for n in range(self._workload["spec"]["replicas"]))
        }
        self.service = str(self._workload["spec"]["serviceName"])
        files = self._files(manifests)
        for name, node in self.nodes.items():
            adapted = {file: self._adapt(text, node, folder) for file, text in files.items()}
            node.prepare(folder, adapted, self._environment(name, made))

    @property
    def urls(self) -> str:
        """Where clients find all of them, as `TT_NATS_URL` has it."""
        return ",".join(f"nats://127.0.0.1:{node.ports['client']}" for node in self.nodes.values())

    def start(self) -> None:
        """Start all of them, and wait until each says that it is ready, as its probe would ask."""
        for node in self.nodes.values():
            node.start()
        container = pod_of(self._workload)["containers"][0]
        paths = {
            container[probe]["httpGet"]["path"]
            for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        }
        for node in self.nodes.values():
            for path in paths:
                wait_for(
                    partial(node.answers, path), f"{node.name}: {path}", about=partial(last_lines, node.log)
                )

    def start_again(self, name: str) -> None:
        """Start one that was killed, and wait until it is ready."""
        node = self.nodes[name]
        node.start()
        wait_for(partial(node.answers, "/healthz"), f"{name} is back", about=partial(last_lines, node.log))

    def restart(self, name: str, environment: dict[str, str]) -> None:
        """Stop one in order, and start it again with some variables changed, as a roll-out does."""
        node = self.nodes[name]
        node.stop()
        node.change(environment)
        self.start_again(name)

    def nodes_at(self, host: str, port: int) -> list[Node]:
        """The servers that a name in the cluster, and a port, lead to.

        Raises:
            OSError: There is no such name, or nobody listens there.
        """
        first, _, rest = host.partition(".")
        if first in self.nodes and rest.partition(".")[0] == self.service:
            found = [self.nodes[first]]
        elif first == self.service:
            found = [*self.nodes.values()]
        else:
            raise OSError(f"no such name: {host}")
        if port != PORTS["monitor"]:
            raise OSError(f"nobody listens at {host}:{port}")
        return found

    def original(self, text: str) -> str:
        """Put names of the manifests where addresses of this machine stand."""
        for name, node in self.nodes.items():
            for port, number in PORTS.items():
                text = text.replace(f"127.0.0.1:{node.ports[port]}", f"{name}.{self.service}:{number}")
        return text

    def _files(self, manifests: Manifests) -> dict[str, str]:
        volume = next(v for v in pod_of(self._workload)["volumes"] if v["name"] == "config")
        mapped = next(m for m in of_kind(manifests, "ConfigMap") if name_of(m) == volume["configMap"]["name"])
        files: dict[str, str] = mapped["data"]
        return files

    def _environment(self, pod: str, made: dict[str, dict[str, str]]) -> dict[str, str]:
        container = pod_of(self._workload)["containers"][0]
        found: dict[str, str] = {}
        for whole in container["envFrom"]:
            found |= made[whole["configMapRef"]["name"]]
        for entry in container["env"]:
            assert entry["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
            found[entry["name"]] = pod
        return found

    def _adapt(self, text: str, node: Node, folder: Path) -> str:
        for port, number in PORTS.items():
            text = text.replace(f"0.0.0.0:{number}", f"127.0.0.1:{node.ports[port]}")
            for name, other in self.nodes.items():
                text = text.replace(f"{name}.{self.service}:{number}", f"127.0.0.1:{other.ports[port]}")
        text = text.replace('"/data"', f'"{folder / node.name / "data"}"')
        return re.sub(r'"/tmp/([\w.]+)"', rf'"{folder / node.name}/\1"', text)


@contextmanager
def running_cluster(manifests: Manifests, folder: Path) -> Iterator[NatsCluster]:
    cluster = NatsCluster(manifests, folder)
    try:
        cluster.start()
        yield cluster
    finally:
        for node in cluster.nodes.values():
            node.stop()
