"""How fast it is on this machine: `make bench`, or `python -m tests.benchmarks [PART ...]`."""

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks import batches, broker, chain, scoring_quality
from tests.benchmarks.figures import Figure, show
from tests.system import UNDERSTANDING, System, nats_address, running_system

_PARTS = ("import", "chain", "broker", "scorer")


def main() -> None:
    """Measure the parts asked for, all of them when none is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(_PARTS)}")
    parser.add_argument(
        "--labelled", type=Path, action="append", default=[], help="labelled messages to score"
    )
    arguments = parser.parse_args()
    parts = set(arguments.parts or _PARTS)
    if unknown := parts - set(_PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    if parts - {"scorer"}:
        with tempfile.TemporaryDirectory(prefix="task-tracker-bench-") as folder:
            place = Path(folder)
            with running_system(place / "system", without=UNDERSTANDING, TT_LOG_LEVEL="WARNING") as system:
                show(_figures(system, place, parts))
    if "scorer" in parts:
        scoring_quality.main(arguments.labelled)


def _figures(system: System, folder: Path, parts: set[str]) -> list[Figure]:
    figures: list[Figure] = []
    if "import" in parts:
        figures += batches.measure(system, folder)
    if "chain" in parts:
        figures += chain.measure(system)
    if "broker" in parts:
        figures += broker.measure(nats_address(system.house))
    return figures


if __name__ == "__main__":
    main()
