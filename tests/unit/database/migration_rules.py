"""What a migration may do while the release before it still runs: squawk's rules, and who is excused.

A migration is rendered as the SQL that it would send. What squawk finds in it is a fault, unless the
migration says in `accepted` why it does no harm there; what takes something away from code that runs needs
`runs_with` too.
"""

import io
import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import msgspec
from alembic.migration import MigrationContext
from alembic.operations import Operations

from shared.database.online import LOCK_TIMEOUT

TAKES_AWAY = {
    "adding-not-nullable-field",
    "adding-required-field",
    "ban-drop-column",
    "ban-drop-not-null",
    "ban-drop-table",
    "changing-column-type",
    "renaming-column",
    "renaming-table",
}
"""Rules against what code of before it cannot live with, however quickly it is done."""

_NOT_ASKED = (
    # Matters of taste, or settled otherwise here: ids are bigint where many are counted.
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-text-field",
    # An index may take hours, and nobody waits for it; what others wait for is bounded by lock_timeout.
    "require-statement-timeout",
)
_POSTGRES = "16.0"
_SHORTEST_REASON = 20
_ALONE = re.compile(r"BEGIN|COMMIT|SET lock_timeout|(CREATE (UNIQUE )?|DROP )INDEX CONCURRENTLY ")


class Finding(msgspec.Struct, frozen=True, rename={"rule": "rule_name"}):
    """What squawk says of one place of a file."""

    file: str
    line: int
    rule: str
    message: str


def rendered(module: ModuleType) -> str:
    """The SQL of a migration, as the environment of migrations sends it."""
    sent = io.StringIO()
    options = {"as_sql": True, "output_buffer": sent, "transaction_per_migration": True}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    with Operations.context(context), context.begin_transaction(_per_migration=True):
        module.upgrade()
    return f"SET lock_timeout = '{LOCK_TIMEOUT}';\n{sent.getvalue()}"


def faults_of(module: ModuleType, folder: Path) -> list[str]:
    """What is wrong with a migration, each in a line for people.

    Args:
        module: The migration.
        folder: Where its SQL may be written.
    """
    accepted: dict[str, str] = getattr(module, "accepted", {})
    statements = rendered(module)
    found = _squawk(statements, folder / f"{module.revision}.sql")
    return [
        *_unexcused(module, found, statements, accepted),
        *_bad_excuses(found, accepted),
        *_not_alone(module, statements),
    ]


def _unexcused(
    module: ModuleType, found: Iterable[Finding], statements: str, accepted: dict[str, str]
) -> Iterable[str]:
    lines = statements.splitlines()
    for finding in found:
        where = f"{module.revision}: {finding.rule}: {lines[finding.line].strip()!r}: {finding.message}"
        if finding.rule in TAKES_AWAY and not hasattr(module, "runs_with"):
            yield f"{where} Code that runs may need it: take it away in a later release, with `runs_with`."
        if finding.rule not in accepted:
            yield f"{where} Do it otherwise, or say in `accepted` why it does no harm (docs/upgrades.md)."


def _bad_excuses(found: Iterable[Finding], accepted: dict[str, str]) -> Iterable[str]:
    rules = {finding.rule for finding in found}
    for rule, reason in accepted.items():
        if rule not in rules:
            yield f"{rule} is accepted, but nothing is found to accept: leave it out."
        if len(reason) < _SHORTEST_REASON:
            yield f"{rule} is accepted without a reason that tells anything: {reason!r}."


def _not_alone(module: ModuleType, statements: str) -> Iterable[str]:
    """An index made outside of a transaction commits what stood before it, which would then be done twice."""
    sent = [" ".join(statement.split()) for statement in statements.split(";")]
    others = [statement for statement in sent if statement and not _ALONE.match(statement)]
    if others and any(" CONCURRENTLY " in statement for statement in sent):
        yield f"{module.revision}: {others[0]!r}: a concurrent index needs a migration of its own."


def _squawk(statements: str, file: Path) -> list[Finding]:
    file.write_text(statements)
    program = shutil.which("squawk", path=sysconfig.get_path("scripts"))
    assert program, "squawk is part of the dev extra: deploy/local/venv.sh dev"
    excluded = ",".join(_NOT_ASKED)
    command = [program, "--reporter", "json", "--pg-version", _POSTGRES, "--exclude", excluded, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return msgspec.convert(json.loads(done.stdout or "[]"), list[Finding])
