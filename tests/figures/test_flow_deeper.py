"""The parts below Gradient flow: lags, windows, costs, one factor, samples."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import forward
from explorer.engine.cells import CELLS
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.costs import cost
from explorer.figures.factor import factor
from explorer.figures.lags import diagonals, lags, rate_at
from explorer.figures.randomised import randomised, samples
from explorer.figures.theme import plotly_figure
from explorer.figures.windows import losses, over_seeds, some_windows, weight_share, window_curves, within
from explorer.lessons.presets import FLOW_PRESETS
from explorer.run import compare, loss_of, run, under_windows, with_reset

FLOW = Config(loss_at="every", hidden_size=8, sequence_length=24, window=5)


@pytest.mark.parametrize(
    "config", [FLOW, replace(FLOW, loss_at="last"), Config(sequence_length=2), replace(FLOW, weight_scale=0.1)]
)
def test_every_picture_is_a_valid_figure(config):
    traces = compare(config)
    lost = {name: losses([trace], "sliding") for name, trace in traces.items()}
    pictures = [lags(traces, 10), weight_share(traces), factor(traces, 30), randomised(traces, 4)]
    for picture in [*pictures, window_curves(lost, "sliding", 5)]:
        assert picture.sentence.endswith(".")
        plotly_figure(picture)


@pytest.mark.parametrize("kind", ["block", "sliding", "randomised"])
@pytest.mark.parametrize("loss_at", ["last", "every"])
def test_many_windows_at_once_are_the_same_as_one_by_one(kind, loss_at):
    config = replace(FLOW, truncation=kind, loss_at=loss_at)
    trace, windows = run(config), [2, 3, 7, 24]
    for window, made in zip(windows, under_windows(trace, kind, windows), strict=True):
        alone = run(replace(config, window=window)).truncated
        np.testing.assert_allclose(made.dhs, alone.dhs, rtol=1e-9, atol=1e-14)
        for name, gradient in alone.grads.items():
            np.testing.assert_allclose(made.grads[name], gradient, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize(("T", "window"), [(12, 4), (11, 4), (5, 9)])
@pytest.mark.parametrize("loss_at", ["last", "every"])
def test_reset_is_the_gradient_of_the_blocks_as_sequences_of_their_own(T, window, loss_at):
    """Against separate runs of each block from state 0, and against central differences of their summed loss."""
    config = Config(sequence_length=T, hidden_size=5, loss_at=loss_at, task="noise")
    trace = run(config)

    def loss(params) -> float:
        total = 0.0
        for start in range(0, T, window):
            block = slice(start, start + window)
            hs, _ = forward(params, trace.xs[block], CELLS["rnn"], ACTIVATIONS["tanh"])
            logits = (hs[1:] @ params["W_hy"] + params["b_y"])[:, 0]
            p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
            picked = p[np.arange(len(p)), trace.targets[block, 0]]
            total -= (np.log(picked) * trace.loss_mask[block]).sum()
        return total

    made, gradients = with_reset(trace, window)
    assert made == pytest.approx(loss(trace.params), rel=1e-12)
    eps = 1e-6
    for name in ("W_xh", "W_hh", "b_h", "W_hy"):
        for index in ((0,) * trace.params[name].ndim, (-1,) * trace.params[name].ndim):
            up, down = ({**trace.params, name: trace.params[name].copy()} for _ in range(2))
            up[name][index] += eps
            down[name][index] -= eps
            assert gradients.grads[name][index] == pytest.approx((loss(up) - loss(down)) / (2 * eps), abs=1e-8)


def test_one_block_reset_is_the_full_gradient():
    trace = run(FLOW)
    loss, gradients = with_reset(trace, 24)
    assert loss == pytest.approx(trace.loss, rel=1e-12)
    np.testing.assert_allclose(gradients.dhs, trace.full.dhs, rtol=1e-10)
    assert float(loss_of(FLOW, trace.params)) == pytest.approx(loss, rel=1e-12)


def test_diagonals_and_the_rate_at_a_lag():
    trace = run(FLOW)
    norms = trace.flow.log10_norms
    mean, spread = diagonals(trace)
    entries = [norms[t, t - 7] for t in range(7, 24)]
    assert mean[7] == pytest.approx(np.mean(entries))
    assert spread[7] == pytest.approx(np.std(entries))
    assert rate_at(trace, 7) == pytest.approx((np.mean(entries) - np.mean([norms[t, t] for t in range(7, 24)])) / 7)


def test_losing_nothing_at_the_longest_window():
    """ratio 1 and cosine 1 for every parameter at window T; the band holds the present seed."""
    runs = over_seeds(FLOW, ("tanh",), 3)["tanh"]
    assert [trace.config.seed for trace in runs] == [0, 1, 2]
    for kind in ("block", "sliding"):
        lost = losses(runs, kind)
        assert lost.ratio.shape == (3, 3, len(some_windows(24)))
        np.testing.assert_allclose(lost.ratio[:, :, -1], 1.0, rtol=1e-9)
        np.testing.assert_allclose(lost.cosine[:, :, -1], 1.0, rtol=1e-9)


def test_ratio_and_cosine_are_those_of_the_vectors():
    trace = run(replace(FLOW, weight_scale=3))
    lost, w = losses([trace], "block"), some_windows(24).index(5)
    cut, full = run(replace(FLOW, weight_scale=3)).truncated.grads["W_hh"].ravel(), trace.full.grads["W_hh"].ravel()
    assert lost.ratio[0, 0, w] == pytest.approx(np.linalg.norm(cut) / np.linalg.norm(full), rel=1e-9)
    assert lost.cosine[0, 0, w] == pytest.approx(cut @ full / np.linalg.norm(cut) / np.linalg.norm(full), abs=1e-9)


def test_the_preset_with_a_negative_cosine_has_one():
    config = FLOW_PRESETS["truncation against chaos"].config
    lost = losses([run(config)], "block")
    assert lost.cosine[0, 0, list(lost.windows).index(config.window)] < 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ([0.9, 0.3, 0.04, 0.0], "within 3 steps"),
        ([0.01, 0.0, 0.0, 0.0], "within 1 step"),
        ([0.9, 0.01, 0.2, 0.0], "within 4"),
    ],
)
def test_95_percent_within(error, words):
    assert words in within(np.array([1, 2, 3, 4]), np.array(error))


def test_the_factor_is_the_jacobian_of_the_step():
    trace = run(FLOW)
    values = factor({"tanh": trace}, 9).figure["data"][1]["y"]
    jacobian = trace.params["W_hh"] * trace.slopes[8, 0]
    np.testing.assert_allclose(values, np.linalg.svd(jacobian, compute_uv=False), rtol=1e-10)


def test_samples_are_independent_and_their_mean_approaches_the_full_gradient():
    trace = run(replace(FLOW, weight_scale=1, truncation="randomised"))
    drawn = np.array([s["W_hh"] for s in samples(trace, 400)])
    full, one = trace.full.grads["W_hh"], np.linalg.norm(drawn[0] - trace.full.grads["W_hh"])
    assert np.ptp(drawn, axis=0).max() > 0
    spread = drawn.std(axis=0).max()
    assert np.abs(drawn.mean(axis=0) - full).max() < 5 * spread / np.sqrt(len(drawn)) + 1e-12
    assert np.linalg.norm(drawn.mean(axis=0) - full) < max(one, 1e-3)


@pytest.mark.parametrize("kind", TRUNCATIONS)
def test_costs_are_counted(kind):
    """T = 24, w = 5, H = 8, D = 4: steps kept × (D + 2H) + H; products per step H² + H."""
    config, step = replace(FLOW, truncation=kind), 8 * 8 + 8
    span = {"full": 24, "block": 5, "sliding": 5, "randomised": 24}[kind]
    passes = sum(min(t, 5) for t in range(1, 25)) if kind == "sliding" else 24
    spent = cost(run(config), kind)
    assert (spent.kept, spent.back) == (span * (4 + 16) + 8, passes * step)


@pytest.mark.parametrize(("kind", "steps"), [("full", 400), ("block", 50)])
def test_kept_bytes_against_tracemalloc(kind, steps):
    """What the forward pass really holds after the steps of one block: inputs, pre-activations, states."""
    config = Config(sequence_length=400, hidden_size=64, window=50, truncation=kind)
    trace = run(config)
    tracemalloc.start()
    xs = trace.xs[:steps].copy()
    kept = forward(trace.params, xs, CELLS["rnn"], ACTIVATIONS["tanh"])
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept[0]) == steps + 1
    assert cost(trace, kind).bytes == pytest.approx(size, rel=0.03)
