"""Learn the probe of basic mode anew: `python -m tests.benchmarks.knowledge_training`.

From the exemplars, the invented dialogues and the labelled conversations of `development`. To be run after a
change in any of them; what it writes is committed with them.

It also measures `development` honestly, in folds: each conversation by a probe and corrections that were
learnt without it. The corrections are learnt from what probes say of conversations that they have not seen.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from deploy.local.embeddings import running_embeddings
from services.knowledge.local.classify import classify
from services.knowledge.local.corrections import Corrections, Example, learn_corrections
from services.knowledge.local.extraction import extract_with, wanted_texts
from services.knowledge.local.features import features
from services.knowledge.local.opinions import opinions
from services.knowledge.local.probe import FINGERPRINT, WEIGHTS, Probe, Weights, exemplars, learn
from services.knowledge.local.vectors import Vector
from tests.benchmarks.knowledge_conversations import Labelled, labelled_conversations
from tests.benchmarks.knowledge_dialogues import Lesson, lesson_of, lessons
from tests.benchmarks.knowledge_embedding import embed
from tests.benchmarks.knowledge_measures import measure
from tests.benchmarks.knowledge_tables import report

FOLDS = 4

T = TypeVar("T")

Vectors = Mapping[str, Vector]


def learn_probe(taught: Sequence[Lesson], vectors: Vectors) -> Weights:
    """A probe from the exemplars and the sentences of some conversations, without corrections."""
    known = exemplars()
    known += [
        (unit.spoken, lesson.accepted[turn.index, place][0])
        for lesson in taught
        for turn in lesson.turns
        for place, unit in enumerate(turn.units)
        if (turn.index, place) in lesson.accepted and unit.spoken in vectors and not turn.machine
    ]
    inputs = np.asarray([vectors[text] for text, _ in known], dtype=np.float64)
    return learn(inputs, [name for _, name in known], vectors[FINGERPRINT])


def examples(lesson: Lesson, probe: Probe, vectors: Vectors) -> list[Example]:
    """The sentences of a conversation as a probe that has not seen it takes them."""
    found = opinions(lesson.turns, vectors, probe)
    read = classify(lesson.turns, found)
    return [
        Example(
            features(lesson.turns, reading.unit, place, found), reading.odds, lesson.accepted[turn, place]
        )
        for turn, readings in enumerate(read)
        for place, reading in enumerate(readings)
        if (turn, place) in found and (turn, place) in lesson.accepted
    ]


def train(labelled: Sequence[Labelled], invented: Sequence[Lesson], vectors: Vectors) -> Weights:
    """Learn all, and report what `development` comes to in folds."""
    taught = [*(lesson_of(each) for each in labelled), *invented]
    probes = [learn_probe(_without(taught, fold), vectors).probe() for fold in range(FOLDS)]
    shown = [examples(lesson, probes[at % FOLDS], vectors) for at, lesson in enumerate(taught)]
    scores = {}
    for fold, probe in enumerate(probes):
        learnt = learn_corrections([each for some in _without(shown, fold) for each in some])
        folded = Probe(probe.weights, probe.biases, Corrections(learnt), probe.centre)
        for each in labelled[fold::FOLDS]:
            scores[each.name] = measure(each, extract_with(folded, each.conversation, vectors))
    report("development, each conversation left out in its turn", dict(sorted(scores.items())))
    corrections = learn_corrections([each for some in shown for each in some])
    return msgspec.structs.replace(learn_probe(taught, vectors), corrections=corrections)


def _without(items: Sequence[T], fold: int) -> list[T]:
    return [item for at, item in enumerate(items) if at % FOLDS != fold]


def main() -> None:
    """Embed everything with the local server, learn, and write the weights."""
    labelled, invented = list(labelled_conversations("development")), list(lessons())
    conversations = [each.conversation for each in labelled] + [each.conversation for each in invented]
    texts = [text for text, _ in exemplars()] + [
        text for each in conversations for text in wanted_texts(each)
    ]
    with tempfile.TemporaryDirectory() as folder, running_embeddings(Path(folder)) as url:
        vectors = embed(url, list(dict.fromkeys(texts)))
    learnt = train(labelled, invented, vectors)
    WEIGHTS.write_bytes(msgspec.json.encode(learnt) + b"\n")
    print(f"learnt from {len(exemplars())} exemplars and {len(conversations)} conversations: {WEIGHTS}")


if __name__ == "__main__":
    main()
