"""The stage of these tests: one database for all, emptied before each; a fake server for each."""

from collections.abc import Iterator

import pytest

from tests.conftest import Database, make_database
from tests.fakes.llm import running_llm_server
from tests.integration.llm.stage import API_KEY, SERVICE, Stage, prepare_schema


@pytest.fixture(scope="session")
def llm_database(postgres_url: str) -> Database:
    return make_database(postgres_url)


@pytest.fixture
def stage(llm_database: Database, nats_url: str, namespace: str) -> Iterator[Stage]:
    with running_llm_server() as llm:
        llm.api_key = API_KEY
        made = Stage(llm, llm_database.url(SERVICE), nats_url, namespace)
        made.run(prepare_schema)
        yield made
