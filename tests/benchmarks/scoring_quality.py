"""How good and how fast the scorer is: `python -m tests.benchmarks.scoring_quality [LABELLED.json]`.

The file holds labelled messages, `{"messages": [{"text", "label"}, ...]}`; the repository's own set is
measured in any case.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from services.scoring.assessment import MessageClass, assess

OWN_SET = Path(__file__).parents[1] / "unit" / "scoring" / "labelled_messages.json"
CLASSES = [member.value for member in MessageClass]

Labelled = tuple[str, str]


def read(path: Path) -> dict[str, list[Labelled]]:
    """The labelled messages of each part of a file: every list of objects with `text` and `label`."""
    parts = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: [(item["text"], item["label"]) for item in items]
        for name, items in parts.items()
        if isinstance(items, list)
    }


def report(name: str, messages: Sequence[Labelled]) -> None:
    """Print accuracy, macro-F1, precision and recall of each class and the confusion matrix."""
    counts = Counter((label, assess(text).message_class.value) for text, label in messages)
    right = sum(counts[label, label] for label in CLASSES)
    lines, scores = [], []
    for label in CLASSES:
        predicted = sum(counts[other, label] for other in CLASSES)
        actual = sum(counts[label, other] for other in CLASSES)
        precision = counts[label, label] / predicted if predicted else 0.0
        recall = counts[label, label] / actual if actual else 0.0
        scores.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
        row = "".join(f"{counts[label, other]:>13}" for other in CLASSES)
        lines.append(f"  {label:<12}{precision:>10.3f}{recall:>8.3f}{scores[-1]:>7.3f}{row}")
    print(f"\n{name}: {len(messages)} messages")
    print(f"  accuracy {right / len(messages):.3f}   macro-F1 {sum(scores) / len(scores):.3f}")
    print(f"  {'actual':<12}{'precision':>10}{'recall':>8}{'F1':>7}" + "".join(f"{c:>13}" for c in CLASSES))
    print("\n".join(lines))


def rate(messages: Sequence[Labelled], *, seconds: float = 2.0) -> float:
    """Messages assessed per second on one core, over whole passes that take at least so many seconds."""
    passes, started = 0, time.process_time()
    while (elapsed := time.process_time() - started) < seconds:
        for text, _ in messages:
            assess(text)
        passes += 1
    return passes * len(messages) / elapsed


def main(given: Sequence[Path]) -> None:
    """Measure the repository's own set, and the given files."""
    for path in [OWN_SET, *given]:
        everything: list[Labelled] = []
        for name, messages in read(path).items():
            report(f"{path.name}, {name}", messages)
            everything += messages
        print(f"\n{path.name}: {rate(everything):,.0f} messages/s on one core")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
