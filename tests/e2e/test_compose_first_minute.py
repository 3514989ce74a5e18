"""What runs in containers beside the gateway, against the real system: the sample, the key, and Ollama.

The import of the sample chat into an empty system is `make run`'s own, which has a test of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.house import ROOT
from tests.fakes.llm import Says, running_llm_server
from tests.fakes.llm.strict import example_of
from tests.generate_export import write_export
from tests.system import System, running_system, wait_for

MODEL = "qwen3:4b"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    without = ("embeddings", "embedding")
    with running_system(tmp_path_factory.mktemp("first_minute") / "local", without=without) as running:
        yield running


def run(system: System, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """What a container beside the gateway runs."""
    key = system.house.directory / "api_key"
    key.write_text(f"{system.house.api_key}\n")
    environment = {
        "PATH": os.defpath,
        "GATEWAY_URL": system.house.gateway_url,
        "PUBLIC_URL": "https://tasks.example/",
        "API_KEY_FILE": str(key),
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "deploy.compose.sample", *words],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.timeout(600)
def test_a_later_start_says_where_to_look_and_ollama_is_put_to_work(system: System, tmp_path: Path) -> None:
    write_export(tmp_path / "result.json", 20)
    job = system.import_export(tmp_path / "result.json")
    wait_for(lambda: system.is_over(job), "the chat is imported", about=lambda: system.job(job))

    again = run(system)
    assert again.returncode == 0, again.stderr
    assert "Resumed with the data of earlier runs." in again.stdout
    assert "https://tasks.example  (`docker compose run --rm key` prints the link" in again.stdout
    assert system.house.api_key not in again.stdout

    assert run(system, "key").stdout == f"https://tasks.example/#key={system.house.api_key}\n"
    assert run(system, "nothing").returncode == 2

    nowhere = run(system, "ollama", OLLAMA_URL="http://127.0.0.1:1/v1", OLLAMA_MODEL=MODEL)
    assert nowhere.returncode == 1
    assert "Ollama is not used: " in nowhere.stdout
    provider = next(each for each in get(system, "/api/v1/providers") if each["name"] == "Ollama")
    with running_llm_server() as llm:
        llm.models = [MODEL]
        llm.chat.always(Says(lambda request: example_of(request.schema or {})))
        system.client.patch(
            f"/api/v1/providers/{provider['id']}", json={"base_url": llm.url}
        ).raise_for_status()
        there = run(system, "ollama", OLLAMA_URL=llm.url, OLLAMA_MODEL=MODEL)
        assert there.returncode == 0, there.stdout
    agents = {each["kind"]: each for each in get(system, "/api/v1/agents") if each["active"]}
    using = {kind for kind, agent in agents.items() if agent["provider_id"] == provider["id"]}
    assert using == {"knowledge_extractor", "task_proposer"}


def get(system: System, path: str) -> list[dict[str, object]]:
    """The items of a list."""
    found: list[dict[str, object]] = system.client.get(path).raise_for_status().json()["items"]
    return found
