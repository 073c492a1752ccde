"""One measured figure, and how sides are timed in turns."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A figure with its goal; without one it only informs.

    `goal` is the most that `value` may be, or the least where `at_least`. `spread` is the middle
    half of what was measured.
    """

    name: str
    value: float
    unit: str
    goal: float | None
    spread: tuple[float, float]
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the goal is met; without one there is nothing to miss."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def as_row(self) -> dict[str, Any]:
        """Return the figure as `latest.json` has it."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "goal": self.goal,
            "holds": self.holds,
            "spread": self.spread,
        }

    def __str__(self) -> str:
        """One line of the table."""
        low, high = self.spread
        goal = ""
        if self.goal is not None:
            sign = ">=" if self.at_least else "<="
            goal = f"goal {sign} {self.goal:g}  {'holds' if self.holds else 'MISSED'}"
        return f"{self.name:<74} {self.value:8.2f} {self.unit:<4} ({low:.2f} to {high:.2f})  {goal}"


def ratio(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    goal: float | None,
    rounds: int,
    at_least: bool = False,
) -> Figure:
    """Time two calls in turns and return how many times longer the first one takes."""
    times = [(seconds(ours), seconds(floor)) for _ in range(rounds)]
    value = median(a for a, _ in times) / median(b for _, b in times)
    return figure(name, value, [a / b for a, b in times], "x", goal=goal, at_least=at_least)


def absolute(name: str, times: list[float], unit: str, *, goal: float | None) -> Figure:
    """Return the median of what was measured, in its unit."""
    return figure(name, median(times), times, unit, goal=goal)


def figure(
    name: str,
    value: float,
    measured: list[float],
    unit: str,
    *,
    goal: float | None = None,
    at_least: bool = False,
) -> Figure:
    """Return a figure with the middle half of what was measured as its spread."""
    low, _, high = quantiles(measured, n=4) if len(measured) > 1 else measured * 3
    spread = (round(low, 3), round(high, 3))
    return Figure(name, round(value, 3), unit, goal, spread, at_least)


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = perf_counter()
    call()
    return perf_counter() - start
