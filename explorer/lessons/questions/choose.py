"""Choose one of a few options."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.figures.theme import Picture, axis, layout
from explorer.lessons.questions.common import Score, Traces, counted, whole_ticks
from explorer.specs import short

LETTERS = 33  # in a line of an option, beside its bar: bold ones find room, too


@dataclass(frozen=True)
class Option:
    """One answer to choose: `right(traces)` says whether it holds, `because` what there is to say to who chose it."""

    text: str
    right: Callable[[Traces], bool]
    because: str


@dataclass(frozen=True)
class Choose:
    """One of 2–4 options by name. An answer is a name."""

    options: Mapping[str, Option]

    def truth(self, traces: Traces) -> str:
        """The one option that holds."""
        (name,) = (name for name, option in self.options.items() if option.right(traces))
        return name

    def check(self, answer: Any) -> str:
        """A name of an option."""
        if not isinstance(answer, str) or answer not in self.options:
            raise ValueError(f"answer = {short(answer)} is unknown: choose one of {', '.join(self.options)}")
        return answer

    def score(self, answer: str, truth: str) -> Score:
        """What there is to say to this choice."""
        return Score(answer == truth, self.options[answer].because)

    def pooled(self, answers: Sequence[str], truth: str, reveal: bool = True) -> Picture:
        """How many chose what."""
        counts, names = Counter(answers), list(self.options)
        n = np.array([counts[name] for name in names])
        ticks = ["<br>".join(textwrap.wrap(self.options[name].text, LETTERS)) for name in names]
        if reveal:
            marked = "<br>".join(textwrap.wrap(f"✓ {self.options[truth].text}", LETTERS))
            ticks[names.index(truth)] = f"<b>{marked}</b>"
        colours = ["$text" if reveal and name == truth else "$faint@0.7" for name in names]
        bars = {
            "type": "bar",
            "orientation": "h",
            "x": n,
            "y": np.arange(len(names)),
            "text": [str(count) for count in n],
            "textposition": "outside",
            "cliponaxis": False,
            "marker": {"color": colours},
            "hoverinfo": "skip",
        }
        rows = axis(
            range=[len(names) - 0.5, -0.5],
            tickmode="array",
            tickvals=list(range(len(names))),
            ticktext=ticks,
            showgrid=False,
            automargin=True,
        )
        most = axis(range=[0, max(1.15 * int(n.max()), 1)], title={"text": "answers"}, dtick=whole_ticks(n))
        picture = {"data": [bars], "layout": layout(xaxis=most, yaxis=rows, showlegend=False)}
        scores = [self.score(answer, truth) for answer in answers] if reveal else None
        return Picture("What was chosen", picture, counted(len(answers), scores))
