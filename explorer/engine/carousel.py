"""The two kinds of paths back through a gated cell: along what a gate keeps, and through the weights.

    LSTM    c_t = f_t ∘ c_{t−1} + …     ∂L_t/∂c_k = (∏ f) ∘ ∂L_t/∂c_t, the carousel,  + all paths through W_hh
    GRU     h_t = z_t ∘ h_{t−1} + …     ∂L_t/∂h_k = (∏ z) ∘ ∂L_t/∂h_t,                + all paths through W_hh

The product runs over steps k+1…t. Both sums have a recurrence of their own; neither is a difference, so each is
right however small it is beside the other. Hochreiter & Schmidhuber (1997) truncate everything but the carousel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.cells import Cell, Params
from explorer.engine.norms import log10_norms


@dataclass(frozen=True, eq=False)
class Paths:
    """∂L_t/∂m_k of one loss, m the memory (c of the LSTM, h of the GRU), by the way it came; k = 0…t.

    carousel, gates (t+1, ..., N, H)                  along the kept memory alone; at least once through W_hh
    log10_carousel, log10_gates (t+1, ...)            their Frobenius norms over (N, H), exact past float64's range
    """

    carousel: np.ndarray
    gates: np.ndarray
    log10_carousel: np.ndarray
    log10_gates: np.ndarray


def paths(params: Params, factors: np.ndarray, dy: np.ndarray, cell: Cell) -> Paths:
    """Split the gradient of one loss. factors (t+1, ..., N, F) up to its step, dy (..., N, O) = ∂L_t/∂y_t.

    u goes from step to step by `carry`; v by `carry`, plus what u + v send through W_hh. ValueError without a carry.
    """
    if cell.carry is None:
        raise ValueError("the vanilla cell keeps nothing past its weights: choose a gated cell")
    W_hh, own = params["W_hh"], dy @ params["W_hy"].mT
    u = np.zeros((*own.shape[:-1], len(cell.parts) * own.shape[-1]))
    cell.split(u)["h"][...] = own
    cell.complete(u, factors[-1])
    v = np.zeros_like(u)
    u_bits = v_bits = np.zeros((*u.shape[:-2], 1, 1), dtype=np.int32)  # u stands for u · 2^u_bits, v for v · 2^v_bits
    found = []
    for k in reversed(range(len(factors))):
        if k < len(factors) - 1:
            da = cell.to_pre(np.ldexp(u, u_bits - v_bits) + v, factors[k + 1])
            u, v = cell.carry(u, factors[k + 1]), cell.carry(v, factors[k + 1])
            cell.split(v)["h"][...] += da[..., : W_hh.shape[-1]] @ W_hh.mT
            cell.complete(v, factors[k])
        e = exponent(u)
        u, u_bits = np.ldexp(u, -e), u_bits + e
        e = np.maximum(exponent(v), u_bits - v_bits)  # v's scale holds their sum
        v, v_bits = np.ldexp(v, -e), v_bits + e
        found.append([part for s, bits in ((u, u_bits), (v, v_bits)) for part in unscaled(cell.split(s), bits)])
    carousel, log10_carousel, gates, log10_gates = (np.stack(each[::-1]) for each in zip(*found, strict=True))
    return Paths(carousel, gates, log10_carousel, log10_gates)


def exponent(u: np.ndarray) -> np.ndarray:
    """The power of two above the largest entry, (..., N, S) → (..., 1, 1): scaling by it rounds nothing."""
    return np.frexp(np.abs(u).max(axis=(-2, -1), keepdims=True))[1]


def unscaled(parts: dict[str, np.ndarray], bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The memory, last of a state's parts, times 2^bits, and log10 of its norm, which no exponent is too large for."""
    *_, memory = parts.values()
    with np.errstate(over="ignore"):
        return np.ldexp(memory, bits), log10_norms(memory) + bits[..., 0, 0] * np.log10(2.0)
