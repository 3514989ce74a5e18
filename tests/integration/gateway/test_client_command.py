"""The command `tasktracker`: what it writes where, and the code it ends with."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from shared.contracts.history import CreateHistoryJob
from shared.sealing import bind_keys, new_encryption_key
from tasktracker.cli import main
from tests.integration.gateway.stage import KEY, Stage, free_port


@dataclass
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


class Command:
    """Runs the command with a settings file of its own, in this process, which is faster."""

    def __init__(self, folder: Path, url: str, patch: pytest.MonkeyPatch) -> None:
        self.config = folder / "config.json"
        self.url = url
        self.folder = folder
        self._patch = patch

    def __call__(
        self, *words: str, stdin: str = "", logged_in: bool = True, url: str | None = None, key: str = KEY
    ) -> Done:
        given = {"TASKTRACKER_URL": url or self.url, "TASKTRACKER_KEY": key} if logged_in else {}
        settings = {**given, "TASKTRACKER_CONFIG": str(self.config), "COLUMNS": "100"}
        out, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with self._patch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
            for name in ("TT_LOCAL_DIR", "TASKTRACKER_URL", "TASKTRACKER_KEY"):
                patch.delenv(name, raising=False)
            for name, value in settings.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["tasktracker", *words])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            patch.chdir(self.folder)
            code = 0
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        out.flush()
        errors.flush()
        return Done(code, out.buffer.getvalue().decode(), errors.buffer.getvalue().decode())


@pytest.fixture
def _sealing() -> Iterator[None]:
    bind_keys(new_encryption_key())
    yield
    bind_keys("")


@pytest.fixture
def command(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(tmp_path, stage.url, monkeypatch)


def test_login_by_a_link_is_stored_and_used_and_forgotten(command: Command) -> None:
    asked = command("messages", logged_in=False)
    assert asked.returncode == 2
    assert "tasktracker login" in asked.stderr
    done = command("login", f"{command.url}/#key={KEY}", "--json", logged_in=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["scopes"] == ["admin"]
    assert KEY not in done.stdout + done.stderr
    assert command.config.stat().st_mode & 0o777 == 0o600
    assert command("messages", logged_in=False).returncode == 0
    assert command("logout", logged_in=False).returncode == 0
    assert not command.config.exists()


def test_login_takes_the_key_from_stdin_and_stores_none_that_is_wrong(command: Command) -> None:
    wrong = command("login", command.url, stdin="another-key\n", logged_in=False)
    assert wrong.returncode == 4
    assert not command.config.exists()
    assert command("login", command.url, stdin=f"{KEY}\n", logged_in=False).returncode == 0
    assert command.config.exists()


def test_login_on_this_machine_reads_what_make_run_wrote(command: Command) -> None:
    local = command.folder / ".local"
    local.mkdir()
    (local / "ports.json").write_text(json.dumps({"gateway": int(command.url.rpartition(":")[2])}))
    (local / "secrets.json").write_text(json.dumps({"api_key": KEY}))
    assert command("login", "--local", logged_in=False).returncode == 0
    assert json.loads(command.config.read_text())["url"] == command.url


def test_results_go_to_stdout_and_all_else_to_stderr(stage: Stage, command: Command) -> None:
    stage.services.fill(3)
    table = command("messages")
    assert "Повідомлення 2" in table.stdout
    assert not table.stderr
    listed = command("messages", "--json", "-n", "2")
    assert [message["id"] for message in json.loads(listed.stdout)] == [3, 2]
    assert not command("messages", "--chat", "99").stderr


def test_exit_codes_tell_refusals_apart(command: Command) -> None:
    missing = command("messages", "12345")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "There is no message 12345." in missing.stderr
    assert "Traceback" not in missing.stderr
    assert command("messages", "many").returncode == 2
    away = command("messages", url=f"http://127.0.0.1:{free_port()}")
    assert away.returncode == 3
    assert "does not answer" in away.stderr
    wrong = command("messages", key="another-key")
    assert wrong.returncode == 4
    assert "another-key" not in wrong.stderr


def test_a_pipe_that_closes_early_is_no_error(stage: Stage, command: Command) -> None:
    stage.services.fill(50)
    script = f"'{sys.executable}' -m tasktracker messages --json -n 50 | head -n 1"
    given = {"TASKTRACKER_URL": command.url, "TASKTRACKER_KEY": KEY}
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[\n", "")


def test_an_import_without_waiting_names_its_job(stage: Stage, command: Command) -> None:
    file = command.folder / "result.json"
    file.write_text(json.dumps({"name": "x", "type": "personal_chat", "id": 1, "messages": []}))
    done = command("import", "result.json", "--no-wait", "--json")
    assert done.returncode == 0, done.stderr
    job_id = json.loads(done.stdout)["run_id"]
    assert [str(known) for known in stage.services.jobs] == [job_id]
    assert job_id in command("jobs", "list").stdout
    assert command("import", "other.json").returncode == 2


def test_keys_are_made_listed_rotated_and_revoked(command: Command) -> None:
    name = f"dashboard of the sales {uuid4().hex[:6]}"
    text = command("keys", "make", name, "--scope", "read", "--days", "30").stdout.strip()
    assert command("messages", key=text).returncode == 0
    refused = command("keys", "list", key=text)
    assert refused.returncode == 4
    assert "admin" in refused.stderr
    assert name in command("keys", "list").stdout
    rotated = command("keys", "rotate", name, "--grace-hours", "0").stdout.strip()
    assert rotated != text
    assert command("messages", key=text).returncode == 4
    asked = command("keys", "revoke", name)
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert command("keys", "revoke", name, "--yes").returncode == 0
    assert command("messages", key=rotated).returncode == 4
    assert command("keys", "make", "x", "--scope", "everything").returncode == 2


def test_dead_letters_are_named_one_by_one_or_all_on_purpose(command: Command) -> None:
    assert command("dead", "list", "--json").stdout == "[]\n"
    assert command("dead", "show", "17").returncode == 1
    for words in (("requeue",), ("delete",), ("delete", "17", "--all"), ("requeue", "17", "--queue", "x")):
        wrong = command("dead", *words)
        assert wrong.returncode == 2, words
        assert "either a number, or --all" in wrong.stderr.replace("\n│ ", "")
    asked = command("dead", "delete", "--all")
    assert asked.returncode == 2
    assert "ALL dead letters" in asked.stderr
    assert json.loads(command("dead", "delete", "--all", "--yes", "--json").stdout) == {"count": 0}


@pytest.mark.usefixtures("_sealing")
def test_a_bot_is_set_by_stdin_given_a_webhook_or_polled_and_forgotten(
    stage: Stage, command: Command
) -> None:
    token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
    assert command("bot", "set").returncode == 2
    done = command("bot", "set", stdin=f"{token}\n")
    assert done.returncode == 0, done.stderr
    assert token not in done.stdout + done.stderr
    hooked = json.loads(
        command("webhook", "set", "https://tasks.example.org/webhook/telegram", "--json").stdout
    )
    assert hooked["url"] == "https://tasks.example.org/webhook/telegram"
    assert "tasks.example.org" in command("webhook", "show").stdout
    assert command("webhook", "delete", "--yes").returncode == 0
    assert json.loads(command("bot", "polling", "on", "--json").stdout)["on"]
    assert "by polling" in command("bot", "show").stdout
    assert not json.loads(command("bot", "polling", "off", "--json").stdout)["on"]
    assert command("bot", "delete", "--yes").returncode == 0
    assert stage.services.telegram.bot is None
    assert command("webhook", "show").returncode == 1


@pytest.mark.usefixtures("_sealing")
def test_an_account_is_signed_in_by_lines_of_stdin_and_out(stage: Stage, command: Command) -> None:
    done = command("account", "sign-in", "--json", stdin="+380501234567\n12345\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "signed_in"
    assert len(stage.services.history.secrets) == 2
    assert "12345" not in done.stdout + done.stderr
    assert "signed in already" in command("account", "sign-in").stderr
    chats = json.loads(command("account", "chats", "--json").stdout)
    assert [chat["telegram_id"] for chat in chats] == [-1001, 77]
    assert command("account", "sign-out", "--yes").returncode == 0
    assert command("account", "session", stdin="1BVtsOK8Bu\n").returncode == 0
    assert stage.services.history.account.state == "signed_in"


@pytest.mark.usefixtures("_sealing")
def test_a_sign_in_that_lacks_its_code_ends_and_goes_on_later(stage: Stage, command: Command) -> None:
    broken = command("account", "sign-in", "+380501234567")
    assert broken.returncode == 2
    assert "Code that Telegram sent by app" in broken.stderr.replace("\n│ ", "")
    assert json.loads(command("account", "show", "--json").stdout)["state"] == "code_sent"
    assert command("account", "sign-in", stdin="12345\n").returncode == 0
    assert stage.services.history.account.state == "signed_in"


def test_history_is_imported_by_chat_ids(stage: Stage, command: Command) -> None:
    asked = command(
        "import", "--chats", "-1001,77", "--chats", "5", "--include-private", "--no-wait", "--json"
    )
    assert asked.returncode == 0, asked.stderr
    (query,) = stage.services.asked_for(CreateHistoryJob)
    assert isinstance(query, CreateHistoryJob)
    assert (query.chat_ids, query.include_private) == ([-1001, 77, 5], True)
    assert command("import", "--chats", "Backend").returncode == 2
    assert command("import").returncode == 2
