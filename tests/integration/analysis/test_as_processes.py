"""Analysis behind the gateway as their real processes: from a POST to an agent that uses another provider."""

from pathlib import Path

import httpx

from tests.fakes.llm import running_llm_server
from tests.system import running_system, wait_for

SECRET = "sk-open-sesame-0123456789"
OTHERS = ("ingestion", "scoring", "embedding", "knowledge")


def is_connected(client: httpx.Client) -> bool:
    """Whether the first provider is connected; not while the service cannot say so."""
    answer = client.get("/api/v1/providers")
    return answer.is_success and answer.json()["items"][0]["validation_status"] == "connected"


def test_one_request_adds_a_provider_and_has_the_agents_use_it(tmp_path: Path) -> None:
    with running_llm_server() as llm, running_system(tmp_path / "system", without=OTHERS) as system:
        llm.api_key = SECRET
        client = system.client
        wait_for(lambda: is_connected(client), "the local provider is connected by itself")
        (local,) = client.get("/api/v1/providers").json()["items"]
        assert (local["name"], local["basic_mode"], local["dimension"]) == ("local", True, 384)
        assert client.get(f"/api/v1/providers/{local['id']}/models").json()["items"]

        made = client.post(
            "/api/v1/providers",
            json={
                "name": "Mine",
                "type": "openai",
                "base_url": llm.url,
                "api_key": SECRET,
                "chat_model": "chat-model",
                "activate": ["knowledge_extractor"],
            },
        )
        assert made.status_code == 201, made.text
        provider_id = made.json()["id"]
        task = f"/api/v1/tasks/{provider_id}"
        wait_for(lambda: client.get(task).json().get("state") == "succeeded", "the provider was tried out")
        assert client.get(task).json()["result"] == {"status": "connected", "error": None, "dimension": None}

        agents = {agent["kind"]: agent for agent in client.get("/api/v1/agents").json()["items"]}
        assert agents["knowledge_extractor"]["provider_id"] == provider_id
        assert agents["embedder"]["provider_id"] == local["id"]
        wait_for(
            lambda: bool(client.get("/api/v1/llm/usage", params={"run_id": provider_id}).json()["items"]),
            "the trial is accounted for",
        )
        (call,) = client.get("/api/v1/llm/calls", params={"run_id": provider_id}).json()["items"]
        assert (call["task"], call["model"], call["error"]) == ("validate", "chat-model", None)
        assert client.delete(f"/api/v1/providers/{provider_id}").status_code == 409

        logs = "".join(path.read_text() for path in system.house.log("analysis").parent.glob("*"))
        assert SECRET not in logs
        assert llm.chat.requests[0].key == SECRET
