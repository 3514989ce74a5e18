"""The example in Python does what docs/websocket.md says of clients."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.integration.gateway.listening import frame, number, position, raw_listening, scored
from tests.integration.gateway.stage import KEY, Stage, wait_for

EXAMPLE = Path(__file__).parents[3] / "clients" / "python" / "examples" / "follow.py"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("follow", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SHORTEST", 0.01)
    return module


def end_all(stage: Stage, code: int) -> None:
    hub = stage.app.state.hub

    async def end() -> None:
        for client in tuple(hub._pump.clients):
            client.outlet.end(code, "")

    wait_for(lambda: hub._pump.clients, "the example is there")
    stage.run(end())
    wait_for(lambda: not hub._pump.clients, "it is let go")


def test_it_comes_back_and_goes_on_where_it_was(stage: Stage, example: ModuleType) -> None:
    with raw_listening(stage) as client:
        begun = position(frame(client))
    frames: Iterator[dict[str, Any]] = example.follow(stage.url, KEY, ["messages"], begun)

    stage.publish(scored(1))
    seen = [number(next(frames))]
    end_all(stage, 1012)
    stage.publish(scored(2), scored(3))
    seen += [number(next(frames)), number(next(frames))]
    assert seen == [1, 2, 3]


def test_it_ends_when_coming_back_would_not_help(stage: Stage, example: ModuleType) -> None:
    with pytest.raises(example.RefusedError, match="4401"):
        next(example.follow(stage.url, "wrong", []))
    with pytest.raises(example.RefusedError, match=r"4400.*weather"):
        next(example.follow(stage.url, KEY, ["weather"]))
