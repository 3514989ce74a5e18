"""Writes the dashboards: `python -m deploy.telemetry.boards`."""

import sys
from pathlib import Path
from typing import Final

from deploy.telemetry.boards.gateway import GATEWAY
from deploy.telemetry.boards.llm_cost import LLM_COST
from deploy.telemetry.boards.model import write_board
from deploy.telemetry.boards.pipeline import PIPELINE
from deploy.telemetry.boards.queues import QUEUES

FOLDER: Final = Path(__file__).parents[1] / "dashboards"
BOARDS: Final = {"pipeline": PIPELINE, "queues": QUEUES, "llm-cost": LLM_COST, "gateway": GATEWAY}


def main() -> int:
    """Write each dashboard into its file."""
    for name, board in BOARDS.items():
        path = FOLDER / f"{name}.json"
        text = write_board(board)
        same = path.exists() and path.read_text() == text
        path.write_text(text)
        sys.stdout.write(f"{path.name}: {'as it was' if same else 'written'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
