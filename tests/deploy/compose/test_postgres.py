"""The composed Postgres lets in whom it should: containers by password, who is in its own by the socket."""

import subprocess
from pathlib import Path

from deploy.local.cluster import write_for
from deploy.local.house import ROOT
from deploy.local.ports import free_port
from deploy.local.postgres import prepare_postgres
from tests.deploy.compose.composed import containers

DOCUMENT = ROOT / "docs/compose.md"


def test_what_is_run_in_its_container_needs_no_password_and_all_others_do(tmp_path: Path) -> None:
    server = prepare_postgres(tmp_path / "postgres", port=free_port(), password="x")
    home, account = Path(server.argv[-1]).parent, server.account
    write_for(home / "password", "secret\n", account, mode=0o600)
    made = subprocess.run(
        [
            str(Path(server.argv[0]).with_name("initdb")),
            *("-D", str(home / "composed"), "-U", "postgres", f"--pwfile={home / 'password'}"),
            *containers()["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split(),
        ],
        env=dict(server.env),
        capture_output=True,
        text=True,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    assert made.returncode == 0, made.stderr
    lines = (home / "composed/pg_hba.conf").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert {(rule[0], rule[-1]) for rule in rules} == {("local", "trust"), ("host", "scram-sha-256")}


def test_back_ups_are_written_without_a_terminal_in_between() -> None:
    lines = [
        line for line in DOCUMENT.read_text().splitlines() if "docker compose exec" in line and "pg_" in line
    ]
    assert len(lines) == 3
    # A terminal would turn line feeds into pairs, and a question for a password would go into the file.
    assert [line for line in lines if " exec -T postgres pg_" not in line] == []
