"""What a run may cost, before it begins. Pure.

Meant as an upper bound: noise, which is left out later, still counts, conversations are taken to lie as badly
as they can, and everything that the project explains to be said in each batch. Only what is shown of earlier
things, and how long answers are, is taken as it usually is.
"""

import math

from services.analysis.runs.batching import most_batches
from shared.contracts.analysis import Prices
from shared.contracts.ingestion import WindowSize
from shared.contracts.runs import CostEstimate

_BYTES_A_TOKEN = 4
_LINE_TOKENS = 40
"""Number, chat, author, time and punctuation around each message."""
_RAG_TOKENS = 2000
_ANSWER_TOKENS = 1200
"""An answer of some four proposals."""
_MILLION = 1_000_000


def estimate(  # noqa: PLR0913 - what a cost depends on
    size: WindowSize,
    prices: Prices,
    *,
    prompt_bytes: int,
    use_rag: bool,
    basic_mode: bool,
    max_tokens: int,
    max_cost: float,
) -> CostEstimate:
    """What reading a window may take.

    Args:
        size: Of the window.
        prices: Of the model, in US dollars a million tokens.
        prompt_bytes: What is said in each question beside the messages.
        use_rag: Whether similar atoms and proposals are shown.
        basic_mode: Rules answer: no tokens, no cost.
        max_tokens: The run's cap of input and output.
        max_cost: Its cap of US dollars.
    """
    batches = most_batches(size.messages, size.chats)
    if basic_mode:
        return CostEstimate(
            messages=size.messages, batches=batches, input_tokens=0, output_tokens=0, cost=0.0
        )
    asked = math.ceil(prompt_bytes / _BYTES_A_TOKEN) + (_RAG_TOKENS if use_rag else 0)
    taken = batches * asked + math.ceil(size.bytes / _BYTES_A_TOKEN) + size.messages * _LINE_TOKENS
    given = batches * _ANSWER_TOKENS
    cost = (taken * prices.input + given * prices.output) / _MILLION
    return CostEstimate(
        messages=size.messages,
        batches=batches,
        input_tokens=taken,
        output_tokens=given,
        cost=cost,
        exceeds_cap=taken + given > max_tokens or cost > max_cost,
    )
