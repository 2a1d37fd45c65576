"""What going back costs, counted from the sizes: numbers kept, and multiplications; in a walk and under truncation."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.engine.records import Trace
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.walk import Stop


@dataclass(frozen=True)
class Cost:
    """`kept` numbers at once (x, a and the state of every step that may still be needed, and the state before them),
    and `back`, multiplications by W_hhᵀ and elementwise factors (of the RNN φ′) to send all losses back (not the weight
    gradients, which are the same)."""

    kept: int
    back: int

    @property
    def bytes(self) -> int:
        """In float64."""
        return 8 * self.kept


def cost(trace: Trace, kind: str) -> Cost:
    """Counted from the sizes of a run. T steps, N sequences, w = min(window, T); per step and sequence D inputs, P
    pre-activations, S numbers of state, F factors.

    full: all T steps, one pass. block: w steps at once, one pass in all. sliding: w steps at once, but each of the
    losses goes back on its own, w steps or as many as there are. randomised: as full, since the cuts fall anywhere.
    """
    config = trace.config
    (T, N, D), P, S = trace.xs.shape, trace.pre.shape[-1], trace.states.shape[-1]
    w = min(max(config.window, TRUNCATIONS[kind].min_window), T)
    span = w if kind in ("block", "sliding") else T
    step = trace.params["W_hh"].size + trace.factors.shape[-1]
    one_pass = T * step
    if kind == "sliding":
        losses = range(1, T + 1) if config.loss_at == "every" else (T,)
        one_pass = sum(min(t, w) for t in losses) * step
    return Cost(N * (span * (D + P + S) + S), N * one_pass)


def work(trace: Trace, each: Stop) -> int:
    """Multiplications in the products of a stop's formula."""
    (D, H), O = trace.params["W_xh"].shape, len(trace.classes)
    last, has_loss = each.t == len(trace.xs), bool(trace.loss_mask[each.t - 1])
    return {
        "a": D * H + H * H,
        "y": H * O,
        "dW_hy": H * O,
        "dh": O * H * has_loss + H * H * (not last),
        "da": H,
        "dW_xh": D * H,
        "dW_hh": H * H,
    }.get(each.key.split(":")[0], 0)


def kept(trace: Trace, each: Stop) -> int:
    """Numbers that must be kept for the backward pass once a stop is computed."""
    (D, H), O = trace.params["W_xh"].shape, len(trace.classes)
    return {
        "a": D + H,  # the input, for dW_xh, and a itself, for φ′
        "h": H,  # for dW_hh of the next step and dW_hy of this one
        "p": O,  # for p − y
    }.get(each.key.split(":")[0], 0)


def most_kept(trace: Trace, stops: tuple[Stop, ...], window: int) -> int:
    """The most numbers kept at once if backward runs after every `window` steps: the state before them, and theirs."""
    blocks = [[s for s in stops if b <= s.t - 1 < b + window] for b in range(0, len(trace.xs), window)]
    return trace.params["W_hh"].shape[0] + max(sum(kept(trace, s) for s in block) for block in blocks)
