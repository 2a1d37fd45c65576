"""Norms of numbers that float64 can hold and whose squares it cannot."""

from __future__ import annotations

import numpy as np

COMFORT = 1e240  # squares in [1/COMFORT, COMFORT] are far inside float64's 1e±308


def log10_norms(u: np.ndarray) -> np.ndarray:
    """log10 of the Frobenius norm over the last two axes, (..., N, H) → (...); −inf for exact zeros, ∞ for overflow.

    A naive norm underflows at half the exponent, 1e−162: where the square leaves the comfortable range, the largest
    entry is taken out before squaring.
    """
    flat = u.reshape(*u.shape[:-2], -1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        squares = np.vecdot(flat, flat)
        logs = 0.5 * np.log10(squares)
        most = min(COMFORT, 1e-8 * float(np.finfo(squares.dtype).max))  # float32 ends far earlier
        comfortable = (squares > 1.0 / most) & (squares < most)
        if comfortable.all():
            return logs
        peak = np.abs(flat).max(axis=-1, keepdims=True)
        scaled = np.where((peak > 0.0) & (peak < np.inf), flat / peak, peak)  # 0, ∞ and NaN speak for themselves
        return np.where(comfortable, logs, 0.5 * np.log10((scaled**2).sum(axis=-1)) + np.log10(peak[..., 0]))
