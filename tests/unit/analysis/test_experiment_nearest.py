"""Basic mode: which topic is nearest, and how sure that is."""

import math

from hypothesis import given
from hypothesis import strategies as st

from services.analysis.experiments.nearest import MOST_CONFIDENT, centred, mean_of, nearest, text_of
from shared.contracts.experiments import SnapshotTopic


def test_the_nearest_topic_wins_and_a_clearer_win_is_surer() -> None:
    topics = [(50, (1.0, 0.0)), (60, (0.0, 1.0))]
    clear = nearest((math.cos(0.1), math.sin(0.1)), topics)
    close = nearest((math.cos(0.775), math.sin(0.775)), topics)
    assert clear.topic_id == close.topic_id == 50
    assert clear.confidence > close.confidence > 0.5
    assert clear.confidence == MOST_CONFIDENT


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12))
def test_basic_mode_is_never_surer_than_it_may_be(cosines: list[float]) -> None:
    topics = [(number, (cosine,)) for number, cosine in enumerate(cosines)]
    found = nearest((1.0,), topics)
    confidences = [found.confidence, *(each.confidence for each in found.alternatives)]
    assert found.topic_id == cosines.index(max(cosines))
    assert all(0 <= each <= MOST_CONFIDENT for each in confidences)
    assert confidences == sorted(confidences, reverse=True)
    assert len(found.alternatives) == min(3, len(cosines) - 1)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.5))
def test_confidence_grows_with_the_margin(one: float, other: float, more: float) -> None:
    narrow = nearest((1.0,), [(1, (one,)), (2, (one - other,))])
    wide = nearest((1.0,), [(1, (one,)), (2, (one - other - more,))])
    assert wide.confidence >= narrow.confidence


def test_what_all_have_in_common_is_taken_away() -> None:
    vectors = [(3.0, 1.0), (3.0, -1.0)]
    common = mean_of(vectors)
    assert [tuple(centred(each, common)) for each in vectors] == [(0.0, 1.0), (0.0, -1.0)]
    assert centred((3.0, 0.0), common) == (3.0, 0.0), "what is nothing else stays as it is"


def test_a_topic_is_compared_by_its_name_and_description() -> None:
    assert text_of(SnapshotTopic(id=1, name="Пошук", description="Індекси.")) == "Пошук. Індекси."
    assert text_of(SnapshotTopic(id=1, name="Пошук")) == "Пошук."
