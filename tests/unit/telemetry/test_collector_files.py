"""The collector's, the load balancer's and Jaeger's files, as far as they can be checked without programs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.messaging import attempts
from shared.telemetry import keeping

FOLDER = Path("deploy/telemetry")
FILES = ("collector.yaml", "loadbalancer.yaml", "jaeger.yaml")
SECTIONS = ("receivers", "processors", "exporters", "extensions")
POLICIES = {
    "status_code",
    "latency",
    "trace_state",
    "numeric_attribute",
    "string_attribute",
    "boolean_attribute",
    "probabilistic",
}
"""Types of policies that the tail sampling processor knows, of those that are used."""


def load(name: str) -> dict[str, Any]:
    """A file as the collector reads it, variables replaced by what stands for them when they are not set."""
    text = re.sub(r"\$\{env:\w+:-([^}]*)\}", r"\1", (FOLDER / name).read_text())
    assert "${" not in text, "a variable without a value for when it is not set"
    read: dict[str, Any] = yaml.safe_load(text)
    return read


@pytest.mark.parametrize("name", FILES)
def test_whatever_is_used_is_defined_and_whatever_is_defined_is_used(name: str) -> None:
    config = load(name)
    used: dict[str, set[str]] = {section: set() for section in SECTIONS}
    used["extensions"] = set(config["service"]["extensions"])
    for pipeline in config["service"]["pipelines"].values():
        for section in ("receivers", "processors", "exporters"):
            used[section] |= set(pipeline[section])
    assert {section: set(config.get(section) or {}) for section in SECTIONS} == used


@pytest.mark.parametrize("name", FILES)
def test_each_variable_is_told_of_at_the_top(name: str) -> None:
    text = (FOLDER / name).read_text()
    head = text.partition("\n\n")[0]
    assert set(re.findall(r"\$\{env:(\w+)", text)) == set(re.findall(r"^#   ([A-Z_]+)  ", head, re.MULTILINE))


@pytest.mark.parametrize("name", FILES)
def test_services_reach_it_and_probes_see_it(name: str) -> None:
    config = load(name)
    protocols = config["receivers"]["otlp"]["protocols"]
    assert protocols["http"]["endpoint"] == "0.0.0.0:4318"
    assert protocols["grpc"]["endpoint"] == "0.0.0.0:4317"
    health = next(value for key, value in config["extensions"].items() if key.startswith("health"))
    assert health.get("http", health)["endpoint"] == "0.0.0.0:13133"


def policies() -> dict[str, dict[str, Any]]:
    found = load("collector.yaml")["processors"]["tail_sampling"]["policies"]
    assert len({policy["name"] for policy in found}) == len(found)
    return {policy["name"]: policy for policy in found}


def test_each_policy_has_the_settings_of_its_type() -> None:
    for policy in policies().values():
        assert policy["type"] in POLICIES
        assert set(policy) == {"name", "type", policy["type"]}


def test_memory_is_limited_first_and_batches_are_made_last() -> None:
    assert load("collector.yaml")["service"]["pipelines"]["traces"]["processors"] == [
        "memory_limiter",
        "tail_sampling",
        "batch",
    ]


def test_the_policies_look_for_what_the_services_write() -> None:
    by_name = policies()
    assert by_name["marked"]["trace_state"] == {"key": keeping.KEY, "values": [keeping.KEEP]}
    source = Path(attempts.__file__).read_text()
    for name, kind in (("tried-again", "numeric_attribute"), ("ended-badly", "string_attribute")):
        assert f'"{by_name[name][kind]["key"]}"' in source
    letters = Path("shared/service/dead_letters.py").read_text()
    assert f'"{by_name["dead-letters"]["boolean_attribute"]["key"]}": True' in letters
    assert by_name["tried-again"]["numeric_attribute"]["min_value"] == 2


def test_what_comes_late_of_a_dropped_chain_is_judged_anew() -> None:
    sampling = load("collector.yaml")["processors"]["tail_sampling"]
    assert sampling["decision_cache"]["non_sampled_cache_size"] == 1
    assert sampling["decision_cache"]["sampled_cache_size"] >= 10 * sampling["num_traces"]
    assert float(sampling["decision_wait"].removesuffix("s")) <= attempts.LATE


def test_the_load_balancer_passes_spans_on_by_their_trace_to_where_they_are_taken() -> None:
    balancing = load("loadbalancer.yaml")["exporters"]["loadbalancing"]
    assert balancing["routing_key"] == "traceID"
    assert balancing["resolver"]["dns"]["port"] == 4317


def test_jaeger_reads_where_it_writes() -> None:
    config = load("jaeger.yaml")
    (backend,) = config["extensions"]["jaeger_storage"]["backends"]
    assert config["extensions"]["jaeger_query"]["storage"]["traces"] == backend
    assert config["exporters"]["jaeger_storage_exporter"]["trace_storage"] == backend
