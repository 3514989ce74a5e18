"""Which of the offered models a provider takes that names none, or too few for its agents-to-be."""

from collections.abc import Sequence
from typing import Any

from services.analysis.fitness import asks_questions
from services.analysis.picking import has_model, near_names, pick_chat_model, pick_embedding_model
from shared.contracts.analysis import ProviderRecord


class NoModelError(Exception):
    """There is no model to work with; says which is missing and what to do."""


def has_to_choose(provider: ProviderRecord) -> bool:
    """Whether a provider lacks a model: any, or one for the agents that are to use it."""
    return _needs_chat(provider) or _needs_vectors(provider)


def choose_models(provider: ProviderRecord, offered: Sequence[str]) -> dict[str, Any]:
    """Models for a provider that names none at all, and for the agents that are to use it.

    Args:
        provider: As a person made it.
        offered: The names of its models.

    Returns:
        The columns that it is to have; none when nothing is to be chosen.

    Raises:
        NoModelError: When there is nothing to choose from, or nothing that suits.
    """
    if not has_to_choose(provider):
        return {}
    if not offered:
        raise NoModelError(f"{provider.name} has no models yet: {_how(provider)}.")
    chat = pick_chat_model(offered) if _needs_chat(provider) else None
    vectors = pick_embedding_model(offered) if _needs_vectors(provider) else None
    if chat is None and _needs_chat(provider) and _is_to_chat(provider):
        raise NoModelError(f"No model of {provider.name} is one for chat, by its name: {_how(provider)}.")
    if vectors is None and _needs_vectors(provider) and "embedder" in provider.activate:
        raise NoModelError(
            f"No model of {provider.name} is one for embeddings, by its name: {_how(provider)}."
        )
    if chat is None and vectors is None:
        raise NoModelError(
            f"No model of {provider.name} tells by its name what it is for: name one yourself."
        )
    found = {} if chat is None else {"chat_model": chat}
    return found if vectors is None else found | {"document_model": vectors, "query_model": vectors}


def check_is_offered(provider: ProviderRecord, offered: Sequence[str] | None, model: str, field: str) -> None:
    """Say that there is no such model, and which may have been meant; nothing when that is not known.

    Raises:
        NoModelError: When there is none.
    """
    if not offered or has_model(offered, model):
        return
    near = ", ".join(near_names(offered, model))
    pull = f", or `ollama pull {model}`" if provider.type == "ollama" else ""
    raise NoModelError(f"{provider.name} has no model {model!r}; near it are: {near}. Correct {field}{pull}.")


def _names_none(provider: ProviderRecord) -> bool:
    return provider.chat_model is None and provider.document_model is None


def _needs_chat(provider: ProviderRecord) -> bool:
    if provider.basic_mode or provider.chat_model is not None:
        return False
    return _names_none(provider) or _is_to_chat(provider)


def _is_to_chat(provider: ProviderRecord) -> bool:
    return any(asks_questions(kind) for kind in provider.activate)


def _needs_vectors(provider: ProviderRecord) -> bool:
    return provider.document_model is None and (_names_none(provider) or "embedder" in provider.activate)


def _how(provider: ProviderRecord) -> str:
    return "`ollama pull <model>`" if provider.type == "ollama" else "name one yourself"
