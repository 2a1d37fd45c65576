"""Results, frozen. Every field with its symbol and shape; index t of a (T, ·) field belongs to hs[t + 1]."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine import diagnostics
from explorer.engine.activations import ACTIVATIONS, Activation
from explorer.engine.cells import CELLS, Cell, Params
from explorer.engine.clipping import global_norm
from explorer.engine.flow import Flow, gradient_flow
from explorer.engine.norms import log10_norms

if TYPE_CHECKING:  # for readers and type checkers only: the engine does not know the configuration
    from explorer.config import Config


@dataclass(frozen=True, eq=False)
class Gradients:
    """A gradient of L with respect to every state and every parameter.

    dhs (T, N, H)        ∂L/∂h_t: from this step's loss and from all later ones; of the LSTM with c_t held
    grads                {name: ∂L/∂parameter}, keyed and shaped like `Trace.params`
    dcs (T, N, H)        ∂L/∂c_t of the LSTM in total, the path through h_t = o ∘ tanh(c_t) included; else None
    """

    dhs: np.ndarray
    grads: Params
    dcs: np.ndarray | None = None

    @cached_property
    def log10_dh_norms(self) -> np.ndarray:
        """(T,) log10 ‖∂L/∂h_t‖, scaled before squaring; −inf where it is exactly 0."""
        return log10_norms(self.dhs)

    @cached_property
    def dh_norms(self) -> np.ndarray:
        """(T,) ‖∂L/∂h_t‖, Frobenius over N and H."""
        with np.errstate(over="ignore"):
            return 10.0**self.log10_dh_norms

    @cached_property
    def log10_dc_norms(self) -> np.ndarray | None:
        """(T,) log10 ‖∂L/∂c_t‖ of the LSTM, else None."""
        return None if self.dcs is None else log10_norms(self.dcs)

    @property
    def log10_memory_norms(self) -> np.ndarray:
        """(T,) the same of what the cell remembers by: c where there is one, else h."""
        return self.log10_dh_norms if self.dcs is None else self.log10_dc_norms

    @cached_property
    def dc_norms(self) -> np.ndarray | None:
        """(T,) ‖∂L/∂c_t‖ of the LSTM, else None."""
        if self.dcs is None:
            return None
        with np.errstate(over="ignore"):
            return 10.0**self.log10_dc_norms

    @cached_property
    def norms(self) -> dict[str, float]:
        """{name: Frobenius norm of that parameter's gradient}."""
        return {name: global_norm({name: g}) for name, g in self.grads.items()}

    @cached_property
    def norm(self) -> float:
        """‖g‖, the norm over all parameters together."""
        return global_norm(self.grads)


@dataclass(frozen=True, eq=False)
class Trace:
    """One run of one network on one batch: what went forward, what came back, what was cut and clipped.

    params {name: array}        xs (T, N, D)        targets (T, N) int or (T, N, O) float     loss_mask (T,)
    inputs, classes             names of the input symbols (T,) and of the outputs (O,)
    states (T+1, N, S), states[0] the initial one   pre (T, N, P) = a_t       factors (T, N, F), see `cells/contract.py`
    hs (T+1, N, H)                                  slopes (T, N, H) = φ′(a_t) of the vanilla cell, else None
    cs (T+1, N, H), gates {name: (T, N, H)}         of gated cells, else None and {}
    logits, probs (T, N, O)     losses (T,) batch means, loss their sum over the steps at which one is taken
    dlogits (T, N, O)           ∂L_t/∂logits_t for every t, whether or not the run takes a loss there
    full, truncated, clipped    Gradients; truncated is None if truncation is "full"; clipped holds the parameter
                                gradients of `truncated` (else `full`) after clipping, its dhs are unchanged, except
                                for clip = "step", which acts inside the backward loop and changes both;
                                clipped is None where a gradient is not finite: clipping would hide that
    last_row (T,)               log10 ‖∂L_T/∂h_k‖, the last row of the flow; last_row_c the same for c_k, or None
    rho, sigma_max, bound       of the vanilla cell, else None: a gated step back has no such simple factor
    flow                        every row of it, computed when first asked for
    """

    config: Config
    params: Params
    xs: np.ndarray
    targets: np.ndarray
    inputs: tuple[str, ...] | None
    classes: tuple[str, ...]
    loss_mask: np.ndarray
    states: np.ndarray
    pre: np.ndarray
    factors: np.ndarray
    logits: np.ndarray
    probs: np.ndarray
    dlogits: np.ndarray
    losses: np.ndarray
    loss: float
    full: Gradients
    truncated: Gradients | None
    clipped: Gradients | None
    last_row: np.ndarray
    last_row_c: np.ndarray | None
    rho: float | None
    sigma_max: float | None

    @property
    def cell(self) -> Cell:
        """The functions of this run's cell."""
        return CELLS[self.config.cell]

    @property
    def activation(self) -> Activation | None:
        """φ, φ′ and γ of this run; None for gated cells, which have no φ to choose."""
        return None if self.cell.gated else ACTIVATIONS[self.config.activation]

    @property
    def hs(self) -> np.ndarray:
        """(T+1, N, H) hidden states, hs[0] the initial one."""
        return self.cell.split(self.states)["h"]

    @property
    def cs(self) -> np.ndarray | None:
        """(T+1, N, H) cell states of the LSTM, else None."""
        return self.cell.split(self.states).get("c")

    @property
    def memory(self) -> str:
        """The part of the state by which the cell remembers, and which is followed back: c of the LSTM, else h."""
        return self.cell.parts[-1]

    @property
    def memory_row(self) -> np.ndarray:
        """(T,) log10 ‖∂L_T/∂m_k‖ of the memory m. An LSTM's h_k reaches the loss through gates alone."""
        return self.last_row if self.last_row_c is None else self.last_row_c

    @property
    def slopes(self) -> np.ndarray | None:
        """(T, N, H) φ′(a_t) of the vanilla cell, else None."""
        return None if self.cell.gated else self.factors

    @cached_property
    def gates(self) -> dict[str, np.ndarray]:
        """{name: (T, N, H)}: i f g o of the LSTM, r z n of the GRU, {} of the vanilla cell."""
        return self.cell.gates(self.pre)

    @property
    def used(self) -> Gradients:
        """The gradient an update would take before clipping: the truncated one, or the full one if nothing is cut."""
        return self.truncated or self.full

    @cached_property
    def flow(self) -> Flow:
        """log10 ‖∂L_t/∂h_k‖ (and ‖∂L_t/∂c_k‖) for all t and k."""
        return gradient_flow(self.params, self.factors, self.dlogits, self.cell)[0]

    @cached_property
    def bound(self) -> np.ndarray | None:
        """(T,) log10 of ‖∂L_T/∂h_T‖ (γ σ_max)^(T−k), vanilla cells."""
        if self.cell.gated:
            return None
        return diagnostics.bound(self.last_row, self.activation.gamma, self.sigma_max)


@dataclass(frozen=True, eq=False)
class RegimeMap:
    """What becomes of the last loss's term over sequence length T and weight scale, for several seeds.

    config             all other settings; its sequence length is the longest T of the map
    seeds (S,), scales (W,)
    ratios             {activation: (S, W, T)}, entry [s, w, t] = log10 ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖ at T = t + 1;
                       −inf where nothing arrives, NaN where the run overflows or its loss sends nothing
    rho, sigma_max     (S,) of W_hh at weight scale 1; both are proportional to the scale

    Its repr names it: equal settings make equal numbers.
    """

    config: Config
    seeds: tuple[int, ...]
    scales: tuple[float, ...]
    ratios: dict[str, np.ndarray] = field(repr=False)
    rho: np.ndarray = field(repr=False)
    sigma_max: np.ndarray = field(repr=False)

    def rates(self, activation: str, T: int) -> np.ndarray:
        """(S, W) observed rate at length T ≥ 2, decades per step back."""
        return self.ratios[activation][..., T - 1] / (T - 1)

    def critical(self, activation: str) -> np.ndarray:
        """(S,) the weight scale at which γ σ_max = 1: below it the term is guaranteed to vanish."""
        return 1.0 / (ACTIVATIONS[activation].gamma * self.sigma_max)
