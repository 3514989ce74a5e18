"""`make sizing`: simulate days of several sizes, and write docs/sizing.md and its picture."""

import argparse
from pathlib import Path

import msgspec

from tests.benchmarks.scaling_measured import KEPT, Measured, read_measured
from tests.benchmarks.sizing.assumptions import Assumptions
from tests.benchmarks.sizing.chain import simulate
from tests.benchmarks.sizing.costs import needs_of
from tests.benchmarks.sizing.page import Results, page
from tests.benchmarks.sizing.picture import picture

VOLUMES = (10_000, 100_000, 1_000_000, 10_000_000)
_DOCS = Path(__file__).resolve().parents[3] / "docs"


def results_of(volumes: list[int], measured: Measured, given: Assumptions) -> Results:
    """Simulate a day of each size."""
    found = []
    for messages in volumes:
        day = simulate(messages, measured, given)
        found.append((messages, day, needs_of(day, measured, given)))
    return found


def main() -> int:
    """Simulate and write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--messages", type=int, action="append", help="a day; may be given several times")
    asked.add_argument("--measured", type=Path, default=KEPT, help="what was measured")
    asked.add_argument("--assume", type=Path, help="JSON with what is to be assumed otherwise")
    asked.add_argument("--out", type=Path, default=_DOCS / "sizing.md", help="where the page goes")
    chosen = asked.parse_args()
    given = _assumptions(chosen.assume)
    measured = read_measured(chosen.measured)
    results = results_of(chosen.messages or list(VOLUMES), measured, given)
    images = chosen.out.parent / "images"
    images.mkdir(exist_ok=True)
    chosen.out.write_text(page(results, measured, given))
    (images / "sizing.svg").write_text(picture(results[-1][1]))
    print(f"{chosen.out} and {images / 'sizing.svg'} are written.")
    return 0


def _assumptions(path: Path | None) -> Assumptions:
    if path is None:
        return Assumptions()
    usual = msgspec.to_builtins(Assumptions())
    return msgspec.convert(_over(usual, msgspec.json.decode(path.read_bytes())), Assumptions)


def _over(usual: dict[str, object], given: dict[str, object]) -> dict[str, object]:
    """What is given over what is usual, also deeper; an unknown name is an error."""
    if unknown := given.keys() - usual.keys():
        raise SystemExit(f"nothing is assumed of {', '.join(sorted(unknown))}; there is {', '.join(usual)}")
    merged = dict(usual)
    for name, value in given.items():
        before = usual[name]
        deeper = isinstance(before, dict) and isinstance(value, dict)
        merged[name] = _over(before, value) if deeper else value  # type: ignore[arg-type]
    return merged


if __name__ == "__main__":
    raise SystemExit(main())
