"""Reading a model's answer: JSON, strictly, with what models like to put around it taken off."""

import re
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from shared.llm.errors import BadAnswerError
from shared.llm.texts import clean_text

Answer = TypeVar("Answer", bound=msgspec.Struct)

# Of some models the first mark is part of the prompt, so that the answer holds only the second.
_THOUGHTS = re.compile(r"\A(?!\s*[{`]).*?</think>", re.DOTALL)
_FENCED = re.compile(r"\A```[a-zA-Z]*\s*\n(?P<inside>.*?)\n?\s*```\Z", re.DOTALL)
_LONGEST_REASON = 300
_SHORT_QUESTION = 1000
_CONTEXTS_ARE_MULTIPLES_OF = 1024
_LEAST_READ = 0.4
"""An estimate of tokens is wrong by a third in some languages, not by more than a half."""
_QUOTING = re.compile(
    r"(?P<said>Invalid enum value|Invalid value|unknown field) "
    r"(?P<quoted>.*?)(?P<place>(?: - at `\$[^`]*`)?)\Z",
    re.DOTALL,
)
_PLAIN_NAME = re.compile(r"`[A-Za-z_]\w{0,39}`", re.ASCII)


class UnfitError(ValueError):
    """An answer that does not fit its Struct; says where and why, by the decoder, and quotes none of it."""


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
            "Raise the agent's max_output_tokens (and Ollama's OLLAMA_CONTEXT_LENGTH, into which question "
            "and answer have to fit), or make batches smaller.",
            "truncated",
        )
    return completion.content


def check_was_read(completion: Completion, model: str, sent_tokens: int) -> None:
    """Refuse an answer to a question of which Ollama has read a part only.

    It cuts off what is longer than its context, 4096 tokens unless told otherwise, and says nothing
    (https://github.com/ollama/ollama/issues/3839). What tells is that it counts far fewer tokens than were
    sent, or fewer and just as many as a context has.

    Args:
        completion: What came back.
        model: Who answered.
        sent_tokens: About how many were sent.

    Raises:
        BadAnswerError: When a part only was read.
    """
    read = completion.input_tokens
    if read is None or sent_tokens < _SHORT_QUESTION:
        return
    if read < _LEAST_READ * sent_tokens or (read < sent_tokens and read % _CONTEXTS_ARE_MULTIPLES_OF == 0):
        raise BadAnswerError(
            f"{model} has read only {read} of about {sent_tokens} tokens, as its context is too short. "
            "Start Ollama with a larger OLLAMA_CONTEXT_LENGTH, or make batches smaller.",
            "truncated",
        )


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
        raise UnfitError(_reason(str(error))) from None


def _reason(said: str) -> str:
    """What the decoder says, without what it quotes: it goes into errors, accounts and the next request."""
    return clean_text(_QUOTING.sub(_unquoted, said))[:_LONGEST_REASON]


def _unquoted(found: re.Match[str]) -> str:
    is_name = found["said"] == "unknown field" and _PLAIN_NAME.fullmatch(found["quoted"])
    return f"{found['said']} {found['quoted']}{found['place']}" if is_name else found["said"] + found["place"]
