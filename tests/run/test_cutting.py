"""Truncation and clipping of a run that is there."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.cells import CELLS
from explorer.engine.clipping import CLIPPERS, global_norm
from explorer.engine.truncation import TRUNCATIONS
from explorer.run import flow_clipped, keep_of, run, under_windows, with_reset
from tests.gradcheck import Network, complex_step, differences, surrogate
from tests.run.same import SMALL, assert_same, assert_same_forward

pytestmark = pytest.mark.filterwarnings("error")  # a run never warns; an overflow is an event of the run


def test_full_truncation_has_no_truncated_gradient():
    """None, not a copy; what an update would use is the full gradient."""
    trace = run(SMALL)
    assert trace.truncated is None
    assert trace.used is trace.full
    assert_same(trace.clipped.grads, trace.full.grads)


@pytest.mark.parametrize("loss_at", ["last", "every"])
@pytest.mark.parametrize("window", [8, 9, 1000])
@pytest.mark.parametrize("truncation", [name for name in TRUNCATIONS if name not in ("full", "randomised")])
def test_window_of_T_or_more_is_full(truncation, window, loss_at):
    """Legal, and the full gradient to 1e-12."""
    trace = run(replace(SMALL, truncation=truncation, window=window, loss_at=loss_at))
    np.testing.assert_allclose(trace.truncated.dhs, trace.full.dhs, rtol=1e-12)
    for name, g in trace.full.grads.items():
        np.testing.assert_allclose(trace.truncated.grads[name], g, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("loss_at", ["last", "every"])
def test_window_of_one_under_block_and_sliding(loss_at):
    """Both keep only what each loss says to its own state."""
    block, sliding = (run(replace(SMALL, truncation=name, window=1, loss_at=loss_at)) for name in ("block", "sliding"))
    np.testing.assert_allclose(block.truncated.dhs, sliding.truncated.dhs, rtol=1e-13)
    for name, g in block.truncated.grads.items():
        np.testing.assert_allclose(sliding.truncated.grads[name], g, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("truncation", TRUNCATIONS)
@pytest.mark.parametrize("clip", CLIPPERS)
def test_truncation_and_clipping_leave_the_forward_pass_alone(truncation, clip):
    """And the full gradient: every array bit for bit."""
    base, other = run(SMALL), run(replace(SMALL, truncation=truncation, clip=clip, clip_at=0.01, window=2))
    assert_same_forward(base, other)
    assert_same(base.full, other.full)


@pytest.mark.parametrize("truncation", TRUNCATIONS)
@pytest.mark.parametrize("clip", [name for name, clip in CLIPPERS.items() if clip is not None])
def test_clipped_is_the_clipped_gradient_of_the_truncated_one(truncation, clip):
    """Its dhs are unchanged, and the raw gradient is still there."""
    config = replace(SMALL, truncation=truncation, clip=clip, clip_at=0.05, weight_scale=3.0)
    trace, raw = run(config), run(replace(config, clip="none"))
    assert_same(trace.used, raw.used)
    assert_same(trace.clipped.dhs, raw.used.dhs)
    assert_same(trace.clipped.grads, CLIPPERS[clip](raw.used.grads, 0.05))
    assert trace.used.norm > 0.05
    if clip == "norm":
        assert trace.clipped.norm == pytest.approx(0.05, rel=1e-13)
        assert trace.clipped.norm == global_norm(trace.clipped.grads)


@pytest.mark.parametrize("loss_at", ["last", "every"])
@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_clipping_per_step_against_a_plain_loop(truncation, loss_at):
    """Every dh_t is cut as soon as it is complete, then goes on; sliding carries and cuts every loss on its own."""
    config = replace(SMALL, truncation=truncation, loss_at=loss_at, clip="step", clip_at=0.05, weight_scale=3.0)
    trace, T, limit = run(config), 8, 0.05
    W, own = (
        trace.params["W_hh"],
        [dy @ trace.params["W_hy"].T for dy in trace.dlogits * trace.loss_mask[:, None, None]],
    )
    dhs = np.zeros_like(trace.full.dhs)
    if truncation == "sliding":
        for t in range(T):
            dh = np.clip(own[t], -limit, limit)
            for k in range(t, max(t - 3, -1), -1):
                dhs[k] += dh
                dh = np.clip((dh * trace.slopes[k]) @ W.T, -limit, limit)
    else:
        keep, back = keep_of(config), 0.0
        for t in reversed(range(T)):
            dhs[t] = np.clip(own[t] + back, -limit, limit)
            back = keep[t] * ((dhs[t] * trace.slopes[t]) @ W.T)
    np.testing.assert_allclose(trace.clipped.dhs, dhs, rtol=1e-10, atol=1e-15)
    das = dhs * trace.slopes
    np.testing.assert_allclose(
        trace.clipped.grads["W_hh"], sum(h.T @ da for h, da in zip(trace.hs[:-1], das, strict=True)), rtol=1e-9
    )
    np.testing.assert_allclose(trace.clipped.grads["b_h"], das.sum(axis=(0, 1)), rtol=1e-9)
    assert_same(trace.clipped.grads["W_hy"], trace.full.grads["W_hy"])
    assert np.abs(trace.used.dhs).max() > limit  # it had something to cut
    if truncation != "sliding":
        assert np.abs(trace.clipped.dhs).max() <= limit


def test_clipping_per_step_survives_an_overflow_of_the_gradient():
    """The raw gradient leaves float64, and the other kinds are refused; entries that are cut cannot overflow."""
    config = Config(weight_scale=16, sequence_length=1000, hidden_size=64, loss_at="every", truncation="full")
    trace = run(replace(config, clip="step"))
    assert not np.isfinite(trace.full.norm)
    assert np.isfinite(trace.clipped.norm)
    assert run(replace(config, clip="norm")).clipped is None


def test_the_clipped_flow_against_a_plain_loop():
    """Every loss on its own, cut at each step."""
    trace = run(replace(SMALL, loss_at="every", weight_scale=3.0, clip_at=0.05))
    flow = flow_clipped(trace)
    for t in range(8):
        row = np.clip(trace.dlogits[t] @ trace.params["W_hy"].T, -0.05, 0.05)
        for k in range(t, -1, -1):
            assert flow[t, k] == pytest.approx(np.log10(np.linalg.norm(row)), rel=1e-9)
            row = np.clip((row * trace.slopes[k]) @ trace.params["W_hh"].T, -0.05, 0.05)
    assert np.isneginf(flow[0, 1:]).all()


@pytest.mark.parametrize("truncation", ["full", "block", "sliding"])
@pytest.mark.parametrize("cell", CELLS)
def test_clipping_per_step_in_every_cell(cell, truncation):
    """The loop and the sweep agree on one loss, entries of h's and c's gradients are bounded, and 10⁶ cuts nothing."""
    config = replace(SMALL, cell=cell, truncation=truncation, window=20, weight_scale=3.0, clip="step", clip_at=0.02)
    trace = run(config)
    np.testing.assert_allclose(flow_clipped(trace)[-1], trace.clipped.log10_dh_norms, rtol=1e-9)
    assert np.abs(trace.clipped.dhs).max() == 0.02
    if trace.clipped.dcs is not None:
        assert np.abs(trace.clipped.dcs).max() <= 0.02
    free = run(replace(config, clip_at=1e6))
    assert_same(free.clipped.dhs, free.used.dhs)
    assert_same(free.clipped.grads, free.used.grads)


def test_the_clipped_flow_is_exact_past_underflow():
    """A chain that vanishes is cut at its near end alone; far below 1e−308 it is still that of the cut beginning."""
    trace = run(Config(activation="sigmoid", weight_scale=0.2, sequence_length=600, clip_at=1e-3))
    row, log10 = np.clip(trace.dlogits[-1] @ trace.params["W_hy"].T, -1e-3, 1e-3), 0.0
    for k in range(599, 0, -1):
        row = (row * trace.slopes[k]) @ trace.params["W_hh"].T
        log10, row = log10 + np.log10(np.linalg.norm(row)), row / np.linalg.norm(row)
    last = flow_clipped(trace)[-1]
    assert last[0] == pytest.approx(log10, rel=1e-12)
    assert last[0] < -400
    assert last[-1] < trace.last_row[-1]  # the near end was cut


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", TRUNCATIONS)
def test_under_windows_every_gradient_is_that_of_its_own_run(cell, kind):
    """All windows in one pass or sweep against one run each: states and parameters, to 1e-11."""
    trace = run(replace(SMALL, cell=cell, loss_at="every"))
    for window, cut in zip((2, 3, 8), under_windows(trace, kind, (2, 3, 8)), strict=True):
        alone = run(replace(trace.config, truncation=kind, window=window)).used
        for name in ("dhs", "dcs"):
            if getattr(alone, name) is not None:
                np.testing.assert_allclose(getattr(cut, name), getattr(alone, name), rtol=1e-11, atol=1e-15)
        for name, g in alone.grads.items():
            np.testing.assert_allclose(cut.grads[name], g, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("cell", CELLS)
def test_reset_states_are_blocks_on_their_own(cell):
    """A window of T or more resets nothing; a shorter one makes runs that each start from 0; complex step."""
    trace = run(replace(SMALL, cell=cell, loss_at="every"))
    loss, whole = with_reset(trace, 100)
    assert loss == pytest.approx(trace.loss, rel=1e-13)
    np.testing.assert_allclose(whole.dhs, trace.full.dhs, rtol=1e-11, atol=1e-16)
    _, reset = with_reset(trace, 3)
    total = 0.0
    for start in range(0, 8, 3):
        own = slice(start, start + 3)
        data = trace.params, trace.xs[own], trace.targets[own], trace.loss_mask[own]
        net = Network(cell, "tanh", "cross_entropy", *data)
        dss, grads = differences(net, surrogate(net, "full"), complex_step)
        total = total + grads["W_hh"]
        np.testing.assert_allclose(reset.dhs[own], dss[..., :4], rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(reset.grads["W_hh"], total, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("truncation", ["block", "sliding"])
def test_an_exploding_chain_is_finite_within_its_window(truncation):
    """tanh, T = 1000: the full gradient leaves float64, the truncated one does not, and the flow goes on."""
    config = Config(sequence_length=1000, hidden_size=200, weight_scale=30.0, truncation=truncation)
    trace = run(config)
    assert trace.last_row.max() > 308
    assert np.isfinite(trace.last_row).all()
    assert not np.isfinite(trace.full.norm)
    assert np.isfinite(trace.truncated.norm)
    assert trace.clipped.norm <= 1.0 + 1e-12
