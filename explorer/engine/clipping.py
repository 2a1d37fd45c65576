"""Gradient clipping. It bounds the step that an update takes; it does not touch the chain of factors behind it.

Every clipper takes {name: gradient} and a threshold, returns new arrays, and leaves the raw gradient alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Grads = dict[str, np.ndarray]


def global_norm(grads: Grads) -> float:
    """‖g‖ over all parameters together. The largest entry is taken out before squaring: 1e200 and 1e−200 are safe."""
    peak = float(np.max([np.abs(g).max() for g in grads.values()]))
    if peak == 0.0 or not np.isfinite(peak):
        return peak
    return peak * float(np.sqrt(sum(float(((g / peak) ** 2).sum()) for g in grads.values())))


def angle(a: Grads, b: Grads) -> float:
    """Angle in degrees between two gradients laid out as one vector; NaN if either is zero or not finite.

    2·atan2(‖u − v‖, ‖u + v‖) of the unit vectors u, v: right to the last digit also near 0° (Kahan 2006),
    where arccos of the cosine loses half of the digits.
    """
    norms = global_norm(a), global_norm(b)
    if not all(np.isfinite(n) and n > 0.0 for n in norms):
        return float("nan")
    difference = {name: a[name] / norms[0] - b[name] / norms[1] for name in a}
    total = {name: a[name] / norms[0] + b[name] / norms[1] for name in a}
    return float(np.degrees(2.0 * np.arctan2(global_norm(difference), global_norm(total))))


def check_finite(grads: Grads) -> None:
    """Clipping a gradient that overflowed would hide it: ∞ would become a step of 0, and NaN stays NaN."""
    for name, g in grads.items():
        if not np.isfinite(g).all():
            raise ValueError(f"gradient of {name} is not finite: lower the weight scale or the sequence length first")


def no_clip(grads: Grads, threshold: float) -> Grads:
    """The gradient as it is."""
    return dict(grads)


def clip_by_global_norm(grads: Grads, threshold: float) -> Grads:
    """g ← g · min(1, threshold/‖g‖): one factor for all parameters, so the direction stays.

    Pascanu, Mikolov & Bengio (2013), algorithm 1. ValueError if a gradient or their norm is not finite.
    """
    check_finite(grads)
    norm = global_norm(grads)
    if norm <= threshold:
        return dict(grads)
    if np.isinf(norm):  # every entry fits into float64, their norm does not
        raise ValueError("norm of the gradient is not finite: lower the weight scale or the sequence length first")
    return {name: g / norm * threshold for name, g in grads.items()}


def clip_by_value(grads: Grads, threshold: float) -> Grads:
    """g_i ← min(max(g_i, −threshold), threshold) entry by entry: large entries lose more, so the direction changes.

    ValueError if a gradient is not finite.
    """
    check_finite(grads)
    return {name: np.clip(g, -threshold, threshold) for name, g in grads.items()}


CLIPPERS: dict[str, Callable[[Grads, float], Grads]] = {
    "none": no_clip,
    "norm": clip_by_global_norm,
    "value": clip_by_value,
}
