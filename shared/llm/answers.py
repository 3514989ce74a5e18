"""Reading a model's answer: JSON, strictly, with what models like to put around it taken off."""

import re
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from shared.llm.errors import BadAnswerError
from shared.llm.texts import clean_text

Answer = TypeVar("Answer", bound=msgspec.Struct)

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"\A```[a-zA-Z]*\s*\n(?P<inside>.*?)\n?\s*```\Z", re.DOTALL)
_LONGEST_REASON = 300


class UnfitError(ValueError):
    """An answer that does not fit its Struct; says what does not, by the decoder."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back for a chat request. Token counts are None when the server gives none."""

    content: str
    refusal: str | None
    finish_reason: str
    model: str
    input_tokens: int | None
    output_tokens: int | None


def whole_content(completion: Completion, model: str) -> str:
    """The text of an answer that came to its end.

    Raises:
        BadAnswerError: When it was cut off, refused or filtered.
    """
    if completion.refusal:
        raise BadAnswerError(f"{model} refuses to answer this question.", "refused")
    if completion.finish_reason == "content_filter":
        raise BadAnswerError(f"The provider's content filter holds back what {model} answers.", "filtered")
    if completion.finish_reason == "length":
        raise BadAnswerError(
            f"The answer of {model} was cut off at the longest one allowed. "
            "Raise the agent's max_output_tokens, or make batches smaller.",
            "truncated",
        )
    return completion.content


def read_answer(content: str, answer: type[Answer]) -> Answer:
    """Decode an answer; a code fence around it is tolerated, and the thoughts of reasoning models before it.

    Raises:
        UnfitError: When it is no JSON, or does not fit.
    """
    text = _THOUGHTS.sub("", content.removeprefix("\ufeff")).strip()
    fenced = _FENCED.match(text)
    try:
        return msgspec.json.decode(fenced["inside"] if fenced else text, type=answer)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UnfitError(clean_text(str(error))[:_LONGEST_REASON]) from None
