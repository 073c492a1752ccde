"""One measured figure, and how two sides are timed in turns."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """A figure with its goal, the most that `value` may be; without one it only informs."""

    name: str
    value: float
    unit: str
    goal: float | None
    holds: bool
    spread: tuple[float, float]

    def __str__(self) -> str:
        """One line of the table."""
        low, high = self.spread
        told = f"goal <= {self.goal:g}  {'holds' if self.holds else 'MISSED'}" if self.goal else ""
        return f"{self.name:<58} {self.value:7.2f} {self.unit:<4} ({low:.2f} to {high:.2f})  {told}"


def ratio(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    goal: float | None,
    rounds: int,
) -> Figure:
    """Time two calls in turns and return how many times longer ours takes than the floor."""
    times = [(seconds(ours), seconds(floor)) for _ in range(rounds)]
    value = median(a for a, _ in times) / median(b for _, b in times)
    low, _, high = quantiles((a / b for a, b in times), n=4)
    holds = goal is None or value <= goal
    return Figure(name, round(value, 3), "x", goal, holds, (round(low, 3), round(high, 3)))


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = perf_counter()
    call()
    return perf_counter() - start
