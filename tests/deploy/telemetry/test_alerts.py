"""Alerts are raised of what is bad, of nothing else, and not of a rolling restart."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.telemetry.bad_cases import BAD
from tests.deploy.telemetry.cases import Case
from tests.deploy.telemetry.figures import ROOT, misfits
from tests.deploy.telemetry.good_cases import GOOD
from tests.deploy.telemetry.promtool import promtool

FILE = ROOT / "deploy/telemetry/alerts.yaml"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]
]
NAMES = [rule["alert"] for rule in RULES]


def test_prometheus_takes_the_rules() -> None:
    promtool("check", "rules", FILE)


def test_every_alert_is_tried() -> None:
    assert {name for case in BAD for name in case.fires} == set(NAMES)
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("cases", [BAD, GOOD], ids=["bad", "good"])
def test_alerts_are_raised_of_what_is_bad_alone(cases: list[Case], tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    tests = {
        "rule_files": [str(FILE)],
        "evaluation_interval": "15s",
        "tests": [written(case) for case in cases],
    }
    file.write_text(yaml.safe_dump(tests))
    promtool("test", "rules", file)


def written(case: Case) -> dict[str, Any]:
    """A case as promtool reads it: exactly these alerts are raised at that minute."""
    severities = {rule["alert"]: rule["labels"]["severity"] for rule in RULES}
    raised = [
        {
            "labels": "ALERTS"
            + labels_text(
                {"alertname": name, "alertstate": "firing", "namespace": "prod", "severity": severities[name]}
                | labels
            ),
            "value": 1,
        }
        for name, labels in case.fires.items()
    ]
    return {
        "name": case.name,
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "promql_expr_test": [
            {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{case.at}m", "exp_samples": raised}
        ],
    }


def labels_text(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


def test_summary_says_what_is_wrong_with_what(tmp_path: Path) -> None:
    case = next(case for case in BAD if "DeadLetters" in case.fires)
    expected = {
        "eval_time": f"{case.at}m",
        "alertname": "DeadLetters",
        "exp_alerts": [
            {
                "exp_labels": {
                    "namespace": "prod",
                    "queue": "scoring",
                    "reason": "failed",
                    "severity": "warning",
                },
                "exp_annotations": {
                    "summary": "Queue scoring: tasks were given up (failed)",
                    "description": "Within 15 minutes about 1 tasks of scoring in prod became dead letters. "
                    "They are kept for seven days.",
                    "runbook_url": "docs/runbooks.md#deadletters",
                },
            }
        ],
    }
    file = tmp_path / "summary.yaml"
    tests = [{**written(case), "promql_expr_test": [], "alert_rule_test": [expected]}]
    file.write_text(yaml.safe_dump({"rule_files": [str(FILE)], "evaluation_interval": "15s", "tests": tests}))
    promtool("test", "rules", file)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_alert_asks_for_what_is_told_and_says_what_to_do(rule: dict[str, Any]) -> None:
    texts = rule["annotations"]
    filled_in = re.findall(r"\$labels\.(\w+)", texts["summary"] + texts["description"])
    assert misfits(rule["expr"], [f"{{{{{label}}}}}" for label in filled_in]) == []
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert texts["summary"].count(":") >= 1, "say of which item it is, then what is wrong with it"
    assert "$labels.namespace" in texts["description"]
    assert texts["runbook_url"] == f"docs/runbooks.md#{rule['alert'].lower()}"


def test_configuration_of_prometheus_names_these_rules() -> None:
    config = yaml.safe_load((FILE.parent / "prometheus.yaml").read_text())
    assert [Path(path).name for path in config["rule_files"]] == [FILE.name]
    told = {
        relabel["target_label"]
        for scrape in config["scrape_configs"][:2]
        for relabel in scrape["relabel_configs"]
    }
    assert told == {"job", "namespace", "service"}


def test_prometheus_takes_its_configuration() -> None:
    promtool("check", "config", "--syntax-only", FILE.parent / "prometheus.yaml")


def test_gateway_knows_how_much_the_composed_nats_may_store() -> None:
    composed = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())
    told = int(composed["services"]["gateway"]["environment"]["TT_NATS_LIMIT_BYTES"])
    server = (ROOT / "deploy/compose/nats/nats.conf").read_text()
    assert re.findall(r"max_file_store: (\d+)GB", server) == [str(told >> 30)]


def test_a_query_that_nobody_can_answer_is_noticed() -> None:
    assert misfits("sum(rate(tt_no_such_total[5m]))") == ["nobody tells tt_no_such_total"]
    assert misfits("sum by (colour) (tt_queue_workers)") == ["no metric of it has the label colour"]
    assert misfits('tt_queue_workers{colour="red"}') == ["no metric of it has the label colour"]
    assert misfits("max by (queue) (tt_queue_workers)", ["{{queue}}"]) == []
