"""One gradient in float32, clipped the naive way and the safe way: what comes out, as a table."""

from __future__ import annotations

import numpy as np

from explorer.engine.clipping import Grads, clip_by_global_norm, global_norm, naive_clip_by_norm, naive_norm
from explorer.engine.records import Trace
from explorer.figures.theme import number


def overflow_table(trace: Trace, threshold: float) -> str:
    """A Markdown table: norm, factor and update of a run's gradient, in float32 naively and safely, and in float64."""
    exact = trace.used.grads
    with np.errstate(all="ignore"):  # the overflow is the subject
        single = {name: g.astype(np.float32) for name, g in exact.items()}
        naive = naive_clip_by_norm(single, threshold)
        norm = naive_norm(single)
        columns = [
            ["**naive**, float32", infinite(single), number(float(norm)), number(threshold / norm), outcome(naive)],
            ["**safe**, float32", infinite(single), number(global_norm(single)), *safely(single, threshold)],
            ["**safe**, float64", infinite(exact), number(global_norm(exact)), *safely(exact, threshold)],
        ]
    head = ["", "entries that are ∞", "‖g‖", "threshold/‖g‖", "length of the clipped gradient"]
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *columns]]
    return "\n".join(lines)


def infinite(grads: Grads) -> str:
    """How many entries are no longer numbers."""
    lost, size = (
        sum(int(n) for n in each) for each in zip(*((np.isinf(g).sum(), g.size) for g in grads.values()), strict=True)
    )
    return f"{lost:,} of {size:,}"


def safely(grads: Grads, threshold: float) -> list[str]:
    """Factor and outcome of the engine's own clipping, or that it refuses."""
    try:
        clipped = clip_by_global_norm(grads, threshold)
    except ValueError as error:
        return ["–", f"refused: {error}"]
    return [number(min(1.0, threshold / global_norm(grads))), outcome(clipped)]


def outcome(clipped: Grads) -> str:
    """The length of an update, or what has become of it."""
    lost = sum(int(np.isnan(g).sum()) for g in clipped.values())
    if lost:
        return f"NaN in {lost:,} entries, 0 in the others: the next forward pass is NaN"
    if not any(g.any() for g in clipped.values()):
        return "0: the update silently vanishes"
    return number(global_norm(clipped))
