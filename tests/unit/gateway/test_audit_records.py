"""What the audit log keeps of a path."""

import pytest

from services.gateway.audit_records import LONGEST_PATH, storable_path


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/api/v1/keys", "/api/v1/keys"),
        ("/api/v1/tasks/\x00", "/api/v1/tasks/\ufffd"),
        ("/" + "a" * 9000, "/" + "a" * (LONGEST_PATH - 1)),
    ],
)
def test_path_is_one_that_the_database_takes(path: str, kept: str) -> None:
    assert storable_path(path) == kept
