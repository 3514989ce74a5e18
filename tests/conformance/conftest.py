"""One whole system for all tests of conformance, with something of everything in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.furnishing import Furnished, furnish
from tests.system import running_system

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """The system, furnished. Requests are not counted: a test sends more than any key may."""
    folder: Path = tmp_path_factory.mktemp("conformance")
    with running_system(
        folder / "system",
        TT_LOG_LEVEL="INFO",
        TT_RATE_LIMIT="0",
        TT_LOCKOUT_AFTER="0",
        TT_TELEGRAM_API_URL=NOWHERE,
    ) as system:
        yield furnish(system, folder)
