"""What a service is gathered from."""

import inspect
from types import ModuleType

import pytest

from shared.contracts.ingestion import ChatRecord, GetTexts, ListChats, TextPage
from shared.messaging.queries import Handler
from shared.service import ServiceSettings, describe_service


def module(name: str, *functions: Handler) -> ModuleType:
    """A module that has these functions as its own."""
    made = ModuleType(name)
    for function in functions:
        function.__module__ = name
        setattr(made, function.__name__, function)
    return made


def listing() -> Handler:
    async def all_chats(_query: ListChats) -> list[ChatRecord]:
        return []

    return all_chats


def reading() -> Handler:
    async def texts(_query: GetTexts) -> TextPage:
        return TextPage(items=[])

    return texts


NO_ACTORS = ModuleType("actors")
SETTINGS = ServiceSettings()


def test_a_service_answers_the_queries_of_one_module() -> None:
    service = describe_service("s", SETTINGS, actors=NO_ACTORS, queries=module("queries", listing()))
    assert set(service.queries) == {"ingestion.list_chats"}


def test_a_service_answers_the_queries_of_several_modules() -> None:
    queries = [module("first", listing()), module("second", reading())]
    service = describe_service("s", SETTINGS, actors=NO_ACTORS, queries=queries)
    assert set(service.queries) == {"ingestion.list_chats", "ingestion.get_texts"}
    assert all(inspect.iscoroutinefunction(handler) for handler in service.queries.values())


def test_a_handler_that_a_module_imports_is_its_owners_alone() -> None:
    owner = module("owner", listing())
    importer = module("importer", reading())
    vars(importer)["all_chats"] = vars(owner)["all_chats"]
    service = describe_service("s", SETTINGS, actors=NO_ACTORS, queries=[importer])
    assert set(service.queries) == {"ingestion.get_texts"}


def test_one_query_that_two_modules_answer_is_refused() -> None:
    queries = [module("first", listing()), module("second", listing())]
    with pytest.raises(ValueError, match=r"ingestion\.list_chats is answered twice: by first\..* by second"):
        describe_service("s", SETTINGS, actors=NO_ACTORS, queries=queries)
