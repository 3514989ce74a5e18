"""Writes `docs/access.md`: which scope each route needs, as the application has it."""

import sys
from pathlib import Path

from services.gateway.access.table import write_table
from services.gateway.app import create_app
from services.gateway.settings import GatewaySettings

DOCUMENT = Path(__file__).parents[3] / "docs" / "access.md"


def main() -> int:
    """Write the table into the document, between its marks; the words around it stay."""
    before = DOCUMENT.read_text()
    after = write_table(create_app(GatewaySettings()), before)
    DOCUMENT.write_text(after)
    sys.stdout.write(f"{DOCUMENT.name}: {'as it was' if after == before else 'written'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
