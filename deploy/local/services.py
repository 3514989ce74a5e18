"""The services of a local run. A line here gives a service its port, password, role, schema and process."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Worker:
    """A domain service: `services.<name>.worker` with this many processes and threads in each.

    `calls_models` says that it is told where embeddings are made, `opens_secrets` how to open keys and
    tokens, `calls_telegram` how to reach Telegram.
    """

    name: str
    processes: int = 1
    threads: int = 32  # a thread mostly waits for its message's transaction, which many share
    calls_models: bool = False
    opens_secrets: bool = False
    calls_telegram: bool = False


WORKERS = (
    Worker("ingestion", opens_secrets=True, calls_telegram=True),
    Worker("scoring"),
    Worker("analysis", threads=8, calls_models=True, opens_secrets=True),
    Worker("embedding", threads=16, calls_models=True, opens_secrets=True),
    Worker("knowledge", threads=16, calls_models=True, opens_secrets=True),
)

# Those with a schema and a database role of their own.
SCHEMAS = (*(worker.name for worker in WORKERS), "gateway")
