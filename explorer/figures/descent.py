"""Gradient descent on one word: loss and the probability of the last target, update by update."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.engine.losses import perplexity
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number


def target_probability(trace: Trace) -> float:
    """The probability of the last step's target, first sequence."""
    return float(trace.probs[-1, 0, trace.targets[-1, 0]])


def descent_curve(traces: Sequence[Trace]) -> Picture:
    """Mean loss per step that takes one (left) and p(last target) (right) after 0, 1, 2, … updates."""
    updates = np.arange(len(traces))
    loss = np.array([trace.loss / trace.loss_mask.sum() for trace in traces])
    p = np.array([target_probability(trace) for trace in traces])
    target = traces[0].classes[traces[0].targets[-1, 0]]
    curve = {"type": "scatter", "mode": "lines+markers", "x": updates, "marker": {"size": 5}}
    return Picture(
        "Loss and probability over updates",
        {
            "data": [
                {**curve, "y": loss, "name": "mean loss", "line": {"color": "$text"}},
                {**curve, "y": p, "name": f"p({target})", "yaxis": "y2", "line": {"color": "$low", "dash": "dash"}},
            ],
            "layout": layout(
                xaxis=axis(
                    title={"text": "updates"},
                    range=[-0.2, max(len(traces) - 0.8, 5)],
                    dtick=1 if len(traces) < 20 else None,
                ),
                yaxis=axis(title={"text": "mean loss, nats"}, rangemode="tozero"),
                yaxis2=axis(
                    title={"text": f"p({target})"},
                    overlaying="y",
                    side="right",
                    range=[0, 1.02],
                    dtick=0.25,
                    showgrid=False,
                ),
            ),
        },
        f"After {len(traces) - 1} updates: mean loss {number(loss[0])} → {number(loss[-1])}, "
        f"perplexity {number(perplexity(loss[0]))} → {number(perplexity(loss[-1]))}, "
        f"p({target}) {number(p[0])} → {number(p[-1])}.",
    )
