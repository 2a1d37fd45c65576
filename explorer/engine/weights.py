"""Initial weights. Every init is one fixed draw; the weight scale multiplies it, so a slider moves one network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.engine.cells import Cell, Params


def gaussian(rng: np.random.Generator, H: int) -> np.ndarray:
    """Entries N(0, 1/H): the eigenvalues fill the unit disc (circular law), so ρ ≈ 1 and σ_max ≈ 2 for large H."""
    return rng.normal(size=(H, H)) / np.sqrt(H)


def orthogonal(rng: np.random.Generator, H: int) -> np.ndarray:
    """A rotation or reflection, uniform over all of them: every singular value is 1.   Mezzadri (2007)."""
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return Q * np.sign(np.diag(R))


def identity(rng: np.random.Generator, H: int) -> np.ndarray:
    """The unit matrix: each unit remembers itself.   Le, Jaitly & Hinton (2015)."""
    return np.eye(H)


def uniform(rng: np.random.Generator, H: int) -> np.ndarray:
    """Entries uniform in ±√(3/H): the variance of `gaussian`, 1/H, without its tails."""
    return rng.uniform(-1.0, 1.0, size=(H, H)) * np.sqrt(3.0 / H)


def non_normal(rng: np.random.Generator, H: int) -> np.ndarray:
    """A hidden chain: each unit keeps 0.4…0.8 of itself and feeds the next with weight ±1.2.

    Triangular, so ρ ≤ 0.8 exactly, while σ_max ≥ 1.2: gradients may grow for about H steps and vanish later.
    Ganguli, Huh & Sompolinsky (2008); Goldman (2009).
    """
    W = np.diag(rng.uniform(0.4, 0.8, size=H))
    W[np.arange(H - 1), np.arange(1, H)] = 1.2 * rng.choice([-1.0, 1.0], size=H - 1)
    return W


INITS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "gaussian": gaussian,
    "orthogonal": orthogonal,
    "identity": identity,
    "uniform": uniform,
    "non-normal": non_normal,
}


def draw_params(
    rng: np.random.Generator,
    cell: Cell,
    init: str,
    sizes: tuple[int, int, int],
    input_scale: float,
    bias: float,
    forget_bias: float = 0.0,
) -> Params:
    """Every block of W_hh from INITS[init] at scale 1, W_xh ~ input_scale × N(0, 1), W_hy ~ N(0, 1/H), b_y = 0.

    sizes = (D, H, O). The candidate's block of W_hh is drawn first and that of W_xh last, so that neither D nor O
    changes the recurrent draw, and cells of one seed share both, and W_hy. Gates have a stream of their own.
    Hidden biases as in `hidden_biases`.
    """
    D, H, O = sizes
    (for_gates,) = rng.spawn(1)
    gates = [block for block in cell.blocks if block != cell.candidate]
    W_hh = {cell.candidate: INITS[init](rng, H)}
    W_hy = rng.normal(size=(H, O)) / np.sqrt(H)
    W_xh = {cell.candidate: rng.normal(size=(D, H))}
    W_hh |= {gate: INITS[init](for_gates, H) for gate in gates}
    W_xh |= {gate: for_gates.normal(size=(D, H)) for gate in gates}
    own = {
        "W_xh": input_scale * np.concatenate([W_xh[block] for block in cell.blocks], axis=1),
        "W_hh": np.concatenate([W_hh[block] for block in cell.blocks], axis=1),
    }
    own |= hidden_biases(cell, H, bias, forget_bias)
    return {**own, "W_hy": W_hy, "b_y": np.zeros(O)}


def hidden_biases(cell: Cell, H: int, bias: float, forget_bias: float) -> Params:
    """`bias` for every block, `forget_bias` for that of the gate that keeps; a second bias of the cell (GRU) is 0."""
    first, *others = (name for name, shape in cell.shapes(1, H).items() if len(shape) == 1)
    values = [float(forget_bias if block == cell.keeper else bias) for block in cell.blocks]
    return {first: np.repeat(values, H), **{name: np.zeros(len(values) * H) for name in others}}
