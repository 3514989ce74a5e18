"""Ranking: what counts how much, and that nothing by chance counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.embedding.ranking import Candidate, Standards, after, rank, standards_of


def message(number: int, vector: float | None, words: float = 0.0) -> Candidate:
    return Candidate("message", number, vector, words)


def ids(*candidates: Candidate) -> list[int]:
    return [each.candidate.id for each in rank(candidates, standards_of(candidates))]


def test_score_is_meaning_and_a_quarter_of_words_standardised() -> None:
    candidates = [message(1, 0.9, 1.0), message(2, 0.8), message(3, 0.7)]
    first = rank(candidates, standards_of(candidates))[0]
    assert first.parts.vector_z == pytest.approx(1.2247, abs=1e-4)
    assert first.parts.words_z == pytest.approx(1.4142, abs=1e-4)
    assert first.score == pytest.approx(first.parts.vector_z + first.parts.words_z / 4)


def test_letters_that_are_alike_by_chance_count_for_nothing() -> None:
    crowd = [message(number, 0.8 - number / 1000) for number in range(100)]
    assert ids(message(500, 0.81), *crowd, message(501, 0.805, 0.29))[:2] == [500, 501]
    assert ids(message(500, 0.81), *crowd, message(501, 0.805, 0.9))[:2] == [501, 500]


def test_single_hit_among_many_counts_by_how_alike_it_is() -> None:
    crowd = [message(number, 0.8 - number / 1000) for number in range(200)]
    scores = []
    for words in (0.31, 1.0):
        candidates = [*crowd, message(500, 0.7, words)]
        ranked = rank(candidates, standards_of(candidates))
        scores.append(next(each.parts.words_z for each in ranked if each.candidate.id == 500))
    assert scores[0] < 4
    assert scores[1] > 10


def test_without_a_vector_meaning_says_nothing() -> None:
    (only,) = rank([message(1, None, 0.8)], standards_of([message(1, None, 0.8)]))
    assert (only.parts.vector, only.parts.vector_z) == (None, 0.0)


def test_equal_scores_come_newest_first() -> None:
    assert ids(message(1, 0.5), message(3, 0.5), message(2, 0.5)) == [3, 2, 1]


def test_nothing_is_ranked_to_nothing() -> None:
    assert standards_of([]) == Standards(0.0, 0.0, 0.0, 0.08)
    assert ids() == []


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.none() | st.floats(-1, 1), st.floats(0, 1)),
        unique_by=lambda each: each[0],
        max_size=60,
    ),
    st.integers(1, 20),
)
def test_pages_hold_everything_once_in_order(
    given_: list[tuple[int, float | None, float]], size: int
) -> None:
    candidates = [message(*each) for each in given_]
    standards = standards_of(candidates)
    whole = rank(candidates, standards)
    seen: list[int] = []
    page = whole[:size]
    while page:
        seen += [each.candidate.id for each in page]
        page = after(rank(reversed(candidates), standards), page[-1].place)[:size]
    assert seen == [each.candidate.id for each in whole]
