"""What the kinds of questions have in common: a score, and the axes and words of a picture of many answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.theme import axis, power

Traces = Mapping[str, Trace]
NEAR = 1.0  # decades: as near as this counts as right


@dataclass(frozen=True)
class Score:
    """`right`, the verdict in words, and the gap in decades where there is one."""

    right: bool
    sentence: str
    decades: float | None = None


def is_number(value: Any) -> bool:
    """A finite real number; NaN, ∞ and booleans are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and -np.inf < value < np.inf


def off(gap: float) -> str:
    """A gap in decades as a factor: 0.7 decades off, a factor of 5."""
    return f"{gap:.1f} decades off, a factor of {power(gap, 2)}" if gap >= 0.05 else "right on it"


def counted(answers: int, scores: Sequence[Score] | None) -> str:
    """How many answers there are, and how many of them are right; a single one in words."""
    if scores and answers == 1:
        return scores[0].sentence
    words = f"{answers or 'No'} answer{'' if answers == 1 else 's'}"
    right = f", {sum(score.right for score in scores)} right" if scores else ""
    return f"{words}{right}."


def whole_ticks(counts: np.ndarray) -> int:
    """Distance of three or four ticks on an axis of counts: nobody answers by half."""
    return max(1, int(counts.max()) // 3)


def decades(low: float, high: float, title: dict | None, room: float) -> dict:
    """An axis of decades with some room at its ends."""
    parts = {"range": [low - room, high + room], "nticks": 8, "tickprefix": "10<sup>", "ticksuffix": "</sup>"}
    return axis(**parts, **({"title": title} if title else {}))


def stroke(x: np.ndarray, y: np.ndarray, colour: str, width: float, dash: str = "solid") -> dict:
    """A line."""
    style = {"color": colour, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": style, "hoverinfo": "skip"}
