"""The services of a local run. A line here gives a service its port, password, role, schema and process."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Worker:
    """A domain service: `dramatiq services.<name>.worker` with this many processes and threads in each."""

    name: str
    processes: int = 1
    threads: int = 32  # a thread mostly waits for its message's transaction, which many share


WORKERS = (
    Worker("ingestion"),
    Worker("scoring"),
)

# Those with a schema and a database role of their own.
SCHEMAS = (*(worker.name for worker in WORKERS), "gateway")
