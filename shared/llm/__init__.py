"""Language models: structured answers and vectors through one narrow interface, whoever the provider is.

The client library is loaded with the first agent or embedder that is opened: whoever only seals keys or
defines prompts does without it.
"""

from shared.llm.access import (
    AgentSession,
    close_llm,
    open_agent,
    open_agent_on,
    open_embedder,
    open_embedder_on,
)
from shared.llm.binding import Patience, bind_llm
from shared.llm.cache import ANSWERS_DDL, purge_answers
from shared.llm.errors import (
    BadAnswerError,
    BudgetExceededError,
    LlmError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from shared.llm.interface import (
    Chat,
    EmbeddedBatch,
    Embedder,
    LocalRule,
    LocalRules,
    Question,
    Reply,
    Vector,
)
from shared.llm.prompts import PromptError, PromptFolder
from shared.llm.usage import Usage
from shared.sealing import SealedKeyError, bind_keys, new_encryption_key, reseal, seal, unseal

__all__ = [
    "ANSWERS_DDL",
    "AgentSession",
    "BadAnswerError",
    "BudgetExceededError",
    "Chat",
    "EmbeddedBatch",
    "Embedder",
    "LlmError",
    "LocalRule",
    "LocalRules",
    "Patience",
    "PromptError",
    "PromptFolder",
    "ProviderRefusedError",
    "ProviderUnavailableError",
    "Question",
    "Reply",
    "SealedKeyError",
    "Usage",
    "Vector",
    "bind_keys",
    "bind_llm",
    "close_llm",
    "new_encryption_key",
    "open_agent",
    "open_agent_on",
    "open_embedder",
    "open_embedder_on",
    "purge_answers",
    "reseal",
    "seal",
    "unseal",
]
