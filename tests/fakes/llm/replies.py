"""The bodies of answers, as OpenAI writes them."""

import base64
import json
from array import array
from collections.abc import Sequence
from typing import Any

from tests.fakes.llm.reactions import Fails, Refuses, Says
from tests.fakes.llm.requests import ChatRequest, EmbeddingRequest


def completion(request: ChatRequest, reaction: Says | Refuses) -> dict[str, Any]:
    """A chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    if isinstance(reaction, Says):
        message["content"] = reaction.text(request)
        finish_reason, usage = reaction.finish_reason, reaction.usage
    else:
        message["refusal"] = reaction.refusal
        finish_reason, usage = "stop", None
    answer: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": f"{request.model}-2026-01-01",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": None}],
    }
    if usage is None:
        asked = sum(tokens_of(each["content"]) for each in request.messages)
        usage = (asked, tokens_of(message["content"] or message["refusal"]))
    if usage:
        taken, given = usage
        answer["usage"] = {
            "prompt_tokens": taken,
            "completion_tokens": given,
            "total_tokens": taken + given,
        }
    return answer


def embeddings(request: EmbeddingRequest, vectors: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Vectors, in the form that was asked for."""
    tokens = sum(tokens_of(text) for text in request.texts)
    in_base64 = request.body.get("encoding_format") == "base64"
    return {
        "object": "list",
        "model": request.model,
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(array("f", vector)).decode() if in_base64 else list(vector),
            }
            for index, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def models(names: Sequence[str]) -> dict[str, Any]:
    """The list of models."""
    return {
        "object": "list",
        "data": [{"id": name, "object": "model", "owned_by": "tests"} for name in names],
    }


def error(failure: Fails) -> dict[str, Any]:
    """An error."""
    return {
        "error": {
            "message": failure.message,
            "type": failure.type,
            "param": failure.param,
            "code": failure.code,
        }
    }


def tokens_of(text: str) -> int:
    """How many tokens this server takes a text for."""
    return max(1, len(json.dumps(text, ensure_ascii=False)) // 4)
