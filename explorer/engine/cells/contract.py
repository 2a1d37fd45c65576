"""What a recurrent cell is: a few functions, so that the loops over time (`bptt.py`, `flow.py`) are the same for all.

The state s_t (N, S) is h_t alone, or h_t and c_t side by side. One step forward, one step back:

    step(params, x, s_prev, activation) → s, a        a (N, P) holds everything that weights and biases add up to
    factors(a, states, activation)                    all that backward needs and that is elementwise, all steps at once

    complete(ds, factors)                             in place: what c_t sends through h_t of the same step
    to_pre(ds, factors, out) → da                     from the state to a, elementwise; one step, or all of them
    step_backward(params, ds, factors, out) → ds_prev, da          from s_t to s_{t−1}
    jacobian(params, factors) → ∂s_t/∂s_{t−1}         step_backward as a matrix, for many rows at once
    gradients(x, h_prev, da) → {name: gradient}       of the cell's own parameters

ds (N, S) is ∂L/∂s_t: for h_t with c_t held; for c_t in total, once `complete` has added the path through h_t. The
first columns of da (N, P), as many as W_hh has, are those of the sums that W_hh takes part in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Activation

Params = dict[str, np.ndarray]


def nothing(ds: np.ndarray, factors: np.ndarray) -> None:
    """`complete` of a cell whose state is h alone."""


def no_gates(a: np.ndarray) -> dict[str, np.ndarray]:
    """`gates` of a cell that has none."""
    return {}


@dataclass(frozen=True)
class Cell:
    """A recurrent cell. `shapes(D, H)` names its own parameters, in the order in which pages list them.

    parts      what the state consists of, H columns each
    width      P/H: how many columns of H stand in a
    blocks     the column blocks of W_xh and W_hh, H columns each
    candidate  the block that proposes new content: for the vanilla cell, all there is
    keeper     the block of the gate that keeps the old content (forget_bias is its bias)
    gates(a)   {name: value}, each (..., N, H)
    carry      (ds, factors) → the part of ds_prev that passes no weight; None where there is no such path
    """

    step: Callable[[Params, np.ndarray, np.ndarray, Activation], tuple[np.ndarray, np.ndarray]]
    factors: Callable[[np.ndarray, np.ndarray, Activation], np.ndarray]
    to_pre: Callable[..., np.ndarray]
    step_backward: Callable[..., tuple[np.ndarray, np.ndarray]]
    jacobian: Callable[[Params, np.ndarray], np.ndarray]
    gradients: Callable[[np.ndarray, np.ndarray, np.ndarray], Params]
    shapes: Callable[[int, int], dict[str, tuple[int, ...]]]
    title: str
    parts: tuple[str, ...] = ("h",)
    width: int = 1
    blocks: tuple[str, ...] = ("h",)
    candidate: str = "h"
    keeper: str | None = None
    gates: Callable[[np.ndarray], dict[str, np.ndarray]] = no_gates
    complete: Callable[[np.ndarray, np.ndarray], None] = nothing
    carry: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None

    @property
    def gated(self) -> bool:
        """Gated cells have σ and tanh where their definition says so; an activation φ is the vanilla cell's."""
        return self.keeper is not None

    def split(self, s: np.ndarray) -> dict[str, np.ndarray]:
        """{part: its columns}, views. (..., S) → (..., H) each."""
        H = s.shape[-1] // len(self.parts)
        return {part: s[..., j * H : (j + 1) * H] for j, part in enumerate(self.parts)}


def columns(u: np.ndarray, n: int) -> list[np.ndarray]:
    """n blocks of columns, views. (..., n·H) → n × (..., H)."""
    H = u.shape[-1] // n
    return [u[..., j * H : (j + 1) * H] for j in range(n)]


def in_blocks(u: np.ndarray, n: int) -> np.ndarray:
    """The same columns with an axis that counts their n blocks, a view. (..., n·H) → (..., n, H)."""
    return u.reshape(*u.shape[:-1], n, -1)


def through(factor: np.ndarray, W: np.ndarray) -> np.ndarray:
    """diag(factor) Wᵀ, one matrix per sequence. factor (..., N, H), W (..., H, H) → (..., N, H, H)."""
    return factor[..., :, None] * W.mT[..., None, :, :]


def diagonal(J: np.ndarray) -> np.ndarray:
    """The diagonal of each matrix, a view to write to. (..., H, H) → (..., H)."""
    return np.einsum("...ii->...i", J)


def laid_out_for_backward(params: Params) -> Params:
    """The same numbers, W_hh by columns: then its transpose is contiguous, and BLAS up to 1.6 × faster."""
    return {**params, "W_hh": params["W_hh"].mT.copy().mT}
