"""The probe belongs to one embedding model and is silent with any other."""

import asyncio

from services.knowledge.local.probe import FINGERPRINT, exemplars, probe_for
from services.knowledge.local.types import CLASSES
from tests.unit.knowledge.local.conftest import Model


def vector_of(model: Model, text: str) -> list[float]:
    batch = asyncio.run(model.embed_documents([text]))
    (vector,) = batch.vectors
    assert vector is not None
    return list(vector)


def test_the_local_model_is_known(model: Model) -> None:
    probe = probe_for(vector_of(model, FINGERPRINT))
    assert probe is not None
    found = probe.log_probabilities(vector_of(model, "Насос зламався і вода стоїть у підвалі"))
    assert set(found) == set(CLASSES)
    assert max(found, key=lambda name: found[name]) == "problem"


def test_another_model_is_not(model: Model) -> None:
    vector = vector_of(model, FINGERPRINT)
    assert probe_for(None) is None
    assert probe_for(vector[:128]) is None
    assert probe_for([-value for value in vector]) is None
    assert probe_for(vector_of(model, "something else")) is None


def test_every_class_has_exemplars_and_none_has_another_s() -> None:
    found = exemplars()
    assert {name for _, name in found} == set(CLASSES)
    assert len({text for text, _ in found}) == len(found)
