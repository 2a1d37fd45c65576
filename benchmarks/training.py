"""A full update (forward, BPTT, clipping, Adam) in characters per second: against PyTorch, and against a plain loop.

    python benchmarks/training.py          PyTorch is optional

One thread each, measured in turns of ten updates, as training makes them one after another, medians: a busy machine
slows all sides alike; read ratios, not times.
The rivals compute the same update (checked first): PyTorch with nn.RNN, nn.GRU, nn.LSTM, cross-entropy, clip_grad_norm_
and optim.Adam; and a character model as it is often written in some hundred lines of NumPy, one step and one sequence
at a time, with outer products inside the loop and Adagrad.
"""

import os
import sys
from itertools import repeat
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")  # before NumPy is imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from statistics import median
from time import perf_counter

import numpy as np

from explorer.config import Config
from explorer.engine.batches import Batch
from explorer.engine.cells import CELLS
from explorer.engine.storage import to_torch
from explorer.engine.tasks import one_hot
from explorer.engine.training import train
from explorer.training.recipe import Recipe, start

try:
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
except ImportError:
    torch = None

T, N, H, V = 50, 16, 64, 40
GOALS = {("rnn", "float64"): 2.0, ("rnn", "float32"): 2.0, ("gru", "float64"): 1.3, ("gru", "float32"): 1.3}
GOALS |= {("lstm", "float64"): 1.3}  # in float32 PyTorch's LSTM is one fused kernel: no goal, printed all the same
LOOP = {"T": 25, "N": 1, "H": 100, "V": 65}  # the sizes of the well-known character model
LOOP_GOAL = 3.0


def problem(cell, precision, T, N, H, V, optimiser="adam"):
    """A learner with its weights, and one batch of random symbols."""
    text = "".join(chr(65 + i) for i in range(V))
    config = Config(
        task="text", text=text, cell=cell, sequence_length=T, batch_size=N, hidden_size=H, truncation="full"
    )
    lesson = start(config, Recipe(precision=precision, optimiser=optimiser, learning_rate=0.001))
    codes = np.random.default_rng(0).integers(V, size=(T + 1, N))
    return lesson, Batch(one_hot(codes[:-1], V).astype(precision), codes[1:], np.ones(T), True)


def ours(lesson, batch):
    """Updates one by one."""
    updates = train(lesson.learner, lesson.params, repeat(batch), np.random.default_rng(0))
    return lambda: next(updates)


def by_torch(lesson, batch, precision):
    """The same update by PyTorch."""
    dtype, cell = getattr(torch, precision), lesson.config.cell
    net, fc = getattr(torch.nn, cell.upper())(V, H, dtype=dtype), torch.nn.Linear(H, V, dtype=dtype)
    arrays = {name: torch.tensor(array) for name, array in to_torch(lesson.params).items()}
    net.load_state_dict({name: array for name, array in arrays.items() if not name.startswith("fc.")})
    fc.load_state_dict({name[3:]: array for name, array in arrays.items() if name.startswith("fc.")})
    net.bias_hh_l0.requires_grad_("b_hh" in lesson.params)  # where the equations have one bias, so has it
    weights = [W for W in (*net.parameters(), *fc.parameters()) if W.requires_grad]
    optimiser = torch.optim.Adam(weights, lr=0.001)
    xs, targets = torch.tensor(batch.xs, dtype=dtype), torch.tensor(batch.targets).flatten()

    def update():
        optimiser.zero_grad()
        loss = F.cross_entropy(fc(net(xs)[0]).flatten(0, 1), targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        return loss.item()

    return update


def by_loop(lesson, batch):
    """A character model as it is often written: column vectors, one step at a time, Adagrad."""
    W_xh, W_hh, W_hy = (lesson.params[name].T.copy() for name in ("W_xh", "W_hh", "W_hy"))
    b_h, b_y = lesson.params["b_h"][:, None].copy(), lesson.params["b_y"][:, None].copy()
    weights = (W_xh, W_hh, W_hy, b_h, b_y)
    squares = [np.zeros_like(W) for W in weights]
    inputs, targets = batch.xs[:, 0].argmax(axis=-1), batch.targets[:, 0]

    def update():
        xs, hs, ps, loss = {}, {-1: np.zeros_like(b_h)}, {}, 0.0
        for t, code in enumerate(inputs):
            xs[t] = np.zeros((len(W_hy), 1))
            xs[t][code] = 1
            hs[t] = np.tanh(np.dot(W_xh, xs[t]) + np.dot(W_hh, hs[t - 1]) + b_h)
            y = np.dot(W_hy, hs[t]) + b_y
            ps[t] = np.exp(y) / np.sum(np.exp(y))
            loss += -np.log(ps[t][targets[t], 0])
        dW_xh, dW_hh, dW_hy, db_h, db_y = (np.zeros_like(W) for W in weights)
        dh_next = np.zeros_like(b_h)
        for t in reversed(range(len(inputs))):
            dy = ps[t].copy()
            dy[targets[t]] -= 1
            dW_hy += np.dot(dy, hs[t].T)
            db_y += dy
            da = (1 - hs[t] ** 2) * (np.dot(W_hy.T, dy) + dh_next)
            db_h += da
            dW_xh += np.dot(da, xs[t].T)
            dW_hh += np.dot(da, hs[t - 1].T)
            dh_next = np.dot(W_hh.T, da)
        for W, dW, square in zip(weights, (dW_xh, dW_hh, dW_hy, db_h, db_y), squares, strict=True):
            np.clip(dW, -5, 5, out=dW)
            square += dW * dW
            W += -0.001 * dW / np.sqrt(square + 1e-8)
        return loss / len(inputs)

    return update


def medians(*functions, turns=12, updates=10):
    """Median time of an update of each, in seconds, measured in turns."""
    times = [[] for _ in functions]
    for _ in range(turns + 1):
        for function, its_times in zip(functions, times, strict=True):
            for _ in range(updates):
                begun = perf_counter()
                function()
                its_times.append(perf_counter() - begun)
    return [median(its_times[updates:]) for its_times in times]  # the first turn warms up


def line(what, characters, engine, other, goal):
    """One line of the table."""
    ratio = other / engine
    verdict = "no goal" if goal is None else f"≥ {goal:g} " + ("met" if ratio >= goal else "not met")
    print(f"{what:34} {characters / engine:12,.0f} {characters / other:12,.0f} {ratio:7.2f}   {verdict}")


def main():
    print(f"{'characters per second':34} {'engine':>12} {'rival':>12} {'ratio':>7}   goal")
    if torch is None:
        print("PyTorch is not installed: `pip install torch` adds its part.")
    for cell in CELLS if torch else ():
        for precision in ("float64", "float32"):
            lesson, batch = problem(cell, precision, T, N, H, V)
            engine, rival = ours(lesson, batch), by_torch(lesson, batch, precision)
            for _ in range(5):  # the same losses before anything is timed (clip_grad_norm_ adds 10⁻⁶ to the norm)
                assert abs(engine().loss / rival() - 1.0) < (1e-5 if precision == "float64" else 1e-3)
            line(f"nn.{cell.upper()}, {precision}", T * N, *medians(engine, rival), GOALS.get((cell, precision)))
    loop = by_loop(*problem("rnn", "float64", **LOOP))  # float64, as such loops are
    for precision, goal in (("float64", LOOP_GOAL), ("float32", None)):
        lesson, batch = problem("rnn", precision, **LOOP)
        engine = ours(lesson, batch)
        if goal:
            assert abs(engine().loss / loop() - 1.0) < 1e-9
        line(f"plain loop at its sizes; we {precision}", LOOP["T"], *medians(engine, loop), goal)


if __name__ == "__main__":
    main()
