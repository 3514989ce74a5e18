"""Providers of the API, by `client.providers`."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from tasktracker.records.common import Accepted
from tasktracker.records.providers import ModelItems, Prices, ProviderItems, ProviderRecord
from tasktracker.resource import Resource, changed, given, segment


class Providers(Resource):
    """Providers of language models: OpenAI and its like, Ollama, `local`."""

    def list(self) -> ProviderItems:
        """List providers.

        All providers of language models; `basic_mode` says that one works by rules, without a model.
        """
        return self._ask("GET", "/api/v1/providers", ProviderItems)

    def create(
        self,
        *,
        name: str,
        type: Literal["openai", "ollama", "local"],
        base_url: str | None = None,
        api_key: str | None = None,
        chat_model: str | None = None,
        document_model: str | None = None,
        query_model: str | None = None,
        max_concurrency: int | None = None,
        timeout_seconds: float | None = None,
        prices: Prices | None = None,
        activate: Sequence[Literal["knowledge_extractor", "embedder", "task_proposer"]] | None = None,
        idempotency_key: str | None = None,
    ) -> ProviderRecord:
        """Add a provider.

        Add OpenAI, any server that speaks its language, or Ollama. It is tried out in the background.

        How that goes: `validation_status`, the task with the provider's id, or the WebSocket topic
        `providers`. With `activate` the named agents use it as soon as it is connected. Needs the scope
        `admin`.

        Args:
            type: `openai` is any OpenAI-compatible server; `local` came with the installation and cannot be
                made.
            base_url: With `/v1`; OpenAI's own, or Ollama on this machine, when left out.
            api_key: Kept encrypted and never answered.
            chat_model: Models that are left out are chosen from those that are offered.
            document_model: Embeds what is searched.
            query_model: Embeds what is searched with; the same when left out.
            max_concurrency: Calls at the same time, over the whole fleet.
            timeout_seconds: For one call.
            prices: US dollars a million tokens; known ones of OpenAI, or zero, when left out.
            activate: Agents that shall use it from now on, once it is connected.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/providers",
            ProviderRecord,
            body=given(
                {
                    "name": name,
                    "type": type,
                    "base_url": base_url,
                    "api_key": api_key,
                    "chat_model": chat_model,
                    "document_model": document_model,
                    "query_model": query_model,
                    "max_concurrency": max_concurrency,
                    "timeout_seconds": timeout_seconds,
                    "prices": prices,
                    "activate": activate,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, provider_id: UUID | str) -> ProviderRecord:
        """Get a provider.

        One provider, with how its last validation went and, if it failed, what to do.
        """
        return self._ask("GET", f"/api/v1/providers/{segment(provider_id)}", ProviderRecord)

    def change(
        self,
        provider_id: UUID | str,
        *,
        name: str | UnsetType = UNSET,
        base_url: str | UnsetType | None = UNSET,
        api_key: str | UnsetType | None = UNSET,
        chat_model: str | UnsetType | None = UNSET,
        document_model: str | UnsetType | None = UNSET,
        query_model: str | UnsetType | None = UNSET,
        max_concurrency: int | UnsetType = UNSET,
        timeout_seconds: float | UnsetType = UNSET,
        prices: Prices | UnsetType = UNSET,
        activate: Sequence[Literal["knowledge_extractor", "embedder", "task_proposer"]] | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> ProviderRecord:
        """Change a provider.

        Change what is given; what is left out stays. It is tried out again when what is called changed.

        A new address on another server needs the key again. Needs the scope `admin`.

        Args:
            api_key: Kept encrypted and never answered.
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/providers/{segment(provider_id)}",
            ProviderRecord,
            body=changed(
                {
                    "name": name,
                    "base_url": base_url,
                    "api_key": api_key,
                    "chat_model": chat_model,
                    "document_model": document_model,
                    "query_model": query_model,
                    "max_concurrency": max_concurrency,
                    "timeout_seconds": timeout_seconds,
                    "prices": prices,
                    "activate": activate,
                }
            ),
            headers={"If-Match": if_match},
        )

    def delete(self, provider_id: UUID | str, *, if_match: str | None = None) -> None:
        """Delete a provider.

        Delete a provider that no agent uses, and its key with it; what its calls cost stays in the
        accounts.

        One that is gone already is no error. Needs the scope `admin`.

        Args:
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        self._tell("DELETE", f"/api/v1/providers/{segment(provider_id)}", headers={"If-Match": if_match})

    def models(self, provider_id: UUID | str) -> ModelItems:
        """List a provider's models.

        The models that the provider offers at this moment, asked of itself.

        409 when its key or address is wrong, 503 when it does not answer.
        """
        return self._ask("GET", f"/api/v1/providers/{segment(provider_id)}/models", ModelItems)

    def validate(self, provider_id: UUID | str, *, idempotency_key: str | None = None) -> Accepted:
        """Try a provider out.

        Look at its models, ask for one small answer and one vector, in the background.

        The task's result, and then the provider itself, say `connected` or `error` with what to do.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/providers/{segment(provider_id)}/validate",
            Accepted,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
