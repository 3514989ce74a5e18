"""Which models are chosen by their names, and which a wrong name may have meant."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.analysis.choosing import NoModelError, check_is_offered, choose_models, has_to_choose
from services.analysis.picking import near_names, pick_chat_model, pick_embedding_model
from shared.contracts.analysis import ProviderRecord

MADE = datetime(2026, 10, 5, tzinfo=UTC)
OLLAMA = ["bge-m3:latest", "llama3.2:3b", "nomic-embed-text:latest", "qwen3:14b"]
OPENAI = [
    "dall-e-3",
    "gpt-4.1",
    "gpt-4.1-mini",
    "gpt-4o-mini-tts",
    "omni-moderation-latest",
    "text-embedding-3-large",
    "text-embedding-3-small",
    "whisper-1",
]


def provider(**given: Any) -> ProviderRecord:
    made = ProviderRecord(
        id=UUID(int=1),
        name="Home",
        type="ollama",
        base_url="http://127.0.0.1:11434/v1",
        has_api_key=False,
        chat_model=None,
        document_model=None,
        query_model=None,
        created_at=MADE,
        updated_at=MADE,
    )
    return msgspec.structs.replace(made, **given)


@pytest.mark.parametrize(
    ("offered", "chat", "vectors"),
    [
        (OLLAMA, "qwen3:14b", "bge-m3:latest"),
        (OPENAI, "gpt-4.1-mini", "text-embedding-3-small"),
        (
            ["intfloat/multilingual-e5-large", "google/gemma-3"],
            "google/gemma-3",
            "intfloat/multilingual-e5-large",
        ),
        (["e5-passage", "e5-query"], None, "e5-passage"),
        (["phi4", "mistral"], "mistral", None),
        (["whisper-1", "bge-reranker-v2"], None, None),
        ([], None, None),
    ],
)
def test_models_are_chosen_by_name(offered: list[str], chat: str | None, vectors: str | None) -> None:
    assert pick_chat_model(offered) == chat
    assert pick_embedding_model(offered) == vectors
    assert pick_chat_model(reversed(offered)) == chat


def test_provider_without_models_gets_both() -> None:
    assert choose_models(provider(), OLLAMA) == {
        "chat_model": "qwen3:14b",
        "document_model": "bge-m3:latest",
        "query_model": "bge-m3:latest",
    }
    assert choose_models(provider(), ["llama3"]) == {"chat_model": "llama3"}
    assert choose_models(provider(), ["bge-m3"]) == {"document_model": "bge-m3", "query_model": "bge-m3"}


def test_named_models_are_not_joined_by_others_unless_an_agent_needs_one() -> None:
    named = provider(chat_model="llama3.2:3b")

    assert not has_to_choose(named)
    assert choose_models(named, OLLAMA) == {}
    wished = msgspec.structs.replace(named, activate=["embedder"])
    assert has_to_choose(wished)
    assert choose_models(wished, OLLAMA) == {
        "document_model": "bge-m3:latest",
        "query_model": "bge-m3:latest",
    }


def test_proposer_needs_a_chat_model_as_the_extractor_does() -> None:
    vectors_alone = provider(document_model="bge-m3", query_model="bge-m3")
    assert choose_models(vectors_alone, OLLAMA) == {}
    for kind in ("knowledge_extractor", "task_proposer"):
        wished = msgspec.structs.replace(vectors_alone, activate=[kind])
        assert choose_models(wished, OLLAMA) == {"chat_model": "qwen3:14b"}


@pytest.mark.parametrize(
    ("given", "offered", "complaint"),
    [
        ({}, [], "no models yet: `ollama pull"),
        ({"type": "openai"}, [], "no models yet: name one yourself"),
        ({}, ["whisper-1"], "tells by its name"),
        ({"activate": ["embedder"]}, ["llama3"], "one for embeddings"),
        ({"activate": ["knowledge_extractor"]}, ["bge-m3"], "one for chat"),
        ({"activate": ["task_proposer"]}, ["bge-m3"], "one for chat"),
    ],
)
def test_nothing_that_suits_is_said(given: dict[str, Any], offered: list[str], complaint: str) -> None:
    with pytest.raises(NoModelError, match=complaint):
        choose_models(provider(**given), offered)


def test_wrong_name_is_told_what_it_may_have_meant() -> None:
    assert near_names(OPENAI, "gpt4.1mini")[0] == "gpt-4.1-mini"
    assert near_names(OLLAMA, "Qwen3")[0] == "qwen3:14b"
    assert near_names(OLLAMA, "zzz") == OLLAMA[:3]
    with pytest.raises(NoModelError, match=r"no model 'qwen'; near it are: qwen3:14b.*`ollama pull qwen`"):
        check_is_offered(provider(), OLLAMA, "qwen", "chat_model")


def test_offered_model_is_not_complained_about() -> None:
    check_is_offered(provider(), OLLAMA, "bge-m3", "document_model")
    check_is_offered(provider(), OLLAMA, "qwen3:14b", "chat_model")
    check_is_offered(provider(), None, "anything", "chat_model")
