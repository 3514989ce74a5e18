"""The wire: requests to an OpenAI-compatible server by the `openai` client, and what its errors mean.

The one module that knows the client's types. Its messages never quote what was sent, nor the key.
"""

import base64
import json
import sys
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import openai
from openai import AsyncOpenAI
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion

from shared.llm.answers import Completion
from shared.llm.failures import RefusedError, TransientError
from shared.llm.retry_after import retry_after

_PASSES = {408, 409, 429}
_SERVER_ERRORS = 500
_QUOTED = 200
_NOT_OPENAI = "it answered with something else than the OpenAI API: is its address right, with /v1?"


@dataclass(frozen=True, slots=True)
class Vectors:
    """What came back for an embedding request, in the order of the texts."""

    vectors: list[Sequence[float]]
    tokens: int


async def complete(client: AsyncOpenAI, request: dict[str, Any]) -> Completion:
    """Ask for a chat completion.

    Raises:
        TransientError: When another try may succeed.
        RefusedError: When none will.
    """
    async with _translated(client):
        answer = await client.chat.completions.create(**request)
    if not isinstance(answer, ChatCompletion):
        raise RefusedError(_NOT_OPENAI, status=200)
    _look_for_error(answer.model_extra, client)
    # The client checks nothing of what it makes: all of this may be missing.
    choice: Any = next(iter(answer.choices or ()), None)
    if choice is None or choice.message is None:
        raise RefusedError(_NOT_OPENAI, status=200)
    usage = answer.usage
    return Completion(
        content=choice.message.content if isinstance(choice.message.content, str) else "",
        refusal=choice.message.refusal,
        finish_reason=choice.finish_reason or "",
        model=answer.model or request["model"],
        input_tokens=usage.prompt_tokens if usage else None,
        output_tokens=usage.completion_tokens if usage else None,
    )


async def embed(client: AsyncOpenAI, request: dict[str, Any]) -> Vectors:
    """Ask for embeddings.

    Raises:
        TransientError: When another try may succeed.
        RefusedError: When none will.
    """
    async with _translated(client):
        answer = await client.embeddings.create(**request)
    if not isinstance(answer, CreateEmbeddingResponse):
        raise RefusedError(_NOT_OPENAI, status=200)
    _look_for_error(answer.model_extra, client)
    wanted = len(request["input"])
    found = sorted(answer.data or [], key=lambda each: each.index)
    if [each.index for each in found] != list(range(wanted)):
        raise RefusedError(f"it answered with {len(found)} vectors for {wanted} texts", status=200)
    tokens = answer.usage.prompt_tokens if answer.usage else 0
    return Vectors([_floats(each.embedding) for each in found], tokens or 0)


async def list_models(client: AsyncOpenAI) -> list[str]:
    """The names of the models that a server offers, sorted.

    Raises:
        TransientError: When another try may succeed.
        RefusedError: When none will.
    """
    async with _translated(client):
        page = await client.models.list()
    names = [model.id for model in getattr(page, "data", None) or [] if isinstance(model.id, str)]
    if not isinstance(getattr(page, "data", None), list):
        raise RefusedError(_NOT_OPENAI, status=200)
    return sorted(names)


@asynccontextmanager
async def _translated(client: AsyncOpenAI) -> AsyncIterator[None]:
    """Turn the client's errors into ours. They are not chained: they may hold what was sent."""
    try:
        yield
    except openai.APITimeoutError:
        raise TransientError("it did not answer in time", "timeout") from None
    except openai.APIConnectionError as error:
        raise TransientError(f"the connection failed ({_reason(error.__cause__)})", "connection") from None
    except openai.APIStatusError as error:
        raise _of_status(error, client) from None
    except (json.JSONDecodeError, UnicodeDecodeError, openai.APIResponseValidationError):
        raise TransientError("its answer was cut off or is no JSON", "broken answer") from None


def _of_status(error: openai.APIStatusError, client: AsyncOpenAI) -> TransientError | RefusedError:
    body = error.body if isinstance(error.body, dict) else {}
    return _of_body(error.status_code, body, client, retry_after(error.response.headers))


def _look_for_error(extra: dict[str, Any] | None, client: AsyncOpenAI) -> None:
    """Some gateways answer 200 with an error in the body."""
    body = (extra or {}).get("error")
    if isinstance(body, dict):
        code = body.get("code")
        raise _of_body(code if isinstance(code, int) else 500, body, client, None)


def _of_body(
    status: int, body: dict[str, Any], client: AsyncOpenAI, after: float | None
) -> TransientError | RefusedError:
    said = _quote(body.get("message"), client)
    reason = f"HTTP {status}" + (f": {said}" if said else "")
    code = str(body.get("code") or body.get("type") or "")
    if status == 429 and "insufficient_quota" in (code, body.get("type")):  # noqa: PLR2004 - the status of both
        return RefusedError(reason, status=status, code="insufficient_quota")
    if status in _PASSES or status >= _SERVER_ERRORS:
        return TransientError(reason, str(status), retry_after=after)
    return RefusedError(reason, status=status, code=code, param=str(body.get("param") or ""))


def _quote(message: object, client: AsyncOpenAI) -> str:
    if not isinstance(message, str):
        return ""
    said = " ".join(message.split())
    if client.api_key:
        said = said.replace(client.api_key, "***")
    return said if len(said) <= _QUOTED else said[:_QUOTED] + "…"


def _reason(cause: BaseException | None) -> str:
    text = str(cause or "").strip()
    return text or type(cause).__name__


def _floats(embedding: object) -> Sequence[float]:
    if isinstance(embedding, str):
        floats = array("f", base64.b64decode(embedding))
        if sys.byteorder == "big":
            floats.byteswap()
        return floats.tolist()
    if isinstance(embedding, list):
        return embedding
    raise RefusedError("it answered with vectors of unknown form", status=200)
