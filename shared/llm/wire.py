"""The wire: requests to an OpenAI-compatible server by the `openai` client, and what its errors mean.

The one module that knows the client's types. Its messages never quote what was sent, nor the key.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import openai
from openai import AsyncOpenAI, BaseModel
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion

from shared.llm.answers import Completion
from shared.llm.failures import RefusedError, TransientError
from shared.llm.http_client import EndlessAnswerError
from shared.llm.quoting import Quoting
from shared.llm.retry_after import retry_after
from shared.llm.texts import clean_text, without_surrogates
from shared.llm.vectors import read_vectors

_PASSES = {408, 409, 429}
_SERVER_ERRORS = 500
_MOST_TOKENS = 1_000_000_000
_MOST_MODELS = 1000
_LONGEST_NAME = 200
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
    sent = [message["content"] for message in request["messages"]]
    async with _translated(client, sent):
        answer = await client.chat.completions.create(**request)
    if not isinstance(answer, ChatCompletion):
        raise RefusedError(_NOT_OPENAI, status=200)
    _look_for_error(answer.model_extra, Quoting(client.api_key, sent))
    # The client checks nothing of what it makes: all of this may be missing or be something else.
    choice = next(iter(answer.choices), None) if isinstance(answer.choices, list) else None
    message = getattr(choice, "message", None)
    if message is None:
        raise RefusedError(_NOT_OPENAI, status=200)
    content, refusal = getattr(message, "content", None), getattr(message, "refusal", None)
    return Completion(
        content=without_surrogates(content) if isinstance(content, str) else "",
        refusal=refusal if isinstance(refusal, str) else None,
        finish_reason=_name(getattr(choice, "finish_reason", None)),
        model=_name(answer.model) or request["model"],
        input_tokens=_number(getattr(answer.usage, "prompt_tokens", None)),
        output_tokens=_number(getattr(answer.usage, "completion_tokens", None)),
    )


async def embed(client: AsyncOpenAI, request: dict[str, Any]) -> Vectors:
    """Ask for embeddings.

    Raises:
        TransientError: When another try may succeed.
        RefusedError: When none will.
    """
    sent: list[str] = request["input"]
    async with _translated(client, sent):
        answer = await client.embeddings.create(**request)
    if not isinstance(answer, CreateEmbeddingResponse):
        raise RefusedError(_NOT_OPENAI, status=200)
    _look_for_error(answer.model_extra, Quoting(client.api_key, sent))
    found = read_vectors(answer.data, len(sent))
    return Vectors(found, _number(getattr(answer.usage, "prompt_tokens", None)) or 0)


async def list_models(client: AsyncOpenAI) -> list[str]:
    """The names of the models that a server offers, sorted: those that can be kept, a thousand at the most.

    Raises:
        TransientError: When another try may succeed.
        RefusedError: When none will.
    """
    async with _translated(client):
        # Read as it is: the client's own type of a list trusts whatever comes to be one.
        answer = await client.get("/models", cast_to=BaseModel)
    fields = answer.model_extra or {} if isinstance(answer, BaseModel) else {}
    _look_for_error(fields, Quoting(client.api_key, ()))
    if not isinstance(fields.get("data"), list):
        raise RefusedError(_NOT_OPENAI, status=200)
    named = (each.get("id") for each in fields["data"] if isinstance(each, dict))
    return sorted({each for each in named if each and each == _name(each)})[:_MOST_MODELS]


@asynccontextmanager
async def _translated(client: AsyncOpenAI, sent: Sequence[str] = ()) -> AsyncIterator[None]:
    """Turn the client's errors into ours. They are not chained: they may hold what was sent."""
    try:
        yield
    except openai.APITimeoutError:
        raise TransientError("it did not answer in time", "timeout") from None
    except openai.APIConnectionError as error:
        raise TransientError(f"the connection failed ({_reason(error.__cause__)})", "connection") from None
    except openai.APIStatusError as error:
        after = retry_after(error.response.headers)
        raise _of_body(error.status_code, error.body, Quoting(client.api_key, sent), after) from None
    except EndlessAnswerError as error:
        raise RefusedError(str(error), status=200) from None
    except (ValueError, OverflowError, RecursionError, openai.APIResponseValidationError):
        raise TransientError("its answer was cut off or is no JSON", "broken answer") from None


def _look_for_error(extra: dict[str, Any] | None, quoting: Quoting) -> None:
    """Some gateways answer 200 with an error in the body."""
    body = (extra or {}).get("error")
    if isinstance(body, dict):
        code = body.get("code")
        raise _of_body(code if isinstance(code, int) else 500, body, quoting, None)


def _of_body(
    status: int, body: object, quoting: Quoting, after: float | None
) -> TransientError | RefusedError:
    fields = body if isinstance(body, dict) else {"message": body}
    said = quoting.quote(fields.get("message") or fields.get("detail"))
    reason = f"HTTP {status}" + (f": {said}" if said else "")
    code = str(fields.get("code") or fields.get("type") or "")
    if status == 429 and "insufficient_quota" in (code, fields.get("type")):  # noqa: PLR2004 - of both
        return RefusedError(reason, status=status, code="insufficient_quota")
    if status in _PASSES or status >= _SERVER_ERRORS:
        return TransientError(reason, str(status), retry_after=after)
    return RefusedError(reason, status=status, code=code, param=str(fields.get("param") or ""))


def _reason(cause: BaseException | None) -> str:
    text = str(cause or "").strip()
    return text or type(cause).__name__


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value <= _MOST_TOKENS else None


def _name(value: object) -> str:
    """A short name of one line; empty when it is none."""
    is_one = isinstance(value, str) and len(value) <= _LONGEST_NAME and clean_text(value) == value
    return str(value) if is_one else ""
