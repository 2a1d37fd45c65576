"""Numbers that explain a gradient flow: ρ, σ_max, the bound, the observed rate, the memory horizon, saturation.

All rates are decades per step back (log10 of a factor). Each definition is here once and nowhere else.
"""

from __future__ import annotations

import numpy as np

FLOAT32_ZERO = float(np.log10(2.0**-150))  # a float32 below half its smallest subnormal, 2⁻¹⁴⁹, rounds to 0
FLOAT64_ZERO = -1075 * float(np.log10(2.0))  # the same for float64, 2⁻¹⁰⁷⁴; both as log10
HORIZON = -3.0  # decades: the memory horizon is where a term has fallen below 1/1000
SATURATED = 0.1  # a unit is saturated at a step where φ′(a) < 0.1 γ


def spectral_radius(W: np.ndarray) -> np.ndarray:
    """ρ(W) = max |λ_i(W)|. (..., H, H) → (...)."""
    return np.abs(np.linalg.eigvals(W)).max(axis=-1)


def sigma_max(W: np.ndarray) -> np.ndarray:
    """σ_max(W) = ‖W‖₂, the most that W can enlarge any vector. (..., H, H) → (...)."""
    return np.linalg.svd(W, compute_uv=False)[..., 0]


def observed_rate(last_row: np.ndarray) -> float:
    """(log10 ‖∂L_T/∂h_1‖ − log10 ‖∂L_T/∂h_T‖)/(T − 1), decades per step back.

    last_row (T,) = log10 ‖∂L_T/∂h_k‖. NaN for T = 1, or where the loss itself sends nothing (p = y); −inf where the
    chain reaches exact zero.
    """
    T = len(last_row)
    if T < 2 or not np.isfinite(last_row[-1]):
        return float("nan")
    return float((last_row[0] - last_row[-1]) / (T - 1))


def memory_horizon(last_row: np.ndarray) -> int | None:
    """First lag at which ‖∂L_T/∂h_{T−lag}‖ < 10⁻³ ‖∂L_T/∂h_T‖; None where that lies beyond the sequence."""
    if not np.isfinite(last_row[-1]):
        return None
    below = np.flatnonzero(last_row[::-1] - last_row[-1] < HORIZON)
    return int(below[0]) if len(below) else None


def bound(last_row: np.ndarray, gamma: float, sigma: float) -> np.ndarray:
    """log10 of ‖∂L_T/∂h_T‖ · (γ σ_max)^(T−k): no term of a vanilla cell can lie above it. (T,) → (T,).

    Each factor is ‖diag(φ′(a)) W_hhᵀ‖ ≤ γ σ_max.   Pascanu et al. (2013), section 2.1.
    """
    lags = np.arange(len(last_row))[::-1]
    factor = gamma * sigma
    with np.errstate(divide="ignore", invalid="ignore"):
        return last_row[-1] + np.where(lags > 0, lags * np.log10(factor), 0.0)


def spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least, median and largest over the first axis (seeds), of those that are numbers; NaN where none is."""
    ordered, n = np.sort(values, axis=0), np.maximum((~np.isnan(values)).sum(axis=0), 1)  # NaN comes last
    places = (np.zeros_like(n), (n - 1) // 2, n // 2, n - 1)
    least, below, above, most = (np.take_along_axis(ordered, place[None], axis=0)[0] for place in places)
    return least, 0.5 * (below + above), most


def saturated_share(slopes: np.ndarray, gamma: float) -> float:
    """Share of (step, sequence, unit) with φ′(a) < 0.1 γ: there a unit lets less than a tenth of the most through."""
    return float((slopes < SATURATED * gamma).mean())
