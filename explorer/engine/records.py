"""Results, frozen. Every field with its symbol and shape; index t of a (T, ·) field belongs to hs[t + 1]."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine import diagnostics
from explorer.engine.activations import ACTIVATIONS, Activation
from explorer.engine.cells import CELLS, Params
from explorer.engine.clipping import global_norm
from explorer.engine.flow import Flow, gradient_flow

if TYPE_CHECKING:  # for readers and type checkers only: the engine does not know the configuration
    from explorer.config import Config


@dataclass(frozen=True, eq=False)
class Gradients:
    """A gradient of L with respect to every state and every parameter.

    dhs (T, N, H)        ∂L/∂h_t in total: from this step's loss and from all later ones
    grads                {name: ∂L/∂parameter}, keyed and shaped like `Trace.params`
    dcs (T, N, H)        ∂L/∂c_t of the LSTM, else None
    """

    dhs: np.ndarray
    grads: Params
    dcs: np.ndarray | None = None

    @cached_property
    def log10_dh_norms(self) -> np.ndarray:
        """(T,) log10 ‖∂L/∂h_t‖, scaled before squaring; −inf where it is exactly 0."""
        return diagnostics.log10_norms(self.dhs)

    @cached_property
    def dh_norms(self) -> np.ndarray:
        """(T,) ‖∂L/∂h_t‖, Frobenius over N and H."""
        with np.errstate(over="ignore"):
            return 10.0**self.log10_dh_norms

    @cached_property
    def dc_norms(self) -> np.ndarray | None:
        """(T,) ‖∂L/∂c_t‖ of the LSTM, else None."""
        return None if self.dcs is None else 10.0 ** diagnostics.log10_norms(self.dcs)

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
    hs (T+1, N, H), hs[0] the initial state         pre (T, N, H) = a_t       slopes (T, N, H) = φ′(a_t)
    cs (T+1, N, H), gates       of gated cells, else None and {}
    logits, probs (T, N, O)     losses (T,) batch means, loss their sum over the steps at which one is taken
    dlogits (T, N, O)           ∂L_t/∂logits_t for every t, whether or not the run takes a loss there
    full, truncated, clipped    Gradients; truncated is None if truncation is "full"; clipped holds the parameter
                                gradients of `truncated` (else `full`) after clipping, its dhs are unchanged;
                                clipped is None where a gradient is not finite: clipping would hide that
    last_row (T,)               log10 ‖∂L_T/∂h_k‖, the last row of the flow
    flow                        every row of it, computed when first asked for
    """

    config: Config
    params: Params
    xs: np.ndarray
    targets: np.ndarray
    inputs: tuple[str, ...] | None
    classes: tuple[str, ...]
    loss_mask: np.ndarray
    hs: np.ndarray
    pre: np.ndarray
    slopes: np.ndarray
    logits: np.ndarray
    probs: np.ndarray
    dlogits: np.ndarray
    losses: np.ndarray
    loss: float
    full: Gradients
    truncated: Gradients | None
    clipped: Gradients | None
    last_row: np.ndarray
    rho: float
    sigma_max: float
    cs: np.ndarray | None = None
    gates: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def activation(self) -> Activation:
        """φ, φ′ and γ of this run."""
        return ACTIVATIONS[self.config.activation]

    @property
    def used(self) -> Gradients:
        """The gradient an update would take before clipping: the truncated one, or the full one if nothing is cut."""
        return self.truncated or self.full

    @cached_property
    def flow(self) -> Flow:
        """log10 ‖∂L_t/∂h_k‖ for all t and k."""
        log10_norms, _ = gradient_flow(self.params, self.slopes, self.dlogits, CELLS[self.config.cell])
        return Flow(log10_norms)

    @cached_property
    def bound(self) -> np.ndarray:
        """(T,) log10 of ‖∂L_T/∂h_T‖ (γ σ_max)^(T−k), vanilla cells."""
        return diagnostics.bound(self.last_row, self.activation.gamma, self.sigma_max)
