"""Printing what was measured: a line a conversation, then the totals by type."""

from collections.abc import Mapping

from tests.benchmarks.knowledge_measures import Score, harmonic

_COLUMNS = (
    f"  {'':<28}{'atoms':>8}{'labels':>8}{'prec.':>8}{'recall':>8}{'F1':>7}{'untyped P / R':>16}"
    f"{'quotes':>9}{'noise':>7}{'topics':>9}{'pairs':>7}"
)


def report(part: str, scores: Mapping[str, Score]) -> None:
    """Print the scores of one part's conversations, by name, and their totals."""
    print(f"\n{part}: {len(scores)} conversations")
    print(_COLUMNS)
    total = Score()
    for name, score in scores.items():
        total += score
        print(_line(name, score))
    print(_line("total", total))
    print(f"\n  {'by type':<28}{'atoms':>8}{'labels':>8}{'prec.':>8}{'recall':>8}{'F1':>7}")
    for name in sorted({*total.extracted, *total.labelled}):
        made, labelled = total.extracted.get(name, 0), total.labelled.get(name, 0)
        precision = total.typed.get(name, 0) / made if made else 0.0
        recall = total.found.get(name, 0) / labelled if labelled else 0.0
        print(
            f"  {name:<28}{made:>8}{labelled:>8}{precision:>8.2f}{recall:>8.2f}"
            f"{harmonic(precision, recall):>7.2f}"
        )


def _line(name: str, score: Score) -> str:
    made, labelled = sum(score.extracted.values()), sum(score.labelled.values())
    untyped = f"{_share(score.untyped, made):.2f} / {_share(score.untyped, labelled):.2f}"
    topics = f"{score.topics}/{score.labelled_topics}"
    return (
        f"  {name:<28}{made:>8}{labelled:>8}{score.precision:>8.2f}{score.recall:>8.2f}{score.f1:>7.2f}"
        f"{untyped:>16}{_share(score.verified, score.quotes):>9.0%}{score.noise:>7}{topics:>9}"
        f"{_share(score.together, score.pairs):>7.2f}"
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
