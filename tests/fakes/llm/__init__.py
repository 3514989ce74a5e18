"""A language model's server for tests: real HTTP, OpenAI's wire format, and what a test scripts.

with running_llm_server() as llm:
    llm.chat.always(Says(lambda request: answer_to(request.data)))
    llm.chat.then(Fails(503), Says("no JSON"))  # the next two requests; then `always` again
    ...                                          # base_url=llm.url
    assert len(llm.chat.requests) == 3
"""

from tests.fakes.llm.reactions import (
    Breaks,
    Fails,
    Garbage,
    Hangs,
    Reaction,
    Refuses,
    Says,
    quota_exhausted,
    rate_limited,
    wrong_key,
)
from tests.fakes.llm.requests import ChatRequest, EmbeddingRequest, Received
from tests.fakes.llm.server import LlmServer, running_llm_server
from tests.fakes.llm.vectors import vector_of

__all__ = [
    "Breaks",
    "ChatRequest",
    "EmbeddingRequest",
    "Fails",
    "Garbage",
    "Hangs",
    "LlmServer",
    "Reaction",
    "Received",
    "Refuses",
    "Says",
    "quota_exhausted",
    "rate_limited",
    "running_llm_server",
    "vector_of",
    "wrong_key",
]
