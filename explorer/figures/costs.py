"""What a truncation costs: numbers kept for the backward pass, and multiplications of going back."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.config import Config
from explorer.engine.truncation import TRUNCATIONS


@dataclass(frozen=True)
class Cost:
    """`kept` numbers at once (x, a and h of every step that may still be needed, and the state before them), and
    `back`, multiplications by W_hhᵀ and φ′ to send all losses back (not the weight gradients, which are the same)."""

    kept: int
    back: int

    @property
    def bytes(self) -> int:
        """In float64."""
        return 8 * self.kept


def cost(config: Config, inputs: int, kind: str) -> Cost:
    """Counted from the sizes. T steps, H units, D inputs, N sequences, w = min(window, T).

    full: all T steps, one pass. block: w steps at once, one pass in all. sliding: w steps at once, but each of the
    losses goes back on its own, w steps or as many as there are. randomised: as full, since the cuts fall anywhere.
    """
    T, H, N = config.sequence_length, config.hidden_size, config.batch_size
    w = min(max(config.window, TRUNCATIONS[kind].min_window), T)
    span = w if kind in ("block", "sliding") else T
    step = H * H + H
    one_pass = T * step
    if kind == "sliding":
        losses = range(1, T + 1) if config.loss_at == "every" else (T,)
        one_pass = sum(min(t, w) for t in losses) * step
    return Cost(N * (span * (inputs + 2 * H) + H), N * one_pass)
