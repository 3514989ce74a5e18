"""Setting traces up is of a whole process, so each of these looks at one."""

import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

PROGRAM = """
import json, sys, time
from shared.telemetry import setup_logs, setup_traces, shutdown_traces, start_run
setup_logs("scoring")
setup_traces("scoring", sys.argv[1] or None, version="1.2.3", namespace="blue")
with start_run("chain") as span:
    recording = span.is_recording()
    resource = dict(span.resource.attributes) if recording else {}
began = time.monotonic()
shutdown_traces(seconds=1)
print(json.dumps({"recording": recording, "resource": resource, "took": time.monotonic() - began,
                  "sdk": any(name.startswith("opentelemetry.sdk") for name in sys.modules)}))
"""


def run(endpoint: str, **environment: str) -> dict[str, Any]:
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, endpoint],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, **environment},
    )
    said: dict[str, Any] = json.loads(ended.stdout)
    return {**said, "whole": time.monotonic() - began, "log": ended.stderr}


def test_without_an_endpoint_no_sdk_is_loaded() -> None:
    said = run("")
    assert not said["recording"]
    assert not said["sdk"]


def test_a_process_says_what_and_where_it_is() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        said = run(
            f"http://127.0.0.1:{unused.getsockname()[1]}",
            OTEL_RESOURCE_ATTRIBUTES="k8s.pod.name=scoring-7f9,k8s.namespace.name=tt,service.instance.id=pod-1",
        )
    assert "Transient error" not in said["log"]  # the SDK's own line for every try
    resource = said["resource"]
    assert resource["service.name"] == "task-tracker-scoring"
    assert resource["service.namespace"] == "blue"
    assert resource["service.version"] == "1.2.3"
    assert (resource["k8s.pod.name"], resource["k8s.namespace.name"]) == ("scoring-7f9", "tt")
    assert resource["service.instance.id"] == "pod-1"
    assert resource["host.name"] == socket.gethostname()


def test_a_collector_that_hangs_does_not_hold_a_process_back() -> None:
    with socket.socket() as silent:  # takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        said = run(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert said["recording"]
    assert 0.9 < said["took"] < 8
