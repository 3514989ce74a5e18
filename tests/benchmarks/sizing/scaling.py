"""Replicas by lag, as Kubernetes' autoscaler with KEDA's figures decides."""

import math
from collections import deque
from dataclasses import dataclass, field

from tests.benchmarks.sizing.assumptions import Scaler


@dataclass
class Autoscaler:
    """Decides every so often; a pod that it starts works after a while.

    See https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ for the rules.

    Attributes:
        scaler: Its settings.
        start_seconds: Until a new pod takes work.
        wanted: Replicas that there are, those that start included.
    """

    scaler: Scaler
    start_seconds: float
    wanted: int = field(init=False)
    _starting: deque[float] = field(default_factory=deque)
    _asked_for: deque[tuple[int, int]] = field(default_factory=deque)
    _grew: deque[tuple[int, int]] = field(default_factory=deque)
    _last_down: int = -(10**9)

    def __post_init__(self) -> None:
        self.wanted = self.scaler.least

    def ready(self, second: int) -> int:
        """Replicas that take work."""
        while self._starting and self._starting[0] <= second:
            self._starting.popleft()
        return self.wanted - len(self._starting)

    def look(self, second: int, lag: float) -> None:
        """See the lag, and start or end replicas."""
        asked = self._asked(lag)
        window = self.scaler.down_after
        self._asked_for.append((second, asked))
        while self._asked_for[0][0] <= second - window:
            self._asked_for.popleft()
        if asked > self.wanted:
            self._grow(second, asked)
        else:
            self._shrink(second, max(number for _, number in self._asked_for))

    def _asked(self, lag: float) -> int:
        """What the lag asks for; close to the target it stays as it is."""
        if abs(lag / (self.scaler.target * self.wanted) - 1) <= self.scaler.tolerance:
            return self.wanted
        return max(self.scaler.least, math.ceil(lag / self.scaler.target))

    def _grow(self, second: int, asked: int) -> None:
        while self._grew and self._grew[0][0] <= second - self.scaler.up_window:
            self._grew.popleft()
        before = self.wanted - sum(number for _, number in self._grew)
        most = before + max(before, self.scaler.up_pods)
        more = min(asked, most) - self.wanted
        if more > 0:
            self._grew.append((second, more))
            self._starting.extend([second + self.start_seconds] * more)
            self.wanted += more

    def _shrink(self, second: int, asked: int) -> None:
        if asked < self.wanted and second - self._last_down >= self.scaler.down_every:
            self._last_down = second
            self.wanted -= 1
            if self._starting:
                self._starting.pop()
