"""The table of connections says what the settings of the services lead to."""

import pytest

from deploy.settings import settings_of
from deploy.topology.network import OUTSIDE, Connection, connections
from deploy.topology.services import SERVICES, WORKERS

SETTINGS = {service.name: settings_of(service.name) for service in SERVICES}
LEADS_TO = {
    "database_url": {"postgres"},
    "nats_url": {"nats"},
    "otlp_endpoint": {"otel-collector"},
    "telegram_api_url": {"telegram"},
    "local_embeddings_url": {"embeddings", "ollama", "models"},
    "health_urls": {worker.name for worker in WORKERS},
}
"""Settings that name somebody whom a service connects to."""


def targets(source: str) -> set[str]:
    return {each.target for each in connections() if each.source == source}


@pytest.mark.parametrize("service", SETTINGS)
def test_a_service_connects_to_whom_its_settings_name(service: str) -> None:
    fields = set(SETTINGS[service].__struct_fields__)
    named = {target for field, led_to in LEADS_TO.items() if field in fields for target in led_to}
    assert targets(service) == named
    # A setting that is the address of somebody else would have to stand above.
    about_itself = {"public_url", "jaeger_url"}
    assert {field for field in fields if field.endswith(("_url", "_urls"))} - about_itself <= LEADS_TO.keys()


def test_nobody_reaches_a_service_but_the_gateway_and_whoever_watches() -> None:
    for service in SERVICES:
        sources = {each.source for each in connections() if each.target == service.name}
        expected = {"prometheus", "gateway"} if service.is_worker else {"prometheus", "people", "sample"}
        assert sources == expected, service.name


def test_only_ingestion_and_callers_of_models_leave() -> None:
    leaving = {each.source for each in connections() if each.leaves}
    assert leaving == {"ingestion", "embedding", "knowledge", "analysis"}
    assert not {each for each in connections() if each.source in OUTSIDE and each.leaves}


def test_the_database_is_for_services_and_what_prepares_it() -> None:
    sources = {each.source for each in connections() if each.target == "postgres"}
    assert sources == {*(service.name for service in SERVICES), "migrations", "provisioning"}
    assert Connection("scoring", "postgres", 5432) in connections()
