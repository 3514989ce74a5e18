"""Migrations that cannot run beside the release before them are refused, by what they do."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from alembic import op

from shared.database.migrate import scripts_of
from shared.database.online import create_index, drop_index
from tests.conftest import SERVICES
from tests.unit.database.migration_rules import faults_of

_MIGRATIONS = [
    pytest.param(script.module, id=f"{service}-{script.revision}")
    for service in SERVICES
    for script in scripts_of(service).walk_revisions()
]
_REASON = "Nobody has read it since the release before."


def migration(upgrade: Callable[[], None] | str, **said: Any) -> ModuleType:
    module: Any = ModuleType("migration")
    module.revision = "0002_next"
    module.upgrade = upgrade if callable(upgrade) else lambda: op.execute(upgrade)
    for name, value in said.items():
        setattr(module, name, value)
    return module  # type: ignore[no-any-return]


@pytest.mark.parametrize("module", _MIGRATIONS)
def test_every_migration_runs_beside_the_release_before_it(module: ModuleType, tmp_path: Path) -> None:
    assert faults_of(module, tmp_path) == []


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE scoring.scores DROP COLUMN author_id", "ban-drop-column"),
        ("DROP TABLE scoring.catch_up", "ban-drop-table"),
        ("ALTER TABLE scoring.scores RENAME COLUMN sent_at TO at", "renaming-column"),
        ("ALTER TABLE scoring.scores RENAME TO ratings", "renaming-table"),
        ("ALTER TABLE scoring.scores ALTER COLUMN author_id TYPE text", "changing-column-type"),
        ("ALTER TABLE scoring.scores ALTER COLUMN author_id SET NOT NULL", "adding-not-nullable-field"),
        ("ALTER TABLE scoring.scores ADD COLUMN origin text NOT NULL", "adding-required-field"),
        ("ALTER TABLE scoring.scores ALTER COLUMN chat_id DROP NOT NULL", "ban-drop-not-null"),
    ],
)
def test_what_takes_away_is_refused_until_it_says_whom_it_suits(
    statement: str, rule: str, tmp_path: Path
) -> None:
    bare = faults_of(migration(statement), tmp_path)
    excused = faults_of(migration(statement, accepted={rule: _REASON}), tmp_path)
    contract = faults_of(migration(statement, accepted={rule: _REASON}, runs_with="0001_scoring"), tmp_path)

    assert len(bare) == 2
    assert len(excused) == 1
    assert f"{rule}: '{statement};'" in excused[0]
    assert "runs_with" in excused[0]
    assert contract == []


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("CREATE INDEX scores_by_hash ON scoring.scores (content_hash)", "require-concurrent-index-creation"),
        ("DROP INDEX scoring.scores_by_time", "require-concurrent-index-deletion"),
        ("ALTER TABLE scoring.scores ADD CHECK (chat_id <> 0)", "constraint-missing-not-valid"),
        ("ALTER TABLE scoring.scores ADD UNIQUE (content_hash)", "disallowed-unique-constraint"),
        (
            "ALTER TABLE scoring.score_feedback ADD FOREIGN KEY (message_id) REFERENCES scoring.scores",
            "adding-foreign-key-constraint",
        ),
    ],
)
def test_what_keeps_others_from_writing_is_refused(statement: str, rule: str, tmp_path: Path) -> None:
    faults = faults_of(migration(statement), tmp_path)

    assert any(f"{rule}: '{statement};'" in fault for fault in faults)


@pytest.mark.parametrize(
    "upgrade",
    [
        "ALTER TABLE scoring.scores ADD COLUMN origin text",
        "ALTER TABLE scoring.scores ADD COLUMN origin text NOT NULL DEFAULT 'unknown'",
        "ALTER TABLE scoring.scores ADD CONSTRAINT known CHECK (chat_id <> 0) NOT VALID",
        "CREATE TABLE scoring.notes (id bigint PRIMARY KEY, message_id bigint NOT NULL)",
        lambda: create_index("scores_by_hash", "scoring.scores", "(content_hash)"),
        lambda: create_index("scores_by_hash", "scoring.scores", "(content_hash)", unique=True),
        lambda: drop_index("scores_by_time", "scoring"),
    ],
)
def test_what_only_adds_is_let_through(upgrade: Callable[[], None] | str, tmp_path: Path) -> None:
    assert faults_of(migration(upgrade), tmp_path) == []


def test_index_in_the_same_migration_must_be_harmless_to_begin_again(tmp_path: Path) -> None:
    def upgrade() -> None:
        op.execute("ALTER TABLE scoring.scores ADD COLUMN origin text")
        create_index("scores_by_origin", "scoring.scores", "(origin)")

    assert any("own" in fault for fault in faults_of(migration(upgrade), tmp_path))


def test_excuse_for_nothing_and_without_reason_is_refused(tmp_path: Path) -> None:
    add = "ALTER TABLE scoring.scores ADD COLUMN origin text"
    drop = "ALTER TABLE scoring.scores DROP COLUMN author_id"

    idle = faults_of(migration(add, accepted={"ban-drop-column": _REASON}), tmp_path)
    terse = faults_of(migration(drop, accepted={"ban-drop-column": "ok"}, runs_with="0001"), tmp_path)

    assert len(idle) == 1
    assert "leave it out" in idle[0]
    assert len(terse) == 1
    assert "without a reason" in terse[0]
