"""Dashboards ask for what our processes tell, lead where they say, and are what their source says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from deploy.telemetry.boards.__main__ import BOARDS, FOLDER
from deploy.telemetry.boards.model import write_board
from tests.deploy.telemetry.figures import misfits
from tests.deploy.telemetry.promtool import promtool

FILES = sorted(FOLDER.glob("*.json"))
BUILT_IN = {"__all", "__rate_interval", "__field.labels.service", "__field.labels.actor"}
VALUES = {"$__rate_interval": "5m", "$namespace": "tests", "$service": "scoring"}
UNITS = {"s", "short", "ops", "reqps", "percentunit", "currencyUSD", "bytes"}
LINES = ("timeseries", "stat")


def read(path: Path) -> dict[str, Any]:
    model: dict[str, Any] = json.loads(path.read_text())
    return model


def panels(path: Path) -> list[dict[str, Any]]:
    return [panel for panel in read(path)["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str, str, str]]:
    """Board, panel, query and legend of every query there is."""
    for path in FILES:
        for panel in panels(path):
            for target in panel["targets"]:
                yield path.stem, panel["title"], target["expr"], target["legendFormat"]


def test_files_are_what_their_source_says() -> None:
    assert {path.stem for path in FILES} == set(BOARDS)
    for name, board in BOARDS.items():
        written = (FOLDER / f"{name}.json").read_text()
        assert written == write_board(board), "run: python -m deploy.telemetry.boards"


def test_queries_ask_for_what_is_told() -> None:
    wrong = [
        f"{board}, {panel}: {misfit}"
        for board, panel, query, legend in queries()
        for misfit in misfits(query, [legend])
    ]
    assert wrong == []


def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    rules = []
    for number, (_, _, query, _) in enumerate(queries()):
        filled = query
        for variable, value in VALUES.items():
            filled = filled.replace(variable, value)
        rules.append({"record": f"query:number:{number}", "expr": filled})
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": rules}]}))
    promtool("check", "rules", file)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_panels_are_told_apart_and_described(path: Path) -> None:
    ids = [panel["id"] for panel in read(path)["panels"]]
    assert len(ids) == len(set(ids))
    titles = [panel["title"] for panel in panels(path)]
    assert len(titles) == len(set(titles))
    for panel in panels(path):
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert panel["targets"], panel["title"]
        legends = [target["legendFormat"] for target in panel["targets"]]
        assert panel["type"] not in LINES or "__auto" not in legends, (
            f"{panel['title']}: lines without a name"
        )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_panel_lies_on_another(path: Path) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in read(path)["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_variables_that_are_used_are_there_and_the_others_are_not(path: Path) -> None:
    model = read(path)
    defined = {variable["name"] for variable in model["templating"]["list"]}
    text = unquote(path.read_text())
    used = set(re.findall(r"\$\{([\w.]+)\}|\$(\w+)", text))
    names = {first or second for first, second in used}
    assert names - BUILT_IN == defined
    uids = {json.dumps(source) for source in re.findall(r'"uid": "([^"]+)"', text)} - {f'"{model["uid"]}"'}
    assert uids == {'"${datasource}"'}


def test_boards_have_addresses_of_their_own() -> None:
    assert len({read(path)["uid"] for path in FILES}) == len(FILES)
    assert len({read(path)["title"] for path in FILES}) == len(FILES)


def test_times_lead_to_traces() -> None:
    """Wherever quantiles of what has exemplars are shown, a point leads to a trace, and nowhere else."""
    for path in FILES:
        for panel in panels(path):
            for target in panel["targets"]:
                has_traces = re.search(
                    r"tt_(task|task_wait|gateway_request|llm_call|message_scored)_seconds_bucket",
                    target["expr"],
                )
                is_line = has_traces and panel["type"] == "timeseries"
                assert bool(is_line) == target["exemplar"], panel["title"]


def test_links_to_a_trace_are_queries_of_jaeger() -> None:
    for path in FILES:
        links = [link["url"] for link in read(path)["links"] if "panes=" in link.get("url", "")]
        links += [
            link["url"]
            for panel in panels(path)
            for link in panel["fieldConfig"]["defaults"].get("links", [])
        ]
        assert links
        for url in links:
            panes = json.loads(unquote(url.partition("panes=")[2]))
            assert panes["a"]["datasource"] == "${jaeger}"
            assert panes["a"]["queries"]


def test_sources_are_those_that_the_boards_begin_with() -> None:
    provisioned = yaml.safe_load((FOLDER.parent / "grafana/datasources/task-tracker.yaml").read_text())
    sources = {source["uid"]: source for source in provisioned["datasources"]}
    for path in FILES:
        begun = {
            variable["current"]["value"]
            for variable in read(path)["templating"]["list"]
            if variable["type"] == "datasource"
        }
        assert begun == sources.keys()
    (link,) = sources["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert (link["name"], link["datasourceUid"]) == ("trace_id", "jaeger")
    queries_of_spans = sources["jaeger"]["jsonData"]["tracesToMetrics"]["queries"]
    for query in queries_of_spans:
        assert misfits(query["query"].replace("$$__tags", "")) == []
