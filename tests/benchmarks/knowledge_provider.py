"""An extractor to be measured: basic mode with its embedding server, or any OpenAI-compatible provider.

Asked as the knowledge service asks it, prompts, repair and accounts included; so a throwaway Postgres and
NATS are there as well.
"""

import asyncio
import os
import tempfile
from argparse import Namespace
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from deploy.local.embeddings import running_embeddings
from deploy.local.nats import running_nats
from deploy.local.postgres import running_postgres
from services.knowledge.models import RULES
from shared.contracts.analysis import AgentAccess, AgentRecord, ProviderAccess, ProviderRecord
from shared.llm import AgentSession, bind_llm, close_llm, new_encryption_key, open_agent_on, seal
from tests.conftest import make_database
from tests.integration.bound import bound

T = TypeVar("T")

_NAMESPACE = "bench"
_PLENTY = 100_000_000


def with_agent(asked: Namespace, use: Callable[[AgentSession], Awaitable[T]]) -> T:
    """Have the agent that was asked for on the command line do something.

    Args:
        asked: `provider` (`local`, `openai` or `ollama`), `url`, `model`, `key_env`, `language`.
        use: What it is to do.
    """
    with ExitStack() as servers:
        folder = Path(servers.enter_context(tempfile.TemporaryDirectory()))
        postgres = servers.enter_context(running_postgres(folder / "postgres", settings={"fsync": "off"}))
        nats = servers.enter_context(running_nats(folder / "nats"))
        embeddings = ""
        if asked.provider == "local":
            (folder / "embeddings").mkdir()
            embeddings = servers.enter_context(running_embeddings(folder / "embeddings"))
        database = make_database(postgres)
        bind_llm(
            encryption_keys=new_encryption_key(),
            local_embeddings_url=embeddings,
            nats_url=nats,
            namespace=_NAMESPACE,
        )

        async def within() -> T:
            async with bound("knowledge", database.url("knowledge"), nats, _NAMESPACE):
                try:
                    return await use(open_agent_on(_access(asked), rules=RULES))
                finally:
                    await close_llm()

        return asyncio.run(within())


def _access(asked: Namespace) -> AgentAccess:
    now = datetime.now(UTC)
    is_local = asked.provider == "local"
    key = os.environ[asked.key_env] if asked.key_env else None
    provider = ProviderRecord(
        id=UUID(int=1),
        name=asked.provider,
        type=asked.provider,
        base_url=asked.url,
        has_api_key=key is not None,
        chat_model=asked.model,
        document_model="e5-passage" if is_local else None,
        query_model="e5-query" if is_local else None,
        basic_mode=is_local,
        created_at=now,
        updated_at=now,
    )
    agent = AgentRecord(
        id=UUID(int=2),
        name="measured",
        kind="knowledge_extractor",
        provider_id=provider.id,
        language=asked.language,
        max_output_tokens=16_384,
        max_tokens_per_run=_PLENTY,
        max_cost_per_run=_PLENTY,
        created_at=now,
        updated_at=now,
    )
    return AgentAccess(agent=agent, access=ProviderAccess(provider=provider, sealed_key=key and seal(key)))
