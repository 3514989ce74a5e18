"""What of an answer holds: each quote looked up, what is left without one dropped, the prompt kept back.

Pure. What comes out of here was not invented: an atom has quotes that stand in the messages word for word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.knowledge.answers import Conversation, ExtractedAtom, Extraction, Quote
from services.knowledge.wording import DEFAULT_ICON, clean_icon, clean_name, same_name
from shared.contracts.atoms import LinkType
from shared.contracts.knowledge import AtomType
from shared.evidence.citations import find_quote
from shared.evidence.leaks import Secrets
from shared.llm.wording import clean

SURE_TOPIC = 0.7
"""From this confidence on a topic is made without a person."""

_BASIC_MODE_AT_MOST = 0.6
_UNPROPOSED = 0.5


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified quote: the number of its line, and the words exactly as they stand there."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic that at least one atom is of."""

    name: str
    description: str
    icon: str
    confidence: float


@dataclass(frozen=True, slots=True)
class FoundAtom:
    """An atom with its proofs, of which it has at least one; `topic` is the name of a found topic."""

    type: AtomType
    topic: str
    title: str
    content: str
    confidence: float
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class FoundLink:
    """How one found atom stands to another, by their places from 0."""

    source: int
    target: int
    type: LinkType
    strength: float


@dataclass(frozen=True, slots=True)
class Found:
    """What holds of an answer, and how much did not."""

    topics: tuple[FoundTopic, ...]
    atoms: tuple[FoundAtom, ...]
    links: tuple[FoundLink, ...]
    quotes_dropped: int
    atoms_dropped: int
    refused: int


def verify(answer: Extraction, asked: Conversation, secrets: Secrets, *, basic_mode: bool) -> Found:
    """Keep of an answer what holds.

    Args:
        answer: What the extractor said.
        asked: What it was given; its context lines prove nothing.
        secrets: What an atom or a topic is not to repeat, unless a line says it, too.
        basic_mode: Whether rules answered: their confidence never exceeds 0.6.
    """
    lines = {line.number: line.text for line in asked.lines if not line.context}
    most = _BASIC_MODE_AT_MOST if basic_mode else 1.0
    hidden = secrets.besides(line.text for line in asked.lines)
    kept: dict[int, FoundAtom] = {}
    quotes_dropped = atoms_dropped = refused = 0
    for place, atom in enumerate(answer.atoms):
        proofs = _proofs(atom.quotes, lines)
        quotes_dropped += len(atom.quotes) - proofs.found
        sound = _clean_atom(atom, proofs.distinct, most)
        if not proofs.distinct or sound is None:
            atoms_dropped += 1
        elif hidden.are_in(sound.title, sound.content, sound.topic):
            refused += 1
        else:
            kept[place] = sound
    merged, places = _without_repetitions(kept)
    topics = _topics(answer, merged, hidden, most)
    spelled = {same_name(topic.name): topic.name for topic in topics}
    merged = tuple(replace(atom, topic=spelled[same_name(atom.topic)]) for atom in merged)
    refused += sum(hidden.are_in(topic.name, topic.description) for topic in answer.topics)
    return Found(topics, merged, _links(answer, places), quotes_dropped, atoms_dropped, refused)


@dataclass(frozen=True, slots=True)
class _Proofs:
    distinct: tuple[Proof, ...]
    found: int


def _proofs(quotes: Iterable[Quote], lines: Mapping[int, str]) -> _Proofs:
    proofs = []
    for quote in quotes:
        cited = find_quote(lines.get(quote.message, ""), quote.text)
        if cited is not None:
            proofs.append(Proof(quote.message, cited.words))
    return _Proofs(tuple(dict.fromkeys(proofs)), len(proofs))


def _clean_atom(atom: ExtractedAtom, proofs: tuple[Proof, ...], most: float) -> FoundAtom | None:
    title, content, topic = clean(atom.title), clean(atom.content), clean_name(atom.topic)
    if not title or not content or not topic:
        return None
    return FoundAtom(atom.type, topic, title, content, min(atom.confidence, most), proofs)


def _without_repetitions(kept: Mapping[int, FoundAtom]) -> tuple[tuple[FoundAtom, ...], dict[int, int]]:
    """Atoms that say the same in the same words made one; and where each place of the answer has got to."""
    atoms: list[FoundAtom] = []
    places: dict[int, int] = {}
    seen: dict[tuple[str, str], int] = {}
    for place, atom in kept.items():
        at = places[place] = seen.setdefault((atom.type, atom.content.casefold()), len(atoms))
        if at == len(atoms):
            atoms.append(atom)
        else:
            atoms[at] = replace(atoms[at], proofs=tuple(dict.fromkeys(atoms[at].proofs + atom.proofs)))
    return tuple(atoms), places


def _topics(
    answer: Extraction, atoms: Sequence[FoundAtom], hidden: Secrets, most: float
) -> tuple[FoundTopic, ...]:
    """The topics that atoms are of, in the order of their first atom."""
    proposed = {same_name(clean_name(topic.name)): topic for topic in reversed(answer.topics)}
    found: dict[str, FoundTopic] = {}
    for atom in atoms:
        key = same_name(atom.topic)
        topic = proposed.get(key)
        if key in found:
            continue
        if topic is None or hidden.are_in(topic.description):
            found[key] = FoundTopic(atom.topic, "", DEFAULT_ICON, min(_UNPROPOSED, most))
        else:
            found[key] = FoundTopic(
                atom.topic,
                clean(topic.description),
                clean_icon(topic.icon),
                min(topic.confidence, most),
            )
    return tuple(found.values())


def _links(answer: Extraction, places: Mapping[int, int]) -> tuple[FoundLink, ...]:
    found: dict[tuple[int, int, str], FoundLink] = {}
    for link in answer.links:
        source, target = places.get(link.source - 1), places.get(link.target - 1)
        if source is not None and target is not None and source != target:
            made = FoundLink(source, target, link.type, link.strength)
            found.setdefault((source, target, link.type), made)
    return tuple(found.values())
