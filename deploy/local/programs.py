"""The table of programs of a local run, in the order in which they start."""

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from deploy.local.command import Command
from deploy.local.embeddings import embeddings_url, prepare_embeddings
from deploy.local.house import PASSED_ON, PASSED_TO_GATEWAY, PASSED_TO_INGESTION, ROOT, House
from deploy.local.nats import prepare_nats
from deploy.local.postgres import admin_url, prepare_postgres
from deploy.local.probes import Probe, http_probe, postgres_probe
from deploy.local.services import WORKERS, Worker

DATABASE = "tasktracker"

# As in the images: Dramatiq would wait for ten minutes.
_DRAIN = ("--worker-shutdown-timeout", "30000")
# The services start together; the gateway, whose door opens to people, when they are ready.
SERVERS, MESSAGING, SERVICES, DOOR = 10, 20, 30, 40


@dataclass(frozen=True)
class Program:
    """A program under the supervisor: its command is made when its stage begins."""

    name: str
    stage: int
    prepare: Callable[[], Command]
    probe: Probe
    stop_signal: str = "TERM"
    stop_seconds: int = 10


def programs(house: House) -> list[Program]:
    """All programs of a local run, earliest stage first."""
    return [
        _postgres(house),
        _nats(house),
        _embeddings(house),
        *(_worker(house, worker) for worker in WORKERS),
        _gateway(house),
    ]


def database_url(house: House, role: str) -> str:
    """The URL by which a service reaches the database with its own role."""
    password, port = house.secrets[f"postgres_{role}"], house.ports["postgres"]
    return f"postgresql://tt_{role}:{password}@127.0.0.1:{port}/{DATABASE}"


def admin_database_url(house: House, database: str = "postgres") -> str:
    """The superuser's URL, for provisioning alone."""
    return admin_url(house.ports["postgres"], house.secrets["postgres"], database)


def service_environment(house: House, settings: Mapping[str, str]) -> dict[str, str]:
    """Our environment without any setting of ours, and these settings instead."""
    ours = {
        name: value
        for name, value in house.environment.items()
        if not name.startswith(("TT_", "MAKE", "MFLAGS"))
    }
    # Python's warnings and prints are to reach the log when they happen.
    return {**ours, "PYTHONUNBUFFERED": "1", **settings}


def _postgres(house: House) -> Program:
    home = house.directory / "postgres"

    def prepare() -> Command:
        return prepare_postgres(home, port=house.ports["postgres"], password=house.secrets["postgres"])

    # INT is Postgres's fast shutdown: it does not wait for clients to leave.
    return Program("postgres", SERVERS, prepare, postgres_probe(home), stop_signal="INT", stop_seconds=30)


def _nats(house: House) -> Program:
    monitor_port = house.ports["nats_monitor"]

    def prepare() -> Command:
        return prepare_nats(
            house.directory / "nats",
            port=house.ports["nats"],
            monitor_port=monitor_port,
            password=house.secrets["nats"],
            nkeys=house.nkeys,
        )

    ready = http_probe(f"http://127.0.0.1:{monitor_port}/healthz")
    return Program("nats", MESSAGING, prepare, ready, stop_signal="INT")


def _embeddings(house: House) -> Program:
    port = house.ports["embeddings"]
    # With NATS, so that its model is loaded while the schemas are being made.
    ready = http_probe(f"http://127.0.0.1:{port}/health")
    return Program("embeddings", MESSAGING, lambda: prepare_embeddings(port=port), ready)


def _worker(house: House, worker: Worker) -> Program:
    health = f"http://127.0.0.1:{house.ports[worker.name]}/health/ready"
    counts = ("--processes", str(worker.processes), "--threads", str(worker.threads))
    settings = {
        **_shared_settings(house, worker.name),
        "TT_HEALTH_HOST": "127.0.0.1",
        "TT_HEALTH_PORT": str(house.ports[worker.name]),
    }
    if worker.opens_secrets:
        settings["TT_ENCRYPTION_KEYS"] = house.secrets["encryption_key"]
    if worker.calls_models:
        settings["TT_LOCAL_EMBEDDINGS_URL"] = embeddings_url(house.ports["embeddings"])
    if worker.calls_telegram:
        settings |= _given(house, PASSED_TO_INGESTION)
    counted = house.state / "metrics" / worker.name
    settings["PROMETHEUS_MULTIPROC_DIR"] = str(counted)

    def prepare() -> Command:
        # What its processes share of what they count; those of an earlier run count no more.
        shutil.rmtree(counted, ignore_errors=True)
        counted.mkdir(parents=True)
        return _python(house, settings, "shared.service", f"services.{worker.name}.worker", *_DRAIN, *counts)

    # What runs ends, or is interrupted and cleans up, for up to 30 s.
    return Program(worker.name, SERVICES, prepare, http_probe(health), stop_seconds=40)


def _gateway(house: House) -> Program:
    addresses = [f"{worker.name}=http://127.0.0.1:{house.ports[worker.name]}" for worker in WORKERS]
    settings = {
        **_shared_settings(house, "gateway"),
        "TT_GATEWAY_HOST": "127.0.0.1",
        "TT_GATEWAY_PORT": str(house.ports["gateway"]),
        "TT_BOOTSTRAP_API_KEY": house.api_key,
        "TT_WEBHOOK_SECRET": house.secrets["webhook_secret"],
        "TT_HEALTH_URLS": ",".join(addresses),
        "TT_ENCRYPTION_KEYS": house.secrets["encryption_key"],
        **_given(house, PASSED_TO_GATEWAY),
    }
    command = _python(house, settings, "services.gateway")
    ready = http_probe(f"{house.gateway_url}/health")
    return Program("gateway", DOOR, lambda: command, ready, stop_seconds=15)


def _python(house: House, settings: Mapping[str, str], module: str, *arguments: str) -> Command:
    environment = service_environment(house, settings)
    return Command(argv=(sys.executable, "-m", module, *arguments), env=environment, cwd=str(ROOT))


def _shared_settings(house: House, role: str) -> dict[str, str]:
    return {
        "TT_DATABASE_URL": database_url(house, role),
        "TT_NATS_URL": f"nats://127.0.0.1:{house.ports['nats']}",
        "TT_NATS_NKEY_FILE": str(house.nkey_file(role)),
        # Files keep JSON; the terminal shows it in a line each.
        "TT_LOG_FORMAT": "json",
        **_given(house, PASSED_ON),
    }


def _given(house: House, names: Iterable[str]) -> dict[str, str]:
    """Those of the settings that the person who started this has set."""
    return {name: house.environment[name] for name in names if house.environment.get(name)}
