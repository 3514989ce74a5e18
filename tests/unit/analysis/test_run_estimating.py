"""What a run may cost, before it begins."""

from typing import Any

import pytest

from services.analysis.runs.estimating import estimate
from shared.contracts.analysis import Prices
from shared.contracts.ingestion import WindowSize
from shared.contracts.runs import CostEstimate

PRICES = Prices(input=1.0, output=4.0)
SIZE = WindowSize(messages=1000, bytes=100_000)


def estimated(size: WindowSize = SIZE, prices: Prices = PRICES, **given: Any) -> CostEstimate:
    defaults: dict[str, Any] = {"prompt_bytes": 4000, "use_rag": False, "basic_mode": False}
    return estimate(size, prices, **({"max_tokens": 10**9, "max_cost": 10**9} | defaults | given))


def test_cost_is_what_the_tokens_cost() -> None:
    found = estimated()
    assert found.cost == pytest.approx((found.input_tokens * 1.0 + found.output_tokens * 4.0) / 1e6)
    assert not found.exceeds_cap


def test_prompt_is_paid_with_each_batch_and_texts_once() -> None:
    found, longer_prompt = estimated(), estimated(prompt_bytes=8000)
    more_text = estimated(WindowSize(messages=1000, bytes=140_000))
    assert longer_prompt.input_tokens - found.input_tokens == found.batches * 1000
    assert more_text.input_tokens - found.input_tokens == 10_000
    assert estimated(use_rag=True).input_tokens > found.input_tokens


def test_there_may_be_more_batches_than_messages_fill() -> None:
    assert 20 < estimated().batches <= 40
    assert estimated(WindowSize(messages=3, bytes=30, chats=3)).batches == 3
    assert estimated(WindowSize(messages=0, bytes=0, chats=0)).batches == 0


def test_basic_mode_costs_nothing_and_reaches_no_cap() -> None:
    found = estimated(basic_mode=True, max_tokens=1, max_cost=0.0)
    assert (found.input_tokens, found.output_tokens, found.cost, found.exceeds_cap) == (0, 0, 0.0, False)
    assert found.batches > 0


def test_either_cap_is_told() -> None:
    found = estimated()
    tokens = found.input_tokens + found.output_tokens
    assert estimated(max_tokens=tokens - 1).exceeds_cap
    assert not estimated(max_tokens=tokens).exceeds_cap
    assert estimated(max_cost=found.cost * 0.99).exceeds_cap
    assert not estimated(max_cost=found.cost).exceeds_cap


def test_empty_window_costs_nothing() -> None:
    found = estimated(WindowSize(messages=0, bytes=0, chats=0))
    assert (found.input_tokens, found.output_tokens, found.cost) == (0, 0, 0.0)
