"""Truncations of backpropagation through time, each a matrix of weights on the terms ∂L_t/∂h_k.

    truncated ∂L/∂h_k = Σ_{t≥k} mask[t, k] · ∂L_t/∂h_k

None of them touches the forward pass. Those that are a recurrence are given by `keep` (T,): what step t sends back
to step t − 1 is multiplied by keep[t], hence mask[t, k] = Π_{s=k+1…t} keep[s], and `bptt` runs them in linear time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Truncation:
    """keep(T, window, rng) → (T,), or None where no recurrence in linear time exists; mask(T, window, rng) → (T, T)."""

    keep: Callable[[int, int, np.random.Generator], np.ndarray] | None
    mask: Callable[[int, int, np.random.Generator], np.ndarray]
    min_window: int = 1


def full_keep(T: int, window: int, rng: np.random.Generator) -> np.ndarray:
    """Nothing is cut."""
    return np.ones(T)


def block_keep(T: int, window: int, rng: np.random.Generator) -> np.ndarray:
    """Cut into blocks of `window` steps: the state is carried into step t with t % window = 0 as a constant."""
    return np.where(np.arange(T) % window == 0, 0.0, 1.0)


def randomised_keep(T: int, window: int, rng: np.random.Generator) -> np.ndarray:
    """One random cut pattern shared by all losses; what survives is enlarged so that its mean is right.

    keep[s] = ξ_s/(1 − c), P(ξ_s = 0) = c = 1/window, window ≥ 2.   Tallec & Ollivier (2017), with constant c.
    """
    c = 1.0 / window
    return np.where(rng.random(T) < c, 0.0, 1.0 / (1.0 - c))


def product_mask(keep: np.ndarray) -> np.ndarray:
    """mask[t, k] = Π_{s=k+1…t} keep[s] for k ≤ t, else 0.   keep (T,) → (T, T)."""
    T = len(keep)
    factors = np.tril(np.tile(keep[:, None], (1, T)), -1) + np.triu(np.ones((T, T)))
    return np.tril(np.cumprod(factors, axis=0))


def sliding_mask(T: int, window: int, rng: np.random.Generator) -> np.ndarray:
    """Every loss looks back `window` states, its own included: 1 where 0 ≤ t − k < window."""
    return np.tri(T) - np.tri(T, k=-window)


def by_recurrence(keep: Callable[[int, int, np.random.Generator], np.ndarray], min_window: int = 1) -> Truncation:
    """A truncation that is a recurrence: its mask follows from `keep`."""
    return Truncation(keep, lambda T, window, rng: product_mask(keep(T, window, rng)), min_window)


TRUNCATIONS: dict[str, Truncation] = {
    "full": by_recurrence(full_keep),
    "block": by_recurrence(block_keep),
    "sliding": Truncation(None, sliding_mask),
    "randomised": by_recurrence(randomised_keep, min_window=2),
}
