"""What a provider becomes: what its type allows, needs and fills in."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.analysis.settling import settle_change, settle_new
from shared.contracts.analysis import CreateProvider, Prices, ProviderRecord, UpdateProvider
from shared.contracts.errors import QueryError

ID = UUID("0d9a1f3e-6f2b-4c57-8a8e-2f1f6f0f3a11")
MADE = datetime(2026, 10, 5, tzinfo=UTC)


def new(**given: Any) -> dict[str, Any]:
    return settle_new(CreateProvider(provider_id=ID, **{"name": "a", "type": "openai"} | given))


def record(**given: Any) -> ProviderRecord:
    made = ProviderRecord(
        id=ID,
        name="a",
        type="openai",
        base_url="https://api.openai.com/v1",
        has_api_key=True,
        chat_model="gpt-4.1-mini",
        document_model="text-embedding-3-small",
        query_model="text-embedding-3-small",
        prices=Prices(input=0.4, output=1.6, embedding=0.02),
        created_at=MADE,
        updated_at=MADE,
    )
    return msgspec.structs.replace(made, **given)


def change(now: ProviderRecord, **given: Any) -> Any:
    return settle_change(now, UpdateProvider(provider_id=ID, **given))


def refused(field: str, call: Any, *arguments: Any, **given: Any) -> str:
    with pytest.raises(QueryError) as caught:
        call(*arguments, **given)
    assert (caught.value.code, caught.value.body.field) == ("invalid", field)
    return caught.value.body.message


def test_openai_needs_a_key_and_nothing_else() -> None:
    values = new(sealed_key="sealed")

    assert values["base_url"] == "https://api.openai.com/v1"
    assert values["chat_model"] == "gpt-4.1-mini"
    assert values["document_model"] == values["query_model"] == "text-embedding-3-small"
    assert values["prices"] == Prices(input=0.4, output=1.6, embedding=0.02)
    assert "key" in refused("api_key", new)


def test_key_of_openai_does_not_travel_in_plain_text() -> None:
    assert "https://" in refused("base_url", new, base_url="http://api.openai.com", sealed_key="sealed")
    assert "https://" in refused(
        "base_url", change, record(), base_url="http://api.openai.com", sealed_key="s"
    )


def test_another_server_of_the_openai_kind_needs_no_key_and_gets_no_models_or_prices() -> None:
    values = new(base_url="http://vllm:8000", chat_model="gpt-4.1-mini")

    assert values["base_url"] == "http://vllm:8000/v1"
    assert values["document_model"] is None
    assert values["prices"] == Prices()


def test_one_named_model_is_not_joined_by_others() -> None:
    values = new(sealed_key="sealed", chat_model="gpt-5-2025-08-07")

    assert (values["chat_model"], values["document_model"]) == ("gpt-5-2025-08-07", None)
    assert values["prices"] == Prices(input=1.25, output=10.0)


def test_ollama_needs_nothing() -> None:
    values = new(type="ollama")

    assert values["base_url"] == "http://127.0.0.1:11434/v1"
    assert values["chat_model"] is values["document_model"] is values["sealed_key"] is None


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("base_url", {"base_url": "http://127.0.0.1/v1"}),
        ("api_key", {"sealed_key": "sealed"}),
        ("chat_model", {"chat_model": "m"}),
        ("document_model", {}),
    ],
)
def test_local_has_neither_address_nor_key_nor_chat_model(field: str, given: dict[str, Any]) -> None:
    assert refused(field, new, type="local", **given)


def test_query_model_is_the_document_model_unless_named() -> None:
    assert new(type="ollama", document_model="bge-m3")["query_model"] == "bge-m3"
    assert new(type="ollama", document_model="d", query_model="q")["query_model"] == "q"
    assert refused("document_model", new, type="ollama", query_model="q")


@pytest.mark.parametrize("name", [" ", "a\nb", "a\x00b"])
def test_name_is_one_line_of_text(name: str) -> None:
    assert refused("name", new, name=name, sealed_key="sealed")


def test_name_may_have_whatever_people_write() -> None:
    assert new(name=" Моя модель 👩🏽‍💻 ", sealed_key="sealed")["name"] == "Моя модель 👩🏽‍💻"


def test_address_at_fault_is_named() -> None:
    assert "refused" in refused("base_url", new, type="ollama", base_url="http://169.254.169.254/v1")


def test_change_of_nothing_is_none() -> None:
    assert not change(record()).values
    same = change(record(), name="a", base_url="https://API.openai.com/v1/", chat_model="gpt-4.1-mini")
    assert not same.values
    assert not same.anew


def test_new_name_asks_for_no_validation() -> None:
    changed = change(record(), name="b", max_concurrency=2)

    assert changed.values == {"name": "b", "max_concurrency": 2}
    assert not changed.anew


def test_new_models_ask_for_validation_and_take_their_prices() -> None:
    changed = change(record(), chat_model="gpt-5", document_model="text-embedding-3-large")

    assert changed.values == {
        "chat_model": "gpt-5",
        "document_model": "text-embedding-3-large",
        "query_model": "text-embedding-3-large",
        "prices": Prices(input=1.25, output=10.0, embedding=0.13),
        "dimension": None,
    }
    assert changed.anew


def test_prices_that_a_person_gave_stay() -> None:
    now = record(prices=Prices(input=9.0))
    assert "prices" not in change(now, chat_model="gpt-5").values
    assert change(record(), chat_model="gpt-5", prices=Prices(input=3.0)).values["prices"] == Prices(
        input=3.0
    )


def test_wish_for_agents_asks_for_validation_and_can_be_taken_back() -> None:
    wished = change(record(), activate=["embedder", "embedder"])
    assert (wished.values, wished.anew) == ({"activate": ["embedder"]}, True)
    back = change(record(activate=["embedder"]), activate=[])
    assert (back.values, back.anew) == ({"activate": []}, False)


def test_kept_key_does_not_follow_to_another_server() -> None:
    other = "https://collector.example.com/v1"

    assert "another server" in refused("api_key", change, record(), base_url=other)
    assert change(record(), base_url=other, sealed_key=None).values["sealed_key"] is None
    assert change(record(), base_url=other, sealed_key="new").values["sealed_key"] == "new"
    assert change(record(has_api_key=False, base_url="http://a/v1"), base_url=other).anew


def test_key_may_stay_where_only_the_path_changes() -> None:
    now = record(base_url="https://openrouter.ai/api/v1")
    assert change(now, base_url="https://openrouter.ai/v1").values["base_url"] == "https://openrouter.ai/v1"


def test_key_of_openai_cannot_be_taken_away() -> None:
    assert refused("api_key", change, record(), sealed_key=None)


def test_embeddings_can_be_given_up() -> None:
    changed = change(record(), document_model=None)

    assert changed.values["document_model"] is changed.values["query_model"] is None
    assert changed.values["dimension"] is None


def test_address_that_is_taken_back_is_the_usual_one() -> None:
    now = record(type="ollama", base_url="http://gpu:11434/v1", has_api_key=False)
    assert change(now, base_url=None).values["base_url"] == "http://127.0.0.1:11434/v1"
