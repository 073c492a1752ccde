"""One measured figure, and how two sides are timed in turns."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """A figure with its goal: the most that `value` may be."""

    name: str
    value: float
    unit: str
    goal: float
    holds: bool
    spread: tuple[float, float]

    def __str__(self) -> str:
        """One line of the table."""
        low, high = self.spread
        told = "holds" if self.holds else "MISSED"
        return (
            f"{self.name:<58} {self.value:7.2f} {self.unit:<10} "
            f"({low:.2f} to {high:.2f})  goal <= {self.goal:g}  {told}"
        )


def ratio(
    name: str, ours: Callable[[], object], floor: Callable[[], object], *, goal: float, rounds: int
) -> Figure:
    """Time two calls in turns and return how many times longer ours takes than the floor."""
    times = [(seconds(ours), seconds(floor)) for _ in range(rounds)]
    value = median(a for a, _ in times) / median(b for _, b in times)
    low, _, high = quantiles((a / b for a, b in times), n=4)
    return Figure(name, round(value, 3), "x", goal, value <= goal, (round(low, 3), round(high, 3)))


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = perf_counter()
    call()
    return perf_counter() - start
