"""Agents of the API, by `client.agents`."""

from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from tasktracker.records.agents import AgentItems, AgentRecord
from tasktracker.resource import Resource, changed, given, segment


class Agents(Resource):
    """Who does a kind of work, with which provider."""

    def list(self) -> AgentItems:
        """List agents.

        All agents; at most one of each kind is active, and does the work.
        """
        return self._ask("GET", "/api/v1/agents", AgentItems)

    def create(
        self,
        *,
        name: str,
        kind: Literal["knowledge_extractor", "embedder", "task_proposer"],
        provider_id: UUID | str,
        model: str | None = None,
        instructions: str | None = None,
        language: Literal["uk", "en"] | None = None,
        temperature: float | None = None,
        max_output_tokens: int | None = None,
        max_tokens_per_run: int | None = None,
        max_cost_per_run: float | None = None,
        active: bool | None = None,
        idempotency_key: str | None = None,
    ) -> AgentRecord:
        """Add an agent.

        Add an agent. An active one takes the place of the kind's active agent, which stays, inactive.

        Needs the scope `admin`.

        Args:
            provider_id: Whose models it uses.
            model: The provider's when left out.
            instructions: Said beside the prompt, for example the team's glossary.
            language: Of the prompt, and of what is written.
            max_output_tokens: For one answer.
            max_tokens_per_run: Input and output of questions; a run that reaches it ends with what it has.
                Vectors are counted, not capped.
            max_cost_per_run: US dollars; the same.
            active: It takes the place of the kind's active agent.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/agents",
            AgentRecord,
            body=given(
                {
                    "name": name,
                    "kind": kind,
                    "provider_id": provider_id,
                    "model": model,
                    "instructions": instructions,
                    "language": language,
                    "temperature": temperature,
                    "max_output_tokens": max_output_tokens,
                    "max_tokens_per_run": max_tokens_per_run,
                    "max_cost_per_run": max_cost_per_run,
                    "active": active,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, agent_id: UUID | str) -> AgentRecord:
        """Get an agent.

        One agent.
        """
        return self._ask("GET", f"/api/v1/agents/{segment(agent_id)}", AgentRecord)

    def change(
        self,
        agent_id: UUID | str,
        *,
        name: str | UnsetType = UNSET,
        provider_id: UUID | str | UnsetType = UNSET,
        model: str | UnsetType | None = UNSET,
        instructions: str | UnsetType = UNSET,
        language: Literal["uk", "en"] | UnsetType = UNSET,
        temperature: float | UnsetType = UNSET,
        max_output_tokens: int | UnsetType = UNSET,
        max_tokens_per_run: int | UnsetType = UNSET,
        max_cost_per_run: float | UnsetType = UNSET,
        active: bool | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> AgentRecord:
        """Change an agent.

        Change what is given; `active: true` takes the place of the kind's active agent.

        With another `embedder` everything is embedded anew, beside what there is; then search changes over.
        Needs the scope `admin`.

        Args:
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/agents/{segment(agent_id)}",
            AgentRecord,
            body=changed(
                {
                    "name": name,
                    "provider_id": provider_id,
                    "model": model,
                    "instructions": instructions,
                    "language": language,
                    "temperature": temperature,
                    "max_output_tokens": max_output_tokens,
                    "max_tokens_per_run": max_tokens_per_run,
                    "max_cost_per_run": max_cost_per_run,
                    "active": active,
                }
            ),
            headers={"If-Match": if_match},
        )

    def delete(self, agent_id: UUID | str, *, if_match: str | None = None) -> None:
        """Delete an agent.

        Delete an agent; 409 while it is active. One that is gone already is no error. Needs `admin`.

        Args:
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        self._tell("DELETE", f"/api/v1/agents/{segment(agent_id)}", headers={"If-Match": if_match})
