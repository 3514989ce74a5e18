"""Exemplars: a scrape of a container names the last trace in each bucket, whichever process ran it."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as plain_families
from prometheus_client.samples import Exemplar

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
SETUP = """
import os, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from shared.telemetry.exemplars import TracedHistogram
from prometheus_client import Counter, Gauge

SECONDS = TracedHistogram("test_seconds", "Time", ["actor"], buckets=(0.1, 1))
ALIVE = Gauge("test_alive", "Now", multiprocess_mode="livesum")

def run(actor, seconds, trace_id, sampled=True):
    context = SpanContext(trace_id, 1, is_remote=False, trace_flags=TraceFlags(int(sampled)))
    with trace.use_span(NonRecordingSpan(context)):
        SECONDS.labels(actor).observe(seconds)
"""
SCRAPE = """
from shared.telemetry.exposition import expose
body, content_type = expose(sys.argv[1])
print(content_type)
print(body.decode(), end="")
"""


def python(program: str, *arguments: str, folder: Path | None) -> str:
    environment = {} if folder is None else {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


def scraped(folder: Path | None, setup: str = SETUP) -> dict[tuple[str, str], Exemplar | None]:
    """The exemplars of a scrape, by actor and bound."""
    content_type, _, text = python(setup + SCRAPE, OPEN_METRICS, folder=folder).partition("\n")
    assert content_type.startswith("application/openmetrics-text")
    return {
        (sample.labels["actor"], sample.labels["le"]): sample.exemplar
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        for sample in family.samples
        if sample.name == "test_seconds_bucket"
    }


def trace_of(exemplar: Exemplar | None) -> int | None:
    return None if exemplar is None else UUID(exemplar.labels["trace_id"]).int


def test_scrape_has_the_last_trace_of_each_bucket_from_any_process(tmp_path: Path) -> None:
    python(SETUP + 'run("save", 0.05, 11); run("save", 0.06, 12); run("save", 5, 13)', folder=tmp_path)
    python(SETUP + 'run("save", 0.5, 21); run("score", 0.5, 22); run("save", 0.07, 23)', folder=tmp_path)
    found = scraped(tmp_path)
    assert {place: trace_of(exemplar) for place, exemplar in found.items()} == {
        ("save", "0.1"): 23,
        ("save", "1.0"): 21,
        ("save", "+Inf"): 13,
        ("score", "0.1"): None,
        ("score", "1.0"): 22,
        ("score", "+Inf"): None,
    }
    last = found["save", "0.1"]
    assert last is not None
    assert last.value == 0.07


def test_single_process_has_them_as_well() -> None:
    found = scraped(None, SETUP + 'run("save", 0.05, 11)\n')
    assert trace_of(found["save", "0.1"]) == 11


def test_trace_that_is_not_sampled_is_no_exemplar(tmp_path: Path) -> None:
    python(
        SETUP + 'run("save", 0.05, 11, sampled=False); SECONDS.labels("save").observe(0.2)', folder=tmp_path
    )
    assert set(scraped(tmp_path).values()) == {None}


def test_forked_child_keeps_its_own(tmp_path: Path) -> None:
    forking = """
run("save", 0.05, 11)
child = os.fork()
run("save", 0.5, 12) if child else run("save", 5, 13)
if not child: os._exit(0)
os.waitpid(child, 0)
"""
    python(SETUP + forking, folder=tmp_path)
    assert [trace_of(found) for found in scraped(tmp_path).values()] == [11, 12, 13]


def test_entry_that_is_being_written_is_passed_over(tmp_path: Path) -> None:
    python(SETUP + 'run("save", 0.05, 11); run("save", 0.5, 12)', folder=tmp_path)
    (file,) = tmp_path.glob("*.exemplars")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert [trace_of(found) for found in scraped(tmp_path).values()] == [11, None, None]
    file.write_bytes(content[:-7])
    assert [trace_of(found) for found in scraped(tmp_path).values()] == [11, None, None]


def test_who_asks_for_plain_text_gets_it_without(tmp_path: Path) -> None:
    python(SETUP + 'run("save", 0.05, 11)', folder=tmp_path)
    content_type, _, text = python(SETUP + SCRAPE, "text/plain", folder=tmp_path).partition("\n")
    assert content_type.startswith("text/plain")
    (family,) = [found for found in plain_families(text) if found.name == "test_seconds"]
    assert "trace_id" not in text
    assert {sample.value for sample in family.samples if sample.name.endswith("_count")} == {1.0}


def test_what_a_dead_process_said_of_the_present_counts_no_more(tmp_path: Path) -> None:
    python(SETUP + 'ALIVE.set(5); run("save", 0.05, 11)', folder=tmp_path)
    text = python(SETUP + "ALIVE.set(2)\n" + SCRAPE, OPEN_METRICS, folder=tmp_path)
    assert "test_alive 2.0" in text
    assert 'test_seconds_count{actor="save"} 1.0' in text
