"""What is told of labelled pairs of proposals by the local model and the thresholds that were chosen.

The pairs are invented: the same task told again, more about it, and another task of the same area, within and
across Ukrainian, Russian and English. Thresholds and cues were chosen by the pairs of `development`; those
that are `held_out` were written before that, and looked at afterwards. They come from other trades; those of
`development` were made to be mistaken.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.analysis.novelty.centring import Centres, centred, centres_of, cosine
from services.analysis.novelty.deciding import Earlier, Fresh, judge
from services.analysis.novelty.reference import REFERENCE
from services.analysis.novelty.vectors import text_of

RELATIONS = {"same": "duplicate_of", "more": "update_of", "different": "new"}
PAIRS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("proposal_pairs.json").read_text())


@pytest.fixture(scope="module")
def centres(embeddings_url: str) -> Centres:
    """Where the local model puts tasks on average."""
    return centres_of(embed(embeddings_url, [text for texts in REFERENCE.values() for text in texts]))


@pytest.fixture(scope="module")
def placed(embeddings_url: str, centres: Centres) -> dict[str, tuple[float, ...]]:
    """Where each text of the pairs is, from where such texts are on average."""
    texts = list(dict.fromkeys(text_of(**pair[side]) for pair in PAIRS for side in ("earlier", "later")))
    places = map(centred, texts, embed(embeddings_url, texts), [centres] * len(texts))
    return {text: place for text, place in zip(texts, places, strict=True) if place is not None}


def embed(url: str, texts: Sequence[str]) -> list[list[float]]:
    """Vectors of documents, as the installation's own server makes them."""
    vectors: list[list[float]] = []
    for start in range(0, len(texts), 16):
        asked = {"model": "e5-passage", "input": list(texts[start : start + 16])}
        answer = httpx.post(f"{url}/embeddings", json=asked, timeout=60).raise_for_status().json()
        vectors += [each["embedding"] for each in answer["data"]]
    return vectors


def told(
    placed: Mapping[str, Sequence[float]], pairs: Sequence[dict[str, Any]], *, by_words: bool = False
) -> list[str]:
    """What is told of each pair's later proposal."""
    verdicts: list[str] = []
    for pair in pairs:
        one, other = text_of(**pair["earlier"]), text_of(**pair["later"])
        meaning = None if by_words else cosine(placed[one], placed[other])
        known = Earlier(UUID(int=1), "", "pending", one, {1: ["одне"]}, meaning)
        verdicts.append(judge(Fresh(other, {2: ["інше"]}), [known]).novelty)
    return verdicts


def right(found: Sequence[str], pairs: Sequence[dict[str, Any]]) -> float:
    """How many are told as they are labelled."""
    wanted: list[str] = [RELATIONS[pair["relation"]] for pair in pairs]
    return [one == other for one, other in zip(found, wanted, strict=True)].count(True) / len(wanted)


def right_about_new(found: Sequence[str], pairs: Sequence[dict[str, Any]]) -> float:
    """How many are rightly told to be new, or not to be."""
    wanted = [pair["relation"] == "different" for pair in pairs]
    return [(each == "new") == new for each, new in zip(found, wanted, strict=True)].count(True) / len(wanted)


@pytest.mark.parametrize(
    ("split", "least", "least_about_new"), [("development", 0.75, 0.8), ("held_out", 0.85, 0.9)]
)
def test_pairs_are_told_apart(
    placed: Mapping[str, Sequence[float]], split: str, least: float, least_about_new: float
) -> None:
    pairs = [pair for pair in PAIRS if pair["split"] == split]
    found = told(placed, pairs)
    assert right(found, pairs) >= least
    assert right_about_new(found, pairs) >= least_about_new


def test_words_alone_call_little_old_that_is_new(placed: Mapping[str, Sequence[float]]) -> None:
    found = told(placed, PAIRS, by_words=True)
    different = [each for each, pair in zip(found, PAIRS, strict=True) if pair["relation"] == "different"]
    assert different.count("new") >= 0.85 * len(different)
    assert found.count("new") < 0.8 * len(PAIRS)


def test_of_many_earlier_ones_the_right_one_is_found(placed: Mapping[str, Sequence[float]]) -> None:
    pairs = [pair for pair in PAIRS if pair["split"] == "held_out" and pair["relation"] != "different"]
    earlier = list(dict.fromkeys(text_of(**pair["earlier"]) for pair in pairs))
    found = 0
    for pair in pairs:
        text = text_of(**pair["later"])
        known = [
            Earlier(UUID(int=number), one, "pending", one, {}, cosine(placed[text], placed[one]))
            for number, one in enumerate(earlier)
        ]
        similar = judge(Fresh(text, {1: ["а"]}), known).similar
        found += similar is not None and similar.title == text_of(**pair["earlier"])
    assert found >= 0.9 * len(pairs)
