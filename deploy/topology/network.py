"""Which connections there are: who opens one, to whom, at which port. All others may be refused.

The names of the parties are those under which they are found in compose and in a cluster. A deployment has
some of the parties; connections of those that it lacks mean nothing to it.
"""

from dataclasses import dataclass
from typing import Final

from deploy.topology.services import SERVICES, WORKERS

POSTGRES, NATS, COLLECTOR = "postgres", "nats", "otel-collector"
JAEGER, PROMETHEUS, GRAFANA = "jaeger", "prometheus", "grafana"
EMBEDDINGS, OLLAMA, KEDA = "embeddings", "ollama", "keda"
MIGRATIONS, PROVISIONING, SAMPLE = "migrations", "provisioning", "sample"

PEOPLE: Final = "people"
"""Browsers, programs that use the API, and Telegram, which calls the webhook: whoever comes from outside."""
TELEGRAM: Final = "telegram"
"""Telegram's servers, on the internet."""
MODELS: Final = "models"
"""Whoever sells the use of language models, on the internet."""
OUTSIDE: Final = (PEOPLE, TELEGRAM, MODELS)
"""What has no address of ours."""

PORTS: Final = {
    POSTGRES: 5432,
    NATS: 4222,
    "gateway": 8000,
    EMBEDDINGS: 8080,
    OLLAMA: 11434,
    PROMETHEUS: 9090,
    JAEGER: 16686,
    GRAFANA: 3000,
    **{service.name: 8080 for service in WORKERS},
}
"""Where each party answers what it is there for."""
HTTPS, NATS_ROUTES, NATS_MONITOR = 443, 6222, 8222
OTLP_GRPC, OTLP_HTTP, COLLECTOR_METRICS = 4317, 4318, 8888


@dataclass(frozen=True, slots=True, order=True)
class Connection:
    """One that may be opened, over TCP.

    Attributes:
        source: Who opens it.
        target: To whom.
        port: The target's.
    """

    source: str
    target: str
    port: int

    @property
    def leaves(self) -> bool:
        """Whether it goes to the internet."""
        return self.target in OUTSIDE


def connections() -> tuple[Connection, ...]:
    """Every connection that there may be, by source and target."""
    return tuple(sorted({*_of_services(), *_of_preparing(), *_of_watching(), *_of_people()}))


def _of_services() -> list[Connection]:
    found = [
        Connection(service.name, target, port)
        for service in SERVICES
        for target, port in ((POSTGRES, PORTS[POSTGRES]), (NATS, PORTS[NATS]), (COLLECTOR, OTLP_HTTP))
    ]
    for service in SERVICES:
        if service.calls_models:
            found += [
                Connection(service.name, EMBEDDINGS, PORTS[EMBEDDINGS]),
                Connection(service.name, OLLAMA, PORTS[OLLAMA]),
                Connection(service.name, MODELS, HTTPS),
            ]
    # The health of all, for `GET /health/services`.
    found += [Connection("gateway", worker.name, PORTS[worker.name]) for worker in WORKERS]
    # The Bot API, and an account's history by MTProto.
    return [*found, Connection("ingestion", TELEGRAM, HTTPS), Connection(NATS, NATS, NATS_ROUTES)]


def _of_preparing() -> list[Connection]:
    """What runs once, before the services or beside them."""
    return [
        Connection(MIGRATIONS, POSTGRES, PORTS[POSTGRES]),
        Connection(PROVISIONING, POSTGRES, PORTS[POSTGRES]),
        Connection(PROVISIONING, NATS, PORTS[NATS]),
        Connection(SAMPLE, "gateway", PORTS["gateway"]),
    ]


def _of_watching() -> list[Connection]:
    return [
        *(Connection(PROMETHEUS, service.name, PORTS[service.name]) for service in SERVICES),
        Connection(PROMETHEUS, COLLECTOR, COLLECTOR_METRICS),
        Connection(COLLECTOR, COLLECTOR, OTLP_GRPC),
        Connection(COLLECTOR, JAEGER, OTLP_GRPC),
        Connection(GRAFANA, PROMETHEUS, PORTS[PROMETHEUS]),
        Connection(GRAFANA, JAEGER, PORTS[JAEGER]),
        Connection(KEDA, NATS, NATS_MONITOR),
    ]


def _of_people() -> list[Connection]:
    return [Connection(PEOPLE, target, PORTS[target]) for target in ("gateway", GRAFANA, JAEGER, PROMETHEUS)]
