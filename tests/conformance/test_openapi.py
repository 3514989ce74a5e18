"""Every operation of the API, asked by Schemathesis with what it takes and what it does not.

By itself it asks the same each time, within a fixed budget. `make fuzz` asks more: `FUZZ_EXAMPLES` says how
many random requests an operation is sent, `FUZZ_SEED` what they are made from.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.house import ROOT
from tests.conformance.furnishing import Furnished

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
SEED = os.environ.get("FUZZ_SEED", "1")
BRIEF = ["--phases", "examples,coverage", "--generation-deterministic"]
LONG = ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(EXAMPLES)]
_SHARE = 0.5
"""Of the ids that are generated, how many are of things that are there."""


@pytest.mark.timeout(0 if EXAMPLES else 600)
def test_api_is_what_its_description_says(furnished: Furnished, tmp_path: Path) -> None:
    house, system = furnished.system.house, furnished.system
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.read_text() + parameters(furnished.ids, house.secrets["webhook_secret"]))
    own = system.client.get("/api/v1/keys/me").raise_for_status().json()["id"]
    environment = {
        **os.environ,
        "TASKTRACKER_KEY": house.api_key,
        "TASKTRACKER_KEY_ID": own,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "default",
    }
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "--no-color"]
    asked = [
        "run",
        f"{house.gateway_url}/schema/openapi.json",
        "--seed",
        SEED,
        *(LONG if EXAMPLES else BRIEF),
    ]

    done = subprocess.run(
        [*command, *asked], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-2_000:]}"
    assert "No operations" not in done.stdout
    # What was asked has left the system as it was: every program is well, and who asked may go on.
    for name in system.processes():
        system.wait_ready(name)
    assert system.client.get("/api/v1/messages").status_code == 200


def parameters(ids: dict[str, list[int | str]], webhook_secret: str) -> str:
    """The part of the configuration that names what there is."""
    lines = ["", "[parameters]", f'"header.X-Telegram-Bot-Api-Secret-Token" = "{webhook_secret}"']
    lines += [f'"path.{name}" = {{ dictionary = "{name}", probability = {_SHARE} }}' for name in ids]
    for name, values in ids.items():
        lines += ["", f"[dictionaries.{name}]", f"values = {json.dumps(values)}"]
    return "\n".join(lines) + "\n"
