"""Which labelled messages an experiment takes."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.analysis.experiments.spreading import spread


@given(st.dictionaries(st.integers(1, 10_000), st.integers(1, 6), max_size=80), st.integers(1, 80))
def test_topics_take_turns(labels: dict[int, int], most: int) -> None:
    order = list(spread(labels, range(1, 7)))
    assert sorted(order) == sorted(labels)
    taken = Counter(labels[message] for message in order[:most])
    there = Counter(labels.values())
    fullest = max(taken.values(), default=0)
    assert all(taken[topic] in (there[topic], fullest, fullest - 1) for topic in there)


def test_who_is_taken_depends_on_nothing_but_the_ids() -> None:
    labels = {number: number % 3 for number in range(1, 40)}
    backwards = dict(sorted(labels.items(), reverse=True))
    assert list(spread(labels, [0, 1, 2])) == list(spread(backwards, [0, 1, 2]))
    assert list(spread(labels, [0])) != sorted(spread(labels, [0])), "neither the oldest nor the newest"
