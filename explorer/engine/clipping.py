"""Gradient clipping. It bounds the step that an update takes; it does not touch the chain of factors behind it.

Every clipper takes {name: gradient} and a threshold, returns new arrays, and leaves the raw gradient alone.
One kind, "step", is no function of the finished gradient: it acts inside the backward loop, see `bptt(…, clip_at)`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Grads = dict[str, np.ndarray]


def global_norm(grads: Grads) -> float:
    """‖g‖ over all parameters together. 1e200 and 1e−200 are safe: where the sum of squares leaves the comfortable
    middle of float32 and float64, the largest entry is taken out before squaring.
    """
    square = sum(float(np.vdot(g, g)) for g in grads.values())
    if 1e-20 < square < 1e20:
        return float(np.sqrt(square))
    peak = largest_entry(grads)
    if peak == 0.0 or not np.isfinite(peak):
        return peak
    return peak * norm_over(grads, peak)


def largest_entry(grads: Grads) -> float:
    """max |g_i| over all parameters together."""
    return float(np.max([np.abs(g).max() for g in grads.values()]))


def norm_over(grads: Grads, peak: float) -> float:
    """‖g/peak‖: with the largest entry as peak, between 1 and √(number of entries), whatever the size of g."""
    return float(np.sqrt(sum(float(((g / peak) ** 2).sum()) for g in grads.values())))


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

    A long one is scaled by its largest entry first, so that it is right wherever the entries themselves are numbers,
    even where ‖g‖ is not.   Pascanu, Mikolov & Bengio (2013), algorithm 1. ValueError if a gradient is not finite.
    """
    norm = global_norm(grads)
    if norm <= threshold:
        return dict(grads)
    if norm < 1e20:  # also a float32 can be multiplied by the quotient
        return {name: g * (threshold / norm) for name, g in grads.items()}
    check_finite(grads)
    peak = largest_entry(grads)
    length = norm_over(grads, peak)
    return {name: g / peak * (threshold / length) for name, g in grads.items()}


def clip_by_parameter_norm(grads: Grads, threshold: float) -> Grads:
    """The same for each parameter on its own: every ‖g_name‖ ≤ threshold. What is long loses more: the direction of g
    changes, that of each parameter's part stays.   ValueError if a gradient is not finite.
    """
    return {name: clip_by_global_norm({name: g}, threshold)[name] for name, g in grads.items()}


def clip_by_value(grads: Grads, threshold: float) -> Grads:
    """g_i ← min(max(g_i, −threshold), threshold) entry by entry: large entries lose more, so the direction changes.

    ValueError if a gradient is not finite.
    """
    check_finite(grads)
    return {name: np.clip(g, -threshold, threshold) for name, g in grads.items()}


def naive_clip_by_norm(grads: Grads, threshold: float) -> Grads:
    """The line as it is often written: g · min(1, threshold/√Σg²), in the precision of g. Kept to show how it fails.

    Once g² overflows, √Σg² = ∞ and the factor is 0: every entry becomes 0, and one that is ∞ itself becomes NaN.
    """
    norm = naive_norm(grads)
    return {name: g * np.minimum(1.0, threshold / norm) for name, g in grads.items()}


def naive_norm(grads: Grads) -> np.floating:
    """√Σg² in the precision of g: ∞ for float32 entries from 1.8·10¹⁹ on, although float32 reaches to 3.4·10³⁸."""
    return np.sqrt(sum((g**2).sum() for g in grads.values()))


def share_cut(raw: Grads, clipped: Grads) -> float:
    """Share of all entries that clipping made different."""
    return float(np.mean(np.concatenate([(raw[name] != clipped[name]).ravel() for name in raw])))


CLIPPERS: dict[str, Callable[[Grads, float], Grads] | None] = {
    "none": no_clip,
    "norm": clip_by_global_norm,
    "parameter": clip_by_parameter_norm,
    "value": clip_by_value,
    "step": None,  # inside the backward loop: `bptt(…, clip_at)`
}
