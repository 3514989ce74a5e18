"""The release to come: a copy of this one's code in a folder of its own, with what a release changes."""

import ast
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.local.house import ROOT

_EXPAND = '''"""Scores know by which road their message came, and which release made them."""

from alembic import op

revision = "0002_road"
down_revision = "0001_scoring"


def upgrade() -> None:
    op.execute("ALTER TABLE scoring.scores ADD COLUMN road text, ADD COLUMN scored_by text")
'''
_INDEX = '''"""Scores are found by road."""

from shared.database.online import create_index

revision = "0003_by_road"
down_revision = "0002_road"


def upgrade() -> None:
    create_index("scores_by_road", "scoring.scores", "(road, message_id)")
'''
_CONTRACT = '''"""Every score says which release made it: code that does not say so is gone."""

from alembic import op

revision = "0004_known_scorer"
down_revision = "0003_by_road"
runs_with = "0003_by_road"
accepted = {
    "adding-not-nullable-field": "The constraint that was checked before tells it: no row is read again.",
    "ban-drop-constraint": "The column itself says it from here on.",
}


def upgrade() -> None:
    op.execute("UPDATE scoring.scores SET scored_by = 'before' WHERE scored_by IS NULL")
    for change in (
        "ADD CONSTRAINT scorer_known CHECK (scored_by IS NOT NULL) NOT VALID",
        "VALIDATE CONSTRAINT scorer_known",
        "ALTER COLUMN scored_by SET NOT NULL",
        "DROP CONSTRAINT scorer_known",
    ):
        op.execute(f"ALTER TABLE scoring.scores {change}")
'''


@dataclass(frozen=True)
class Release:
    """A tree of code that processes can be started from.

    Attributes:
        tree: Holds `services` and `shared`.
    """

    tree: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes Python take its modules from the tree, and not from the checkout."""
        return {"PYTHONPATH": str(self.tree)}

    def later(self, tree: Path) -> "Release":
        """A copy, to be changed."""
        for folder in ("services", "shared"):
            shutil.copytree(
                self.tree / folder,
                tree / folder,
                ignore=shutil.ignore_patterns("dramatiq-nats"),
                symlinks=True,
            )
        return Release(tree)

    def write_migration(self, service: str, name: str, text: str) -> None:
        """Add a migration."""
        (self.tree / "services" / service / "migrations" / f"{name}.py").write_text(text)

    def add_field(self, path: str, kind: str, field: str) -> None:
        """Add a field at the end of a contract, or a column at the end of a mapping."""
        file = self.tree / path
        text = file.read_text()
        found = [
            node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef) and node.name == kind
        ]
        assert len(found) == 1, f"{path} has {len(found)} classes {kind}: bring this release up to the code"
        assert found[0].end_lineno is not None
        lines = text.splitlines()
        lines.insert(found[0].end_lineno, f"    {field}")
        file.write_text("\n".join(lines) + "\n")

    def change(self, path: str, pattern: str, after: str, *, places: int = 1) -> None:
        """Replace what a regular expression finds, in so many places."""
        file = self.tree / path
        text, changed = re.subn(pattern, after, file.read_text())
        assert changed == places, (
            f"{path}: {pattern!r} stands in {changed} places: bring this release up to the code"
        )
        file.write_text(text)


def this_release() -> Release:
    """The code of this checkout."""
    return Release(ROOT)


def next_release(tree: Path) -> Release:
    """The release that learns by which road a message came: columns, an index, contracts that have grown."""
    release = this_release().later(tree)
    release.write_migration("scoring", "0002_road", _EXPAND)
    release.write_migration("scoring", "0003_by_road", _INDEX)
    optional = "road: str | None = None"
    release.add_field("shared/contracts/ingestion.py", "MessageText", optional)
    for contract in ("ScoreMessage", "MessageScored", "ScoreRecord"):
        release.add_field("shared/contracts/scoring.py", contract, optional)
    release.add_field("shared/contracts/scoring.py", "GetScores", "with_road: bool = False")
    _send_the_road(release)
    _keep_the_road(release)
    release.change(
        "services/gateway/routes/messages.py",
        r"GetScores\(message_ids=",
        "GetScores(with_road=True, message_ids=",
    )
    return release


def contracted_release(before: Release, tree: Path) -> Release:
    """The release after the next: no release is left that does not say who scored."""
    release = before.later(tree)
    release.write_migration("scoring", "0004_known_scorer", _CONTRACT)
    return release


def environment_of(release: Release) -> dict[str, str]:
    """The environment for a process of a release, without settings of ours."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
    return {**ours, **release.environment}


def _send_the_road(release: Release) -> None:
    release.change(
        "services/ingestion/actors.py",
        r"message=texts\[saved\.message_id\],",
        'message=texts[saved.message_id], road="webhook",',
    )


def _keep_the_road(release: Release) -> None:
    actors, repository = "services/scoring/actors.py", "services/scoring/repository.py"
    release.change(
        actors,
        r"def score_message_task\(\s*message_id: int,",
        "def score_message_task(message_id: int, road: str | None,",
    )
    release.change(
        actors,
        r"_scoring\.do\(message or await _fetch\(message_id\)\)",
        "_scoring.do(replace(message or await _fetch(message_id), road=road))",
    )
    release.change(
        actors, r"(from services\.scoring\.assessment)", r"from msgspec.structs import replace\n\1"
    )
    release.change(
        actors, r"MessageScored\(score=score\)", "MessageScored(score=score, road=piece.item.road)"
    )
    release.add_field("services/scoring/tables.py", "Score", "road: Mapped[str | None]")
    release.add_field("services/scoring/tables.py", "Score", "scored_by: Mapped[str | None]")
    release.change(
        repository, r"noise_factors, scorer_version\)\n", "noise_factors, scorer_version, road, scored_by)\n"
    )
    release.change(repository, r"factors, :version\n", "factors, :version, road, 'next'\n")
    release.change(
        repository,
        r"CAST\(:factors AS jsonb\[\]\)\n",
        "CAST(:factors AS jsonb[]), CAST(:roads AS text[])\n",
    )
    release.change(repository, r"scored_class, factors\)\n", "scored_class, factors, road)\n")
    release.change(
        repository,
        r"scorer_version = excluded\.scorer_version, scored_at = now\(\)",
        "scorer_version = excluded.scorer_version, scored_at = now(), "
        "road = excluded.road, scored_by = excluded.scored_by",
    )
    release.change(
        repository,
        r'"message_ids": \[message\.id for',
        '"roads": [message.road for message, _ in scored], "message_ids": [message.id for',
    )
    release.change(
        repository, r"corrected_by=row\.corrected_by,", "corrected_by=row.corrected_by, road=row.road,"
    )
