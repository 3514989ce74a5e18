"""The table of services says what the code does: nothing is missing, and nothing is more than is done."""

import ast

import pytest

from deploy.local.services import WORKERS as LOCAL_WORKERS
from deploy.topology.services import SERVICES, WORKERS, Service
from shared.contracts.base import COMMANDS, EVENTS, QUERIES
from tests.deploy.topology.reading import ROOT, Said, said_by

COMMAND_NAMES = {command.__name__ for command in COMMANDS.values()}
EVENT_NAMES = {event.__name__ for event in EVENTS.values()}
DOMAINS = {query.__name__: subject.partition(".")[0] for subject, query in QUERIES.items()}

SERVICE_IDS = [service.name for service in SERVICES]
WORKER_IDS = [service.name for service in WORKERS]


@pytest.fixture(scope="module")
def reading() -> dict[str, Said]:
    return {service.name: said_by(service.name) for service in SERVICES}


def names_of(contracts: tuple[type, ...]) -> set[str]:
    return {contract.__name__ for contract in contracts}


@pytest.mark.parametrize("service", WORKERS, ids=WORKER_IDS)
def test_each_sends_the_commands_that_its_code_makes(service: Service, reading: dict[str, Said]) -> None:
    said = reading[service.name]
    assert names_of(service.sends) == (said.by_service | said.by_shared) & COMMAND_NAMES


def test_the_gateway_may_send_whatever_its_catalogue_of_tasks_offers(reading: dict[str, Said]) -> None:
    gateway = SERVICES[-1]
    assert "COMMANDS" in reading["gateway"].named
    assert names_of(gateway.sends) == COMMAND_NAMES


@pytest.mark.parametrize("service", SERVICES, ids=SERVICE_IDS)
def test_each_publishes_the_events_that_its_code_makes(service: Service, reading: dict[str, Said]) -> None:
    said = reading[service.name]
    assert names_of(service.publishes) == (said.by_service | said.by_shared) & EVENT_NAMES


@pytest.mark.parametrize("service", WORKERS, ids=WORKER_IDS)
def test_each_hears_the_events_that_its_code_names(service: Service, reading: dict[str, Said]) -> None:
    assert names_of(service.hears) == reading[service.name].named & EVENT_NAMES


@pytest.mark.parametrize("service", SERVICES, ids=SERVICE_IDS)
def test_each_asks_the_queries_that_its_code_makes(service: Service, reading: dict[str, Said]) -> None:
    said = reading[service.name]
    # A question of its own domain that a service makes is for a handler of its own, and never travels.
    abroad = {name for name in said.by_service if DOMAINS.get(name) not in {None, service.name}}
    assert names_of(service.asks) == abroad | said.by_shared & DOMAINS.keys()


@pytest.mark.parametrize("service", WORKERS, ids=WORKER_IDS)
def test_each_runs_all_commands_of_its_queue(service: Service) -> None:
    assert names_of(service.runs) == _decorated_with_actor(service.name)


@pytest.mark.parametrize("service", WORKERS, ids=WORKER_IDS)
def test_each_answers_all_queries_of_its_domain(service: Service) -> None:
    assert names_of(service.answers) == _handled(service.name)


@pytest.mark.parametrize("service", SERVICES, ids=SERVICE_IDS)
def test_each_keeps_the_files_that_its_code_does(service: Service, reading: dict[str, Said]) -> None:
    stores: dict[str, set[str]] = {"avatars": set(), "uploads": set()}
    for name in reading[service.name].reached:
        for store, done in stores.items():
            verb = name.removeprefix(f"shared.messaging.{store}.").partition("_")[0]
            if name.startswith(f"shared.messaging.{store}.") and verb in {"store", "delete", "fetch"}:
                done.add(verb)
    assert set(service.writes_stores) == {name for name, done in stores.items() if done - {"fetch"}}
    assert set(service.reads_stores) == {name for name, done in stores.items() if done == {"fetch"}}


@pytest.mark.parametrize("service", WORKERS, ids=WORKER_IDS)
def test_those_that_call_models_are_those_that_take_places(
    service: Service, reading: dict[str, Said]
) -> None:
    assert service.calls_models == ("shared.llm.places.Places" in reading[service.name].reached)


def test_a_local_run_gives_models_and_telegram_to_the_same_services() -> None:
    assert {worker.name for worker in LOCAL_WORKERS} == {worker.name for worker in WORKERS}
    assert {worker.name for worker in LOCAL_WORKERS if worker.calls_models} == {
        worker.name for worker in WORKERS if worker.calls_models
    }


def _functions(service: str) -> list[ast.AsyncFunctionDef]:
    return [
        node
        for path in sorted((ROOT / "services" / service).rglob("*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.AsyncFunctionDef)
    ]


def _decorated_with_actor(service: str) -> set[str]:
    return {
        decorator.args[0].id
        for function in _functions(service)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id == "actor"
        and isinstance(decorator.args[0], ast.Name)
    }


def _handled(service: str) -> set[str]:
    """Queries that are the one argument of a public coroutine function, which is what makes a handler."""
    found = set()
    for function in _functions(service):
        arguments = [*function.args.args, *function.args.kwonlyargs]
        if len(arguments) == 1 and not function.name.startswith("_"):
            annotation = arguments[0].annotation
            if isinstance(annotation, ast.Name) and DOMAINS.get(annotation.id) == service:
                found.add(annotation.id)
    return found
