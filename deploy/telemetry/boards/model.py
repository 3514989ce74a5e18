"""Dashboards as the files that Grafana reads.

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

import json
from typing import Any, Final

from deploy.telemetry.boards.choosing import PROMETHEUS, RUNBOOKS, links, traces_of_the_actor, variables
from deploy.telemetry.boards.panels import Board, Kind, Panel
from deploy.telemetry.boards.queries import Query

_WIDTH: Final = 24
_HEIGHT: Final = 8


def write_board(board: Board) -> str:
    """A dashboard as the file that Grafana reads."""
    panels: list[dict[str, Any]] = []
    top = 0
    for row in board.rows:
        panels.append(_heading(row.title, len(panels) + 1, top))
        top += 1
        left = 0
        for panel in row.panels:
            if left + panel.width > _WIDTH:
                left, top = 0, top + _HEIGHT
            panels.append(_panel(panel, len(panels) + 1, left, top))
            left += panel.width
        top += _HEIGHT
    model = {
        "uid": board.uid,
        "title": board.title,
        "description": board.description,
        "tags": ["task-tracker"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "links": links(),
        "templating": {"list": variables(by_service=board.by_service)},
        "panels": panels,
    }
    return json.dumps(model, indent=2, ensure_ascii=False) + "\n"


def _heading(title: str, number: int, top: int) -> dict[str, Any]:
    place = {"x": 0, "y": top, "w": _WIDTH, "h": 1}
    return {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}


def _panel(panel: Panel, number: int, left: int, top: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": PROMETHEUS,
        "gridPos": {"x": left, "y": top, "w": panel.width, "h": _HEIGHT},
        "targets": [_target(query, "ABCDEFGH"[place]) for place, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel.kind),
        "links": [
            {"title": f"Run-book of {alert}", "url": f"{RUNBOOKS}#{alert.lower()}", "targetBlank": True}
            for alert in panel.alerts
        ],
    }


def _target(query: Query, name: str) -> dict[str, Any]:
    return {
        "refId": name,
        "datasource": PROMETHEUS,
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "exemplar": query.exemplars,
        "instant": query.instant,
        "range": not query.instant,
        **({"format": "table"} if query.instant else {}),
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    steps = [{"value": value, "color": colour} for value, colour in panel.thresholds]
    drawn = {
        "fillOpacity": 30 if panel.stacked else 5,
        "lineWidth": 1,
        "showPoints": "never",
        "stacking": {"mode": "normal" if panel.stacked else "none"},
        "thresholdsStyle": {"mode": "line" if len(panel.thresholds) > 1 else "off"},
    }
    return {
        "unit": panel.unit,
        "min": 0,
        "thresholds": {"mode": "absolute", "steps": steps},
        "custom": drawn if panel.kind == "timeseries" else {},
        "links": [traces_of_the_actor()] if panel.traces else [],
    }


def _options(kind: Kind) -> dict[str, Any]:
    if kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}
    if kind == "table":
        return {"showHeader": True, "cellHeight": "sm"}
    return {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
