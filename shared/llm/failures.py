"""How one request may fail, before it is decided what that means for the question."""

from shared.contracts.analysis import ProviderRecord
from shared.llm.errors import ProviderRefusedError
from shared.llm.usage import Usage

_ELSEWHERE = (301, 302, 303, 307, 308)


class TransientError(Exception):
    """A request that failed in a way that may pass.

    Attributes:
        kind: A short name for counting: `429`, `503`, `timeout`, `connection`.
        retry_after: Seconds for which the server asks to be left alone.
    """

    def __init__(self, reason: str, kind: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.kind = kind
        self.retry_after = retry_after


class RefusedError(Exception):
    """A request that the server does not take, and would not take a second time.

    Attributes:
        status: HTTP status; 200 when the answer made no sense.
        code: The server's own code, for example `insufficient_quota`.
        param: The parameter at fault, when the server names it.
    """

    def __init__(self, reason: str, *, status: int, code: str = "", param: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.code = code
        self.param = param

    @property
    def is_filtered(self) -> bool:
        """Whether the provider's content filter holds back what was sent."""
        return self.code in ("content_filter", "content_policy_violation")

    @property
    def is_out_of_quota(self) -> bool:
        """Whether the account has no money left."""
        return self.code == "insufficient_quota" or self.status == 402  # noqa: PLR2004 - payment required

    @property
    def is_too_long(self) -> bool:
        """Whether what was sent is longer than the model takes."""
        too_long = (
            "context length",
            "context window",
            "context size",
            "too long",
            "maximum input",
            "max input",
            "input length",
        )
        said = str(self).lower()
        return (
            self.status == 413  # noqa: PLR2004 - content too large
            or self.code in ("context_length_exceeded", "string_above_max_length")
            or any(words in said for words in too_long)
        )


def refusal_of(
    provider: ProviderRecord, model: str | None, error: RefusedError, *, attempts: int = 1
) -> ProviderRefusedError:
    """What a refusal means, and what a person can do about it.

    Args:
        provider: Who refuses.
        model: Who was asked; None when it was the server itself.
        error: What it says.
        attempts: Requests that were sent.
    """
    on_model = None if model is None else _advice_on_model(provider, model, error)
    advice = on_model or _advice_on_server(provider, error)
    said = str(error).rstrip(". ")
    return ProviderRefusedError(f"{provider.name} refuses: {said}. {advice}", usage=Usage(attempts=attempts))


def _advice_on_model(provider: ProviderRecord, model: str, error: RefusedError) -> str | None:
    if error.is_too_long and provider.type == "ollama":
        return "Start Ollama with a larger OLLAMA_CONTEXT_LENGTH, or make batches smaller."
    if error.is_too_long:
        return f"Take a model with a larger context than {model}, or smaller batches."
    if error.param in ("max_tokens", "max_completion_tokens"):
        return "Lower the agent's max_output_tokens."
    if error.status == 403 and not error.is_out_of_quota:  # noqa: PLR2004 - forbidden
        return f"Its API key may not use {model} from here."
    if error.status == 404:  # noqa: PLR2004 - not found
        return f"Does it have the model {model}? {_is_address_right(provider)}"
    return None


def _advice_on_server(provider: ProviderRecord, error: RefusedError) -> str:
    if error.is_out_of_quota:
        return "Its quota is used up: top up the account or raise its limit, or make another provider active."
    if error.status == 401:  # noqa: PLR2004 - unauthorised
        return (
            "Give the provider a valid API key." if provider.has_api_key else "Give the provider an API key."
        )
    if error.status == 404:  # noqa: PLR2004 - not found
        return _is_address_right(provider)
    if error.status in _ELSEWHERE:
        return "It sends elsewhere, where nothing is sent: give the provider the address that it leads to."
    return "Look at the provider's address and models, and validate it."


def _is_address_right(provider: ProviderRecord) -> str:
    if provider.base_url is None:
        return "Is TT_LOCAL_EMBEDDINGS_URL right, with /v1?"
    return f"Is its address {provider.base_url} right, with /v1?"
