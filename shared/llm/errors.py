"""What may go wrong with a language model. None of it is an outage that is waited for without limit.

`ProviderUnavailableError` is an ordinary failure of an actor: raised from one, its task is tried again with
growing pauses and dead-lettered after `MOST_RETRIES` of `shared.service.failures`, as somebody else's server
may be gone for good. An actor that has a better end (a run that is marked as failed) catches it. The others
end a run: trying again would cost money and change nothing, unless a person changes something.
"""

from typing import Literal

from shared.llm.usage import Usage

BadAnswerKind = Literal["unfit", "truncated", "refused", "filtered"]


class LlmError(Exception):
    """A question that got no answer; the message is for a person, without prompt, data or key.

    Attributes:
        usage: What was spent on it all the same.
    """

    def __init__(self, message: str, *, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage or Usage()


class BudgetExceededError(LlmError):
    """The run's cap is reached. The message names the cap.

    Nothing was called; or, when `usage` is not zero, what was answered could not be repaired any more.
    """


class BadAnswerError(LlmError):
    """The model answered, but not with what was asked for.

    Attributes:
        kind: `unfit` does not fit the schema, nor did its repair; `truncated` ended at the longest answer
            allowed, or is to a question that was not read to its end; `refused` by the model; `filtered` by
            the provider, as the question may have been already.
    """

    def __init__(self, message: str, kind: BadAnswerKind, *, usage: Usage | None = None) -> None:
        super().__init__(message, usage=usage)
        self.kind: BadAnswerKind = kind


class ProviderRefusedError(LlmError):
    """The provider says no, and asking again will not help: key, model, quota, address, or what was asked."""


class ProviderUnavailableError(LlmError):
    """The provider did not answer, in time or at all, or had no place free; asking later may help.

    Attributes:
        kind: What it was at last: an HTTP status, `timeout`, `connection`, or empty.
    """

    def __init__(self, message: str, *, kind: str = "", usage: Usage | None = None) -> None:
        super().__init__(message, usage=usage)
        self.kind = kind
