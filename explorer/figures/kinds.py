"""Every kind of quantity of a forward and a backward pass: its formula in LaTeX, and the engine's line for it.

KINDS is the table: one entry per kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine import bptt, losses
from explorer.engine.cells import rnn
from explorer.figures.latex import dot, signed, tex

Env = Mapping[str, np.ndarray]  # the letters of one step, each a matrix (rows of one sequence) or a number


@dataclass(frozen=True)
class Kind:
    """One kind of quantity.

    title     in words; {t} is the step, {s} the one before, {u} the one after
    symbols   LaTeX of the formula
    numbers   the same with {letters} to be put in as matrices, one line per term
    entry     (env, i, j) → LaTeX of entry j (or i, j of a matrix), with its numbers
    parents   keys of what it is computed from
    source    the engine function that computes it, and the beginning of the line that does
    """

    title: str
    symbols: str
    numbers: tuple[str, ...]
    entry: Callable[[Env, int, int], str]
    parents: tuple[str, ...]
    source: tuple[Callable, str]
    backward: bool = False


SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
PHI = {"tanh": r"\tanh", "sigmoid": r"\sigma", "relu": r"\operatorname{relu}", "identity": r"\operatorname{id}"}
SLOPE = {
    "tanh": r"1-\tanh^2",
    "sigmoid": r"\sigma\,(1-\sigma)",
    "relu": r"\operatorname{relu}'",
    "identity": r"\operatorname{id}'",
}


def entry_a(e: Env, i: int, j: int) -> str:
    """One pre-activation: a row of inputs and a row of states, each times a column of weights."""
    from_input, from_state = dot(e["x"][0], e["W_xh"][:, j]), dot(e["h_prev"][0], e["W_hh"][:, j])
    return (
        rf"\underbrace{{{from_input}}}_{{x\,W_{{xh}}}} + \underbrace{{{from_state}}}_{{h\,W_{{hh}}}}"
        rf" + {signed(e['b_h'][0, j])}"
    )


def entry_dh(e: Env, i: int, j: int) -> str:
    """One entry of dh: from this step's loss, and from the next step."""
    own, future = dot(e["dy"][0], e["W_hy"][j]), dot(e["da_next"][0], e["W_hh"][j])
    return rf"\underbrace{{{own}}}_{{\text{{own loss}}}} + \underbrace{{{future}}}_{{\text{{from the future}}}}"


def entry_sum(e: Env, before: str, left: str, right: str, i: int, j: int) -> str:
    """One entry of a growing sum: what was there plus one product."""
    return rf"{tex(e[before][i, j])} + {signed(e[left][0, i])}\cdot {signed(e[right][0, j])}"


def sums_up(name: str) -> Callable:
    """The engine function that adds up this parameter's gradient."""
    return bptt.weight_gradients if name.endswith("y") else rnn.rnn_gradients


def outer(name: str, latex: str, title: str, left: str, right: str, parents: tuple[str, ...]) -> Kind:
    """A weight gradient that grows by one outer product per step."""
    factors = {"x": "x_{t}", "h_prev": "h_{s}", "h": "h_{t}", "da": "da_{t}", "dy": "dy_{t}"}
    return Kind(
        title,
        rf"d{latex} \leftarrow d{latex} + {factors[left]}^{{{{\top}}}}\,{factors[right]}",
        ("{before}", rf"+ {{{left}}}^{{\top}}\,{{{right}}}"),
        lambda e, i, j: entry_sum(e, "before", left, right, i, j),
        parents,
        (sums_up(name), f'"{name}"'),
        backward=True,
    )


def bias(name: str, latex: str, title: str, term: str, parents: tuple[str, ...]) -> Kind:
    """A bias gradient that grows by one row per step."""
    return Kind(
        title,
        rf"d{latex} \leftarrow d{latex} + {term}_{{t}}",
        ("{before}", f"+ {{{term}}}"),
        lambda e, i, j: rf"{tex(e['before'][0, j])} + {signed(e[term][0, j])}",
        parents,
        (sums_up(name), f'"{name}"'),
        backward=True,
    )


def shifted(e: Env) -> np.ndarray:
    """y − max y: softmax is the same, and no power overflows."""
    return e["y"] - e["y"].max()


KINDS: dict[str, Kind] = {
    "a": Kind(
        "pre-activation a_{t}: what the units hear",
        r"a_{t} = x_{t}\,W_{xh} + h_{s}\,W_{hh} + b_h",
        (r"{x}\,{W_xh}", r"+ {h_prev}\,{W_hh}", "+ {b_h}"),
        entry_a,
        ("x:{t}", "W_xh", "h:{s}", "W_hh", "b_h"),
        (rnn.rnn_step, "a = x @ W_xh"),
    ),
    "h": Kind(
        "hidden state h_{t}: what the network remembers",
        r"h_{t} = \varphi(a_{t})",
        ("phi{a}",),
        lambda e, i, j: rf"{PHI[str(e['phi'])]}({tex(e['a'][0, j])})",
        ("a:{t}",),
        (rnn.rnn_step, "h = activation.phi(a)"),
    ),
    "y": Kind(
        "logits y_{t}: one score per symbol",
        r"y_{t} = h_{t}\,W_{hy} + b_y",
        (r"{h}\,{W_hy}", "+ {b_y}"),
        lambda e, i, j: f"{dot(e['h'][0], e['W_hy'][:, j])} + {signed(e['b_y'][0, j])}",
        ("h:{t}", "W_hy", "b_y"),
        (bptt.readout, "return"),
    ),
    "p": Kind(
        "probabilities p_{t}: softmax of the logits",
        r"p_{t} = e^{y_{t} - m} \Big/ \sum_i e^{y_{t,i} - m},\quad m = \max_i y_{t,i}",
        ("softmax{y}",),
        lambda e, i, j: (
            rf"\frac{{e^{{{tex(shifted(e)[0, j])}}}}}{{" + " + ".join(f"e^{{{tex(y)}}}" for y in shifted(e)[0]) + "}"
        ),
        ("y:{t}",),
        (losses.softmax, "return"),
    ),
    "L": Kind(
        "loss L_{t}: surprise at the right answer, in nats",
        r"L_{t} = -\ln p_{t}[\text{target}]",
        (r"-\ln {p_target}",),
        lambda e, i, j: rf"-\ln {tex(e['p_target'][0, 0])}",
        ("p:{t}",),
        (losses.cross_entropy, "nll ="),
    ),
    "dy": Kind(
        "gradient at the logits: probability minus truth",
        r"dy_{t} = p_{t} - \mathrm{onehot}(\text{target})",
        ("{p}", "- {onehot}"),
        lambda e, i, j: f"{tex(e['p'][0, j])} - {tex(e['onehot'][0, j])}",
        ("p:{t}",),
        (losses.cross_entropy, "dlogits = e / total"),
        backward=True,
    ),
    "dW_hy": outer(
        "W_hy", "W_{{hy}}", "W_hy’s gradient grows by step {t}’s outer product", "h", "dy", ("h:{t}", "dy:{t}")
    ),
    "db_y": bias("b_y", "b_y", "b_y’s gradient grows by dy_{t}", "dy", ("dy:{t}",)),
    "dh": Kind(
        "gradient at the state: its own loss’s part, plus what the future sends back",
        r"dh_{t} = dy_{t}\,W_{hy}^{\top} + da_{u}\,W_{hh}^{\top}",
        (r"{dy}\,{W_hy}^{\top}", r"+ {da_next}\,{W_hh}^{\top}"),
        entry_dh,
        ("dy:{t}", "W_hy", "da:{u}", "W_hh"),
        (bptt.bptt, "ds += from_future"),
        backward=True,
    ),
    "da": Kind(
        "gradient at the pre-activation: through φ, entry by entry",
        r"da_{t} = dh_{t} \circ \varphi'(a_{t})",
        (r"{dh}", r"\circ {slope}"),
        lambda e, i, j: rf"{signed(e['dh'][0, j])}\cdot {tex(e['slope'][0, j])}",
        ("dh:{t}", "a:{t}"),
        (rnn.rnn_to_pre, "da ="),
        backward=True,
    ),
    "dW_xh": outer(
        "W_xh", "W_{{xh}}", "W_xh’s gradient grows by step {t}’s outer product", "x", "da", ("x:{t}", "da:{t}")
    ),
    "dW_hh": outer(
        "W_hh", "W_{{hh}}", "W_hh’s gradient grows by step {t}’s outer product", "h_prev", "da", ("h:{s}", "da:{t}")
    ),
    "db_h": bias("b_h", "b_h", "b_h’s gradient grows by da_{t}", "da", ("da:{t}",)),
}

FORWARD = ("a", "h", "y", "p", "L")
BACKWARD = ("dy", "dW_hy", "db_y", "dh", "da", "dW_xh", "dW_hh", "db_h")
AT_A_LOSS = {"y", "p", "L", "dy", "dW_hy", "db_y"}  # only where the run takes a loss
