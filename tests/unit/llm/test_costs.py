"""What calls cost, and the caps of a run."""

import pytest

from shared.contracts.analysis import Prices
from shared.llm import BudgetExceededError, Usage
from shared.llm.costs import Budget, chat_cost, embedding_cost, estimate_tokens
from shared.llm.prompts import Message

PRICES = Prices(input=2.5, output=10.0, embedding=0.02)


def test_cost_is_by_the_million_tokens() -> None:
    assert chat_cost(PRICES, 1_000_000, 0) == pytest.approx(2.5)
    assert chat_cost(PRICES, 4_000, 500) == pytest.approx(0.015)
    assert embedding_cost(PRICES, 50_000) == pytest.approx(0.001)
    assert chat_cost(Prices(), 10**9, 10**9) == 0


@pytest.mark.parametrize("text", ["The queue stood for forty seconds. ", "Черга стояла сорок секунд. "])
def test_estimate_is_within_what_tokenisers_give(text: str) -> None:
    characters = len(text) * 100
    tokens = estimate_tokens([Message("user", text * 100)])
    assert characters / 5 < tokens < characters / 1.5


def budget(spent: Usage | None = None, *, tokens: int = 1000, cost: float = 1.0) -> Budget:
    return Budget(max_tokens=tokens, max_cost=cost, prices=PRICES, spent=spent or Usage())


def test_cap_of_tokens_holds_before_the_call_and_is_named() -> None:
    run = budget()
    with run.room_for(1000):
        pass
    with (
        pytest.raises(BudgetExceededError, match=r"cap of 1000 tokens.*max_tokens_per_run"),
        run.room_for(1001),
    ):
        raise AssertionError
    run.add(Usage(input_tokens=600, output_tokens=300))
    with pytest.raises(BudgetExceededError, match="900 are spent"), run.room_for(101):
        raise AssertionError


def test_cap_of_cost_holds_before_the_call_and_is_named() -> None:
    run = budget(tokens=10**9, cost=0.01)
    run.add(Usage(cost=0.009))
    with run.room_for(400):
        pass
    with (
        pytest.raises(BudgetExceededError, match=r"cap of \$0.01 is reached.*max_cost_per_run"),
        run.room_for(401),
    ):
        raise AssertionError


def test_what_was_spent_before_a_crash_counts() -> None:
    run = budget(Usage(input_tokens=999))
    assert run.spent.tokens == 999
    with pytest.raises(BudgetExceededError), run.room_for(2):
        raise AssertionError


def test_questions_asked_at_the_same_moment_share_the_room() -> None:
    run = budget()
    with run.room_for(600):
        with pytest.raises(BudgetExceededError), run.room_for(600):
            raise AssertionError
        with run.room_for(400):
            pass
    with run.room_for(1000):
        pass


def test_cap_of_nothing_lets_what_is_free_through() -> None:
    free = Budget(max_tokens=1000, max_cost=0.0, prices=Prices(), spent=Usage())
    with free.room_for(1000):
        pass


def test_usages_add_up() -> None:
    total = Usage(1, 2, 0.5, 10.0, 1) + Usage(10, 20, 0.25, 5.0, 2)
    assert total == Usage(11, 22, 0.75, 15.0, 3)
    assert total.tokens == 33
