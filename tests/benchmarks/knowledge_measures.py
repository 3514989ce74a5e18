"""How an extraction is measured against labels: what was found, what was missed, what was made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from services.knowledge.answers import ExtractedAtom, Extraction
from shared.evidence.citations import find_quote
from tests.benchmarks.knowledge_conversations import Labelled

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one conversation, or of several together.

    Attributes:
        extracted: Atoms that were made; by type.
        labelled: Atoms that a reader sees; by type.
        typed: Extracted atoms that match a labelled one, type and all; by the extracted type.
        found: Labelled atoms that were matched with their type; by the labelled type.
        untyped: Matches when types do not count.
        quotes, verified: Quotes, and those that stand in their message word for word.
        noise: Atoms that quote a message marked as noise and nothing else.
        topics, labelled_topics: How many there are.
        together, pairs: Pairs of matched atoms that both sides put together or both apart, of all such pairs.
    """

    extracted: dict[str, int] = field(default_factory=dict)
    labelled: dict[str, int] = field(default_factory=dict)
    typed: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    untyped: int = 0
    quotes: int = 0
    verified: int = 0
    noise: int = 0
    topics: int = 0
    labelled_topics: int = 0
    together: int = 0
    pairs: int = 0

    @property
    def precision(self) -> float:
        """Of what was extracted, how much is labelled so."""
        return _share(sum(self.typed.values()), sum(self.extracted.values()))

    @property
    def recall(self) -> float:
        """Of what is labelled, how much was extracted so."""
        return _share(sum(self.found.values()), sum(self.labelled.values()))

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return harmonic(self.precision, self.recall)

    def __add__(self, other: "Score") -> "Score":
        sums: dict[str, Any] = {}
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, dict):
                sums[name] = {key: mine.get(key, 0) + theirs.get(key, 0) for key in sorted({*mine, *theirs})}
            else:
                sums[name] = mine + theirs
        return Score(**sums)


def measure(labelled: Labelled, extraction: Extraction) -> Score:
    """Compare what was extracted with the labels.

    An extracted atom and a labelled one match when they quote the same message (and overlapping words of it,
    where several atoms are labelled in that message) and the type is one that the label accepts. Each is
    matched once; as many as possible are.
    """
    atoms, labels = extraction.atoms, labelled.atoms
    touching = {
        (i, j) for i, atom in enumerate(atoms) for j in range(len(labels)) if _touches(labelled, atom, j)
    }
    typed = _matching({(i, j) for i, j in touching if atoms[i].type in labels[j].accept_types}, len(atoms))
    quotes = [quote for atom in atoms for quote in atom.quotes]
    texts = {line.number: line.text for line in labelled.conversation.lines}
    agreed, pairs = _clustering(labelled, atoms, _matching(touching, len(atoms)))
    return Score(
        extracted=_counts(atom.type for atom in atoms),
        labelled=_counts(label.type for label in labels),
        typed=_counts(atoms[i].type for i, _ in typed),
        found=_counts(labels[j].type for _, j in typed),
        untyped=len(_matching(touching, len(atoms))),
        quotes=len(quotes),
        verified=sum(find_quote(texts.get(quote.message, ""), quote.text) is not None for quote in quotes),
        noise=sum(all(quote.message in labelled.noise for quote in atom.quotes) for atom in atoms),
        topics=len(extraction.topics),
        labelled_topics=len({label.topic for label in labels}),
        together=agreed,
        pairs=pairs,
    )


def harmonic(one: float, other: float) -> float:
    """2ab / (a + b); 0 when both are."""
    return 2 * one * other / (one + other) if one + other else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _counts(types: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in types:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _touches(labelled: Labelled, atom: ExtractedAtom, place: int) -> bool:
    for source in labelled.atoms[place].sources:
        for quote in atom.quotes:
            if quote.message != source.message:
                continue
            alone = labelled.labels_of(source.message) == 1
            if alone or _overlaps(labelled.text(source.message), quote.text, source.quote):
                return True
    return False


def _overlaps(text: str, one: str, other: str) -> bool:
    first, second = text.find(one), text.find(other)
    return first < 0 or second < 0 or (first < second + len(other) and second < first + len(one))


def _matching(edges: set[Pair], size: int) -> list[Pair]:
    """A largest matching of the left side to the right (augmenting paths)."""
    owner: dict[int, int] = {}
    right: dict[int, list[int]] = {i: sorted(j for left, j in edges if left == i) for i in range(size)}

    def augment(i: int, seen: set[int]) -> bool:
        for j in right[i]:
            if j not in seen:
                seen.add(j)
                if j not in owner or augment(owner[j], seen):
                    owner[j] = i
                    return True
        return False

    for i in range(size):
        augment(i, set())
    return sorted((i, j) for j, i in owner.items())


def _clustering(labelled: Labelled, atoms: Sequence[ExtractedAtom], matched: Sequence[Pair]) -> Pair:
    """Of all pairs of matched atoms: how many both sides put together or both apart."""
    pairs = list(combinations(matched, 2))
    agreed = sum(
        (atoms[a].topic == atoms[b].topic) == (labelled.atoms[x].topic == labelled.atoms[y].topic)
        for (a, x), (b, y) in pairs
    )
    return agreed, len(pairs)
