"""What calls cost, what one will take, and the caps of a run."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared.contracts.analysis import Prices
from shared.llm.errors import BudgetExceededError
from shared.llm.prompts import Message
from shared.llm.usage import Usage

_MILLION = 1_000_000
_BYTES_A_TOKEN = 4
_TOKENS_A_MESSAGE = 4


def chat_cost(prices: Prices, input_tokens: int, output_tokens: int) -> float:
    """US dollars of one answer."""
    return (input_tokens * prices.input + output_tokens * prices.output) / _MILLION


def embedding_cost(prices: Prices, tokens: int) -> float:
    """US dollars of vectors."""
    return tokens * prices.embedding / _MILLION


def estimate_tokens(messages: Sequence[Message]) -> int:
    """About how many tokens messages are: a token is some four bytes, in Ukrainian as in English."""
    size = sum(len(message.content.encode()) for message in messages)
    return math.ceil(size / _BYTES_A_TOKEN) + _TOKENS_A_MESSAGE * len(messages)


class Budget:
    """The caps of one run, and what it has spent. What is being asked at this moment counts as estimated.

    A run overshoots at the most by the output of what is being asked at that moment, and by what an estimate
    is wrong.

    Args:
        max_tokens: Input and output together.
        max_cost: US dollars.
        prices: Of the provider.
        spent: What the run spent before, when it is resumed.
    """

    def __init__(self, *, max_tokens: int, max_cost: float, prices: Prices, spent: Usage) -> None:
        self._max_tokens = max_tokens
        self._max_cost = max_cost
        self._prices = prices
        self._reserved_tokens = 0
        self._spent = spent

    @property
    def spent(self) -> Usage:
        """What the run has spent so far."""
        return self._spent

    def add(self, usage: Usage) -> None:
        """Count what was spent."""
        self._spent += usage

    @contextmanager
    def room_for(self, input_tokens: int) -> Iterator[None]:
        """Keep room for a call's input while it runs.

        Raises:
            BudgetExceededError: When there is none; says which cap.
        """
        tokens = self._spent.tokens + self._reserved_tokens + input_tokens
        if tokens > self._max_tokens:
            raise BudgetExceededError(
                f"The run's cap of {self._max_tokens} tokens is reached: {self._spent.tokens} are spent, and "
                f"the next question takes about {input_tokens}. Raise the agent's max_tokens_per_run."
            )
        ahead = chat_cost(self._prices, self._reserved_tokens + input_tokens, 0)
        if self._spent.cost + ahead > self._max_cost:
            raise BudgetExceededError(
                f"The run's cap of ${self._max_cost:g} is reached: ${self._spent.cost:.4f} are spent, and "
                f"the next question takes about ${ahead:.4f}. Raise the agent's max_cost_per_run."
            )
        self._reserved_tokens += input_tokens
        try:
            yield
        finally:
            self._reserved_tokens -= input_tokens
