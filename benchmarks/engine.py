"""The engine against PyTorch's autograd and against bare NumPy calls: ratios measured in one run, one thread each.

    python benchmarks/engine.py            PyTorch is optional: without it only the NumPy part is measured

float64 throughout. What is timed against PyTorch is first checked to give the same numbers to 1e-10. The measurements
are interleaved (A B C A B C …) and medians are taken: a busy machine slows all sides alike; read ratios, not times.
"""

import os
import sys
from functools import partial
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")  # before NumPy is imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from statistics import median
from time import perf_counter

import numpy as np

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, forward, readout
from explorer.engine.cells import CELLS
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import cross_entropy
from explorer.engine.norms import log10_norms
from explorer.engine.truncation import TRUNCATIONS, block_keep
from explorer.engine.weights import draw_params
from explorer.run import regime_map

try:
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
except ImportError:
    torch = None

RNN, D, WINDOW = CELLS["rnn"], 4, 10
SIZES = [(50, 1, 16), (200, 1, 64), (200, 16, 64), (1000, 1, 128)]  # T, N, H
GATED_SIZE = (200, 1, 64)


def problem(T, N, H, cell="rnn"):
    """A network at weight scale 1 and symbols to read, one-hot; the target is always the next symbol."""
    rng = np.random.default_rng(0)
    params = draw_params(rng, CELLS[cell], "gaussian", (D, H, D), 1.0, 0.0)
    symbols = rng.integers(D, size=(T + 1, N))
    return params, np.eye(D)[symbols[:-1]], symbols[1:]


def engine_gradients(params, xs, targets, name, phi):
    """[full, block], each (dhs, norms, gradients of the parameters); dhs and norms by part of the state."""
    cell = CELLS[name]
    states, pre = forward(params, xs, cell, ACTIVATIONS[phi])
    _, dlogits = cross_entropy(readout(params, states), targets, np.ones(len(xs)))
    keep = np.stack([np.ones(len(xs)), block_keep(len(xs), WINDOW, None)], axis=1)
    dss, grads = bptt(params, xs, states, cell.factors(pre, states, ACTIVATIONS[phi]), dlogits, cell, keep)
    parts = cell.split(dss).values()
    norms = [10.0 ** log10_norms(part) for part in parts]
    shared = ("W_hy", "b_y")  # the read-out lies outside the recurrence: no truncation touches it
    return [
        (
            [part[:, v] for part in parts],
            [each[:, v] for each in norms],
            {k: g if k in shared else g[v] for k, g in grads.items()},
        )
        for v in (0, 1)
    ]


def torch_rnn(params, x, state, phi, tuned):
    """The engine's line under autograd; `tuned`: x is its product already, and the rest of the line is one call."""
    (h,), W_xh, W_hh, b_h = state, params["W_xh"], params["W_hh"], params["b_h"]
    return (getattr(torch, phi)(torch.addmm(x, h, W_hh) if tuned else x @ W_xh + h @ W_hh + b_h),)


def torch_lstm(params, x, state, phi, tuned):
    (h, c), W_xh, W_hh, b_h = state, params["W_xh"], params["W_hh"], params["b_h"]
    a_i, a_f, a_g, a_o = (torch.addmm(x, h, W_hh) if tuned else x @ W_xh + h @ W_hh + b_h).chunk(4, dim=1)
    i, f, g, o = torch.sigmoid(a_i), torch.sigmoid(a_f), torch.tanh(a_g), torch.sigmoid(a_o)
    c = f * c + i * g
    return o * torch.tanh(c), c


def torch_gru(params, x, state, phi, tuned):
    (h,), W_xh, W_hh, b_xh, b_hh = state, *(params[name] for name in ("W_xh", "W_hh", "b_xh", "b_hh"))
    x_r, x_z, x_n = (x if tuned else x @ W_xh + b_xh).chunk(3, dim=1)
    h_r, h_z, q = (torch.addmm(b_hh, h, W_hh) if tuned else h @ W_hh + b_hh).chunk(3, dim=1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * q)
    return ((1.0 - z) * n + z * h,)


TORCH_CELLS = {"rnn": torch_rnn, "lstm": torch_lstm, "gru": torch_gru}


def torch_forward(params, xs, targets, cell, phi, cut, tuned):
    """States by part, losses by step. `tuned` takes the inputs' product out of the loop and fuses the rest."""
    bias = params["b_xh" if cell == "gru" else "b_h"]
    state = (torch.zeros(xs.shape[1], len(params["W_hh"]), dtype=xs.dtype),) * len(CELLS[cell].parts)
    states = []
    for t, x in enumerate((xs @ params["W_xh"] + bias if tuned else xs).unbind()):
        if cut and t % WINDOW == 0:
            state = tuple(part.detach() for part in state)
        state = TORCH_CELLS[cell](params, x, state, phi, tuned)
        states.append(state)
    parts = list(zip(*states, strict=True))
    logits = torch.stack(parts[0]) @ params["W_hy"] + params["b_y"]
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return parts, losses.view(targets.shape).mean(dim=1)


def torch_gradients(params, xs, targets, cell, phi, tuned):
    """The same by automatic differentiation: one graph for the full gradient, one cut at the edges of the blocks."""
    results = []
    for cut in (False, True):
        parts, losses = torch_forward(params, xs, targets, cell, phi, cut, tuned)
        grads = torch.autograd.grad(losses.sum(), [s for part in parts for s in part] + list(params.values()))
        T = len(xs)
        dhs = [torch.stack(grads[j * T : (j + 1) * T]) for j in range(len(parts))]
        norms = [torch.linalg.vector_norm(dh, dim=(1, 2)) for dh in dhs]
        results.append((dhs, norms, dict(zip(params, grads[len(parts) * T :], strict=True))))
    return results


def measure_gradients():
    for size in SIZES:
        for phi in ("tanh", "sigmoid"):
            measure_gradients_of("rnn", phi, size, "≥ 7")
    for cell in ("lstm", "gru"):
        measure_gradients_of(cell, "tanh", GATED_SIZE, "≥ 5")


def measure_gradients_of(cell, phi, size, goal):
    arrays = problem(*size, cell)
    tensors = to_torch(*arrays)
    ours = partial(engine_gradients, *arrays, cell, phi)
    plain, tuned = (partial(torch_gradients, *tensors, cell, phi, tuned) for tuned in (False, True))
    for rival in (plain, tuned):
        check(ours(), rival())
    engine, *rivals = medians(ours, plain, tuned)
    what = f"full + block, {phi if cell == 'rnn' else cell}"
    for name, seconds in zip(("PyTorch, line by line", "PyTorch, tuned"), rivals, strict=True):
        line(what, size, name, engine, seconds, seconds / engine, goal)


def sweep_problem(T, H, kinds):
    """The sweep, and what it starts from: the forward pass is done, as autograd has its graph by then."""
    params, xs, targets = problem(T, 1, H)
    hs, pre = forward(params, xs, RNN, ACTIVATIONS["tanh"])
    _, dlogits = cross_entropy(readout(params, hs), targets, np.ones(T))
    rng = np.random.default_rng(0)
    masks = np.stack([TRUNCATIONS[kind].mask(T, WINDOW, rng) for kind in kinds])
    return partial(gradient_flow, params, ACTIVATIONS["tanh"].dphi(pre), dlogits, RNN, masks), masks


def torch_rows(hs, losses, batched):
    """∂L_t/∂h_k for all t and k, (T, T, N, H): a batch of unit vectors, or one pass per loss over the steps it sees."""
    T = len(hs)
    if batched:
        rows = torch.autograd.grad(losses, hs, torch.eye(T, dtype=losses.dtype), True, is_grads_batched=True)
        return torch.stack(rows, dim=1)
    rows = losses.new_zeros(T, T, *hs[0].shape)
    for t in range(T):
        torch.stack(torch.autograd.grad(losses[t], hs[: t + 1], retain_graph=True), out=rows[t, : t + 1])
    return rows


def torch_sweep(hs, losses, masks, batched):
    """Norms of all rows, and the gradient of every truncation."""
    rows = torch_rows(hs, losses, batched)
    return torch.linalg.vector_norm(rows, dim=(2, 3)), torch.einsum("mtk,tknh->mknh", masks, rows)


def measure_sweep_by_torch():
    size = T, _, H = 200, 1, 64
    sweep, masks = sweep_problem(T, H, ("full", "block", "sliding"))
    (hs,), losses = torch_forward(*to_torch(*problem(*size)), "rnn", "tanh", cut=False, tuned=True)
    apiece, batched = (partial(torch_sweep, hs, losses, torch.tensor(masks), batched) for batched in (False, True))
    flow, dhs = sweep()
    for rival in (apiece, batched):
        check([10.0**flow.log10_norms, dhs], rival())
    engine, *rivals = medians(sweep, apiece, batched, rounds=7)
    names, goals = ("autograd, a pass per loss", "autograd, batched"), ("≥ 60", "≥ 8")
    for name, seconds, goal in zip(names, rivals, goals, strict=True):
        line("sweep, 3 truncations", size, name, engine, seconds, seconds / engine, goal)


def bare_products(rows, out, W, weights):
    """The matrix products of a sweep alone: all rows one step back, and their sums under the truncations."""
    for n in range(1, len(rows) + 1):
        np.matmul(rows[:n], W, out=out[:n])
        np.matmul(weights[:, :n], rows[:n])


def bare_tanh(rows, out):
    """One elementwise pass per step over the same rows; the sweep's is the factor φ′."""
    for n in range(1, len(rows) + 1):
        np.tanh(rows[:n], out=out[:n])


def measure_sweep_by_bare_calls():
    for T, H, kinds, goals in (
        (200, 64, ("full", "block", "sliding"), ("≤ 2.5", "")),
        (500, 64, ("full", "block", "sliding", "randomised"), ("", "≤ 2")),
    ):
        sweep, masks = sweep_problem(T, H, kinds)
        W, (rows, out) = problem(T, 1, H)[0]["W_hh"].T.copy(), np.ones((2, T, H))
        products = partial(bare_products, rows, out, W, np.ones(masks.shape[:2]))
        engine, matmul, tanh = medians(sweep, products, partial(bare_tanh, rows, out))
        what, size = f"sweep, {len(kinds)} truncations", (T, 1, H)
        line(what, size, "bare matmul + tanh", engine, matmul + tanh, engine / (matmul + tanh), goals[0])
        line(what, size, "bare matmul", engine, matmul, engine / matmul, goals[1])


def measure_map():
    """The map of regimes as its page has it: 40 scales × all T to 200 × 8 seeds × 2 activations, H = 32."""
    (seconds,) = medians(partial(regime_map, Config(hidden_size=32, sequence_length=200)), rounds=3)
    print(f"\nmap of regimes, T ≤ 200, H = 32: {seconds:.2f} s   goal < 1 s {'met' if seconds < 1.0 else 'not met'}")


def to_torch(params, xs, targets):
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    return leaves, torch.tensor(xs), torch.tensor(targets)


def check(ours, theirs, tolerance=1e-10):
    """Equal entry by entry, relative to the largest entry of the array; nested lists, tuples and dicts of arrays."""
    if isinstance(ours, dict):
        ours, theirs = [ours[k] for k in ours], [theirs[k] for k in ours]
    if isinstance(ours, (list, tuple)):
        for a, b in zip(ours, theirs, strict=True):
            check(a, b, tolerance)
        return
    b = theirs.detach().numpy()
    assert np.abs(ours - b).max() <= tolerance * np.abs(b).max(), "engine and PyTorch disagree"


def medians(*functions, rounds=25):
    """Median time of each, in seconds, measured in turns."""
    times = [[] for _ in functions]
    for _ in range(rounds + 2):
        for function, its_times in zip(functions, times, strict=True):
            start = perf_counter()
            function()
            its_times.append(perf_counter() - start)
    return [median(its_times[2:]) for its_times in times]  # the first two turns warm up


def line(what, size, rival, engine, other, ratio, goal):
    """One line of the table. Against PyTorch the ratio is other/engine, against bare calls engine/other."""
    met = not goal or (ratio >= float(goal[2:]) if goal[0] == "≥" else ratio <= float(goal[2:]))
    verdict = "" if not goal else "met" if met else "not met"
    sizes = ", ".join(map(str, size))
    print(f"{what:22} {sizes:13} {rival:26} {engine * 1e3:8.2f} {other * 1e3:8.2f} {ratio:7.2f}   {goal:6} {verdict}")


def main():
    print("Median ms, one thread, float64. PyTorch line by line: the engine's lines under autograd;")
    print("tuned: inputs' product outside the loop, the rest of the line fused (addmm).\n")
    print(f"{'what':22} {'T, N, H':13} {'against':26} {'engine':>8} {'other':>8} {'ratio':>7}   goal")
    if torch is None:
        print("PyTorch is not installed: only the NumPy part is measured; `pip install torch` adds the rest.")
    else:
        measure_gradients()
        measure_sweep_by_torch()
    measure_sweep_by_bare_calls()
    measure_map()


if __name__ == "__main__":
    main()
