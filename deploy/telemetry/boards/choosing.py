"""What is chosen above a dashboard, and where its links lead."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

PROMETHEUS: Final = {"type": "prometheus", "uid": "${datasource}"}
RUNBOOKS: Final = "${runbooks}"


def links() -> list[dict[str, Any]]:
    """What stands above every dashboard: the others, a trace by its id, the run-books."""
    chain = {"refId": "A", "query": "${trace_id}"}
    return [
        {
            "type": "dashboards",
            "title": "Task Tracker",
            "tags": ["task-tracker"],
            "asDropdown": True,
            "includeVars": True,
            "keepTime": True,
        },
        {
            "type": "link",
            "title": "The trace of trace_id",
            "tooltip": "A run_id without its dashes is the trace id of its chain.",
            "url": _explore(chain),
            "targetBlank": True,
        },
        {"type": "link", "title": "Run-books", "url": RUNBOOKS, "targetBlank": True},
    ]


def traces_of_the_actor() -> dict[str, Any]:
    """The link from a line with the labels `service` and `actor` to the traces of that actor."""
    search = {
        "refId": "A",
        "queryType": "search",
        "service": "task-tracker-${__field.labels.service}",
        "operation": "process ${__field.labels.actor}",
    }
    return {"title": "Traces of this actor", "url": _explore(search), "targetBlank": True}


def _explore(query: Mapping[str, str]) -> str:
    """The address of Grafana's page of a query of Jaeger; what Grafana fills in stays as it is."""
    panes = {"a": {"datasource": "${jaeger}", "queries": [query], "range": {"from": "now-24h", "to": "now"}}}
    written = json.dumps(panes, separators=(",", ":"))
    return f"/explore?schemaVersion=1&orgId=1&panes={quote(written, safe='${}.')}"


def variables(*, by_service: bool) -> list[dict[str, Any]]:
    """What can be chosen: where the figures and traces come from, the installation, the service."""
    found = [
        _source("datasource", "Figures", "prometheus"),
        _source("jaeger", "Traces", "jaeger"),
        _values("namespace", "Installation", 'label_values(up{job="task-tracker"}, namespace)', many=False),
    ]
    if by_service:
        query = 'label_values(up{job="task-tracker", namespace="$namespace"}, service)'
        found.append(_values("service", "Service", query, many=True))
    return [
        *found,
        _text(
            "trace_id",
            "trace_id",
            "",
            "Of a log line, a dead letter or an answer; a run_id without its dashes.",
        ),
        _text(
            "runbooks", "Run-books at", "/docs/runbooks.md", "Where people of this installation read them."
        ),
    ]


def _source(name: str, label: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": "datasource",
        "query": kind,
        "current": {"text": kind.capitalize(), "value": kind},
        "hide": 0,
    }


def _values(name: str, label: str, query: str, *, many: bool) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": PROMETHEUS,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": many,
        "includeAll": many,
        **({"allValue": ".*", "current": {"text": "All", "value": "$__all"}} if many else {}),
    }


def _text(name: str, label: str, value: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "description": description,
        "type": "textbox",
        "query": value,
        "current": {"text": value, "value": value},
    }
