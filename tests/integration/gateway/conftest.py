"""One gateway for all of a process's tests of it; every test begins with empty services."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.conftest import make_database
from tests.integration.gateway.answering_knowledge import Knowledge
from tests.integration.gateway.stage import Stage, running_stage


@pytest.fixture(scope="package")
def running(postgres_url: str, nats_url: str) -> Iterator[Stage]:
    """A gateway that runs for all tests of the package, and no longer.

    A process is bound to one database: a gateway that stayed would connect anew to that of later tests.
    """
    database = make_database(postgres_url)
    with running_stage(database.url("gateway"), nats_url, f"t{uuid4().hex[:8]}") as stage:
        yield stage


@pytest.fixture
def stage(running: Stage) -> Stage:
    """The gateway, with services that know nothing yet."""
    services = running.services
    for known in (services.messages, services.scores, services.jobs, services.asked):
        known.clear()
    services.analysis.clear()
    services.embedding.clear()
    services.knowledge.clear()
    services.projects.clear()
    services.runs.clear()
    services.proposals.clear()
    services.experiments.clear()
    services.telegram.clear()
    services.history.clear()
    services.scoring_is_down = False
    services.refusal = None
    return running


@pytest.fixture
def client(stage: Stage) -> Iterator[httpx.Client]:
    """A client that has the key."""
    with stage.client() as made:
        yield made


@pytest.fixture
def knowledge(stage: Stage) -> Knowledge:
    """The knowledge behind the gateway."""
    return stage.services.knowledge
