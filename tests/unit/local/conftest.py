import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import leftovers
from tests.unit.local.runs import Run, Start, environment


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts runs of dummy programs (see dummy_house.py), and ends at last whatever they leave."""
    runs: list[Run] = []

    def start_run(*programs: str, directory: Path = tmp_path / "local") -> Run:
        output = tmp_path / f"output-{len(runs)}"
        script = Path(__file__).with_name("dummy_house.py")
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, str(script), *programs],
                env=environment(directory),
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        runs.append(Run(directory, process, output))
        return runs[-1]

    yield start_run
    for run in runs:
        run.kill()
    for directory in {run.directory for run in runs}:
        asyncio.run(leftovers.end_remaining(directory))
