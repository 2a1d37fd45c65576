"""A run taken apart: every quantity of the forward and the backward pass, in the order in which it is computed.

A `Stop` is one quantity at one step: its formula, the same formula with the run's numbers put in, where it comes from,
and the engine's own lines that compute it. Its kind says all that does not depend on the run: see `kinds.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.kinds import AT_A_LOSS, BACKWARD, FORWARD, KINDS, PHI, SUBSCRIPT, Env, Kind, shifted
from explorer.figures.latex import matrix, tex


@dataclass(frozen=True, eq=False)
class Stop:
    """One quantity at one step, ready to be shown. `key` is "kind:t" with t from 1; `value` is a matrix."""

    key: str
    kind: Kind
    t: int
    title: str
    symbols: str
    numbers: tuple[str, ...]
    value: np.ndarray
    parents: tuple[str, ...]
    env: Env

    def entry(self, i: int, j: int) -> str:
        """LaTeX of one entry, with its numbers."""
        return self.kind.entry(self.env, i, j)

    def source(self) -> tuple[str, str]:
        """The engine's line for this quantity, and the whole function around it."""
        function, beginning = self.kind.source
        code = inspect.getsource(function)
        return next(line.strip() for line in code.splitlines() if line.strip().startswith(beginning)), code


def walk(trace: Trace) -> tuple[Stop, ...]:
    """All stops of a run of one sequence: forward from step 1 to T, backward from T to 1."""
    T = len(trace.xs)
    sums = {f"d{name}": np.zeros_like(row(p)) for name, p in trace.params.items()}
    stops = [stop(trace, name, t, sums) for t in range(T) for name in kinds_at(trace, t, FORWARD)]
    stops += [stop(trace, name, t, sums) for t in reversed(range(T)) for name in kinds_at(trace, t, BACKWARD)]
    return tuple(stops)


def kinds_at(trace: Trace, t: int, kinds: tuple[str, ...]) -> list[str]:
    """The kinds that are computed at step t: those of the loss only where one is taken."""
    return [name for name in kinds if trace.loss_mask[t] or name not in AT_A_LOSS]


def row(values: np.ndarray) -> np.ndarray:
    """A vector as a row, a matrix as it is."""
    return np.atleast_2d(values)


def letters(trace: Trace, t: int) -> dict[str, np.ndarray]:
    """Everything that formulas at step t (0-based) speak of, as matrices."""
    dys = trace.dlogits * trace.loss_mask[:, None, None]
    das = trace.full.dhs * trace.slopes
    onehot = np.zeros((1, len(trace.classes)))
    onehot[0, trace.targets[t, 0]] = 1.0
    return {
        **{name: row(p) for name, p in trace.params.items()},
        "x": trace.xs[t],
        "h_prev": trace.hs[t],
        "a": trace.pre[t],
        "h": trace.hs[t + 1],
        "y": trace.logits[t],
        "p": trace.probs[t],
        "p_target": trace.probs[t][:, trace.targets[t, 0]][None],
        "L": trace.losses[t].reshape(1, 1),
        "onehot": onehot,
        "dy": dys[t],
        "dh": trace.full.dhs[t],
        "da": das[t],
        "da_next": das[t + 1] if t + 1 < len(das) else np.zeros_like(das[t]),
        "slope": trace.slopes[t],
        "phi": np.array(trace.config.activation),
    }


ADDS = {
    "dW_hy": ("h", "dy"),
    "dW_xh": ("x", "da"),
    "dW_hh": ("h_prev", "da"),
    "db_y": (None, "dy"),
    "db_h": (None, "da"),
}


def stop(trace: Trace, name: str, t: int, sums: dict[str, np.ndarray]) -> Stop:
    """One stop; a growing sum in `sums` takes its next term."""
    kind, env = KINDS[name], letters(trace, t)
    if name in ADDS:
        left, right = ADDS[name]
        env["before"] = sums[name]
        sums[name] = sums[name] + (env[right] if left is None else env[left].T @ env[right])
        env[name] = sums[name]
    T, places = len(trace.xs), {"{t}": str(t + 1), "{s}": str(t), "{u}": str(t + 2)}
    lowered = {"_" + name: n.translate(SUBSCRIPT) for name, n in places.items()}
    parents = tuple(put(parent, places) for parent in kind.parents)
    return Stop(
        f"{name}:{t + 1}",
        kind,
        t + 1,
        put(put(kind.title, lowered), places),
        put(kind.symbols, {**places, r"\varphi": PHI[trace.config.activation]} if name == "h" else places),
        tuple(fill(line, env, trace.config.activation) for line in kind.numbers),
        env[name],
        tuple(p for p in parents if p not in ("h:0", f"da:{T + 1}")),
        env,
    )


def put(text: str, places: Mapping[str, str]) -> str:
    """The text with {t}, {s}, {u} put in."""
    for name, value in places.items():
        text = text.replace(name, value)
    return text


def fill(line: str, env: Env, activation: str) -> str:
    """The line with every {letter} as a matrix of its numbers."""
    if line == "phi{a}":
        return matrix(env["a"], lambda a: rf"{PHI[activation]}({tex(a)})")
    if line == "softmax{y}":
        y = shifted(env)
        return rf"\frac{{1}}{{{tex(float(np.exp(y).sum()))}}}" + matrix(y, lambda x: f"e^{{{tex(x)}}}")
    if "{p_target}" in line:
        return line.replace("{p_target}", tex(float(env["p_target"][0, 0])))
    for name, value in env.items():
        line = line.replace(
            "{" + name + "}", matrix(value) if isinstance(value, np.ndarray) and value.ndim == 2 else ""
        )
    return line


def chain(trace: Trace, t: int, k: int) -> tuple[str, tuple[str, ...], np.ndarray, np.ndarray]:
    """∂L_t/∂h_k for k ≤ t (1-based): formula, its lines with numbers, the row itself, and the product ∂h_t/∂h_k.

    g_k = g_t · J_t · J_{t−1} ⋯ J_{k+1} with J_s = diag(φ′(a_s)) W_hhᵀ, g_t = ∂L_t/∂y_t · W_hyᵀ.
    """
    W = trace.params["W_hh"]
    g, product = trace.dlogits[t - 1] @ trace.params["W_hy"].T, np.eye(len(W))
    lines = [matrix(g)]
    for s in range(t, k, -1):
        slope = np.diag(trace.slopes[s - 1, 0])
        lines.append(rf"\,{matrix(slope)}\,{matrix(W)}^{{\top}}")
        product = product @ slope @ W.T
    factors = rf"\prod_{{s={t}}}^{{{k + 1}}} \mathrm{{diag}}\big(\varphi'(a_s)\big)\,W_{{hh}}^{{\top}}" if k < t else ""
    symbols = rf"\frac{{\partial L_{t}}}{{\partial h_{k}}} = \frac{{\partial L_{t}}}{{\partial h_{t}}}\,{factors}"
    return symbols, tuple(lines), g @ product, product
