"""Server and key: where they are looked for, and who may read them."""

import os
from pathlib import Path

import pytest

from tasktracker import NotLoggedIn
from tasktracker.config import Config, config_path, forget_config, read_config, store_config

STORED = Config(url="http://127.0.0.1:8000", key="tt_secret")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "config.json"


def environment(path: Path, **more: str) -> dict[str, str]:
    return {"TASKTRACKER_CONFIG": str(path), **more}


def test_what_is_stored_is_read_by_its_owner_alone(path: Path) -> None:
    store_config(path, STORED)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert read_config(environment(path)) == STORED


def test_a_file_that_others_may_read_is_not_trusted(path: Path) -> None:
    store_config(path, STORED)
    path.chmod(0o644)
    with pytest.raises(NotLoggedIn, match="chmod 600"):
        read_config(environment(path))


def test_the_environment_goes_before_the_file(path: Path) -> None:
    store_config(path, STORED)
    both = environment(path, TASKTRACKER_URL="https://other", TASKTRACKER_KEY="tt_other")
    assert read_config(both) == Config(url="https://other", key="tt_other")
    assert read_config(environment(path, TASKTRACKER_KEY="tt_other")).url == STORED.url


def test_a_stored_key_is_not_sent_to_another_server(path: Path) -> None:
    store_config(path, STORED)
    with pytest.raises(NotLoggedIn, match="TASKTRACKER_KEY"):
        read_config(environment(path, TASKTRACKER_URL="https://other"))
    assert read_config(environment(path, TASKTRACKER_URL=f"{STORED.url}/")) == STORED


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "TASKTRACKER_URL and TASKTRACKER_KEY"),
        ({"TASKTRACKER_URL": "http://x"}, "set TASKTRACKER_KEY"),
        ({"TASKTRACKER_KEY": "x"}, "set TASKTRACKER_URL"),
    ],
)
def test_what_is_missing_is_named(path: Path, given: dict[str, str], missing: str) -> None:
    with pytest.raises(NotLoggedIn, match=missing):
        read_config(environment(path, **given))


@pytest.mark.parametrize("text", ["", "{", '{"url": 1, "key": "x"}', "[]"])
def test_a_broken_file_says_what_to_do(path: Path, text: str) -> None:
    store_config(path, STORED)
    path.write_text(text)
    with pytest.raises(NotLoggedIn, match="tasktracker login"):
        read_config(environment(path))


def test_the_key_is_not_in_the_repr() -> None:
    assert STORED.key not in repr(STORED)


def test_forgetting_twice_is_harmless(path: Path) -> None:
    store_config(path, STORED)
    assert forget_config(path)
    assert not forget_config(path)


def test_the_folder_is_the_users_own(tmp_path: Path) -> None:
    given = {"XDG_CONFIG_HOME": str(tmp_path)}
    if os.name == "posix":
        assert config_path(given) == tmp_path / "tasktracker" / "config.json"
