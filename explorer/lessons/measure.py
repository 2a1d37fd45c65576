"""What the lessons ask about a run: short names for differences of logarithms, all in decades."""

from __future__ import annotations

from explorer.engine.diagnostics import HORIZON
from explorer.engine.records import Trace


def change(trace: Trace) -> float:
    """log10 of ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖."""
    return float(trace.last_row[0] - trace.last_row[-1])


def vanishes(trace: Trace) -> bool:
    """The last loss's term falls below 1/1000 of its start on the way to step 1."""
    return change(trace) < HORIZON


def explodes(trace: Trace) -> bool:
    """It rises above 1000 times its start."""
    return change(trace) > -HORIZON


def stays(trace: Trace) -> bool:
    """Neither."""
    return not vanishes(trace) and not explodes(trace)
