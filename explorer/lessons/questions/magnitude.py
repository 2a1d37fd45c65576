"""Give a number on a slider of decades."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.figures.theme import Picture, axis, layout, power
from explorer.lessons.questions.common import NEAR, Score, Traces, counted, decades, is_number, off, stroke, whole_ticks
from explorer.specs import short


@dataclass(frozen=True)
class Magnitude:
    """A positive number on a slider of decades. An answer is its log10, from `low` to `high`.

    `value(traces)` is the number's log10; `unit` follows it in words; `symbol` stands on the axis.
    """

    symbol: str
    low: float
    high: float
    value: Callable[[Traces], float]
    unit: str = ""
    near: float = NEAR

    def truth(self, traces: Traces) -> float:
        """log10 of the number."""
        return float(self.value(traces))

    def check(self, answer: Any) -> float:
        """A number of decades on the slider."""
        if not is_number(answer) or not self.low <= answer <= self.high:
            raise ValueError(
                f"answer = {short(answer)} is not on the slider: choose from 10^{self.low:g} to 10^{self.high:g}"
            )
        return float(answer)

    def written(self, log10: float) -> str:
        """The number with its unit."""
        return power(log10, 2) + self.unit

    def score(self, answer: float, truth: float) -> Score:
        """The gap in decades."""
        gap = abs(answer - truth)
        words = f"You said {self.written(answer)}, it is {self.written(truth)}: {off(gap)}."
        return Score(gap <= self.near, words, gap)

    def pooled(self, answers: Sequence[float], truth: float, reveal: bool = True) -> Picture:
        """The answers as a histogram along the slider, one bar per half decade or more."""
        width = max(0.25, (self.high - self.low) / 40)
        edges = np.arange(self.low - width / 2, self.high + width, width)
        n, _ = np.histogram(np.asarray(answers, dtype=float), edges)
        top = max(int(n.max()), 1)
        data = [
            {
                "type": "bar",
                "x": edges[:-1] + width / 2,
                "y": n,
                "width": width * 0.9,
                "name": "answers",
                "marker": {"color": "$faint@0.7"},
                "hoverinfo": "skip",
            }
        ]
        if reveal:
            data.append({**stroke(np.full(2, truth), np.array([0, 1.1 * top]), "$text", 3.0), "name": "truth"})
        line = decades(self.low, self.high, {"text": self.symbol}, room=width)
        picture = {"data": data, "layout": layout(xaxis=line, yaxis=axis(range=[0, 1.2 * top], dtick=whole_ticks(n)))}
        scores = [self.score(answer, truth) for answer in answers] if reveal else None
        return Picture(f"What was said: {self.symbol}", picture, counted(len(answers), scores))
