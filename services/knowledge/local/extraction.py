"""A conversation in, topics and atoms out: the steps of basic mode in their order. Vectors are given."""

from collections.abc import Mapping, Sequence

from services.knowledge.answers import Conversation, Extraction
from services.knowledge.local.answer import answer
from services.knowledge.local.atoms import drafts
from services.knowledge.local.classify import classify
from services.knowledge.local.clustering import cluster
from services.knowledge.local.dialogue import Turn, turns
from services.knowledge.local.draft import Draft
from services.knowledge.local.known import known_topic
from services.knowledge.local.naming import Said, name_topics
from services.knowledge.local.opinions import opinions
from services.knowledge.local.probe import FINGERPRINT, Probe, probe_for
from services.knowledge.local.vectors import Vector, mean

_FIRST, _BESIDE = 1.3, 0.5
"""How much the first sentence of a topic counts for its name, and what was said beside its atoms."""


def wanted_texts(conversation: Conversation) -> list[str]:
    """What vectors are needed of: each text once, the fingerprint of the model first."""
    texts = [FINGERPRINT, *conversation.known_topics]
    for turn in turns(conversation.lines):
        if not turn.machine and turn.content:
            texts += [turn.spoken, *(unit.spoken for unit in turn.units if unit.content)]
    return list(dict.fromkeys(texts))


def extract(conversation: Conversation, vectors: Mapping[str, Vector]) -> Extraction:
    """Everything that a conversation holds; the same input gives the same answer.

    Args:
        conversation: Lines that are `context` help to understand the others, and give nothing themselves.
        vectors: By text, of those of `wanted_texts` that could be embedded; none at all is worse, not wrong.
    """
    return extract_with(probe_for(vectors.get(FINGERPRINT)), conversation, vectors)


def extract_with(
    probe: Probe | None, conversation: Conversation, vectors: Mapping[str, Vector]
) -> Extraction:
    """The same with a certain probe, or without one."""
    found = turns(conversation.lines)
    corrections = probe.corrections if probe is not None else None
    made = drafts(found, classify(found, opinions(found, vectors, probe), corrections))
    if not made:
        return Extraction(topics=[], atoms=[], links=[])
    topics = cluster(found, made, _turn_vectors(found, vectors))
    usual = probe.centre if probe is not None else _middle(found, vectors, conversation.known_topics)
    said = [_said_on([made[place] for place in topic], found) for topic in topics]
    known = {name: vectors.get(name) for name in conversation.known_topics}
    return answer(found, made, topics, _names(name_topics(said, found), said, known, vectors, usual))


def _turn_vectors(found: Sequence[Turn], vectors: Mapping[str, Vector]) -> dict[int, Vector]:
    """The vector of each turn that has one."""
    return {turn.index: vectors[turn.spoken] for turn in found if turn.spoken in vectors}


def _names(
    new: Sequence[str],
    said: Sequence[Sequence[Said]],
    known: Mapping[str, Vector | None],
    vectors: Mapping[str, Vector],
    usual: Vector | None,
) -> list[str]:
    """A name for each topic; two that turn out to be the same known topic get the same."""
    names = []
    for name, sentences in zip(new, said, strict=True):
        units = [each.unit for each in sentences if each.share >= 1]
        near = [vectors[unit.spoken] for unit in units if unit.spoken in vectors]
        texts = [unit.sentence.text for unit in units]
        names.append(known_topic(name, texts, mean(near) if near else None, known, usual) or name)
    return names


def _middle(
    found: Sequence[Turn], vectors: Mapping[str, Vector], known_topics: Sequence[str]
) -> Vector | None:
    """The mean of all vectors that there are."""
    texts = [*(unit.spoken for turn in found for unit in turn.units), *known_topics]
    present = [vectors[text] for text in texts if text in vectors]
    return mean(present) if present else None


def _said_on(drafts: Sequence[Draft], found: Sequence[Turn]) -> list[Said]:
    """What was said on a topic: its atoms' sentences, the rest of their messages, and what they answer."""
    said = [Said(draft.main.unit, 1.0 if place else _FIRST) for place, draft in enumerate(drafts)]
    mains = {id(each.unit) for each in said}
    for turn in dict.fromkeys(found[draft.turn].index for draft in drafts):
        said += [Said(unit, _BESIDE) for unit in found[turn].units if id(unit) not in mains]
    return said
