from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from itertools import islice

import numpy as np
import pytest

from explorer.config import VARIANTS, Config, ConfigError, variant
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.clipping import CLIPPERS, global_norm
from explorer.engine.tasks import TASKS
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import INITS, draw_params
from explorer.run import (
    along,
    compare,
    flow_clipped,
    keep_of,
    landscape,
    run,
    sequences,
    streams,
    under_windows,
    updates,
    with_reset,
)
from tests.gradcheck import Network, complex_step, differences, surrogate, worst

pytestmark = pytest.mark.filterwarnings("error")  # a run never warns; an overflow is an event of the run

SMALL = Config(sequence_length=8, hidden_size=4, batch_size=2, window=3, truncation="full", clip="none")
FORWARD = ("params", "xs", "targets", "inputs", "classes", "loss_mask", "states", "pre", "factors", "logits", "probs")
FORWARD += ("dlogits", "losses", "loss", "last_row", "last_row_c", "rho", "sigma_max")
GATES = {"rnn": "", "lstm": "ifgo", "gru": "rzn"}
GATED = [name for name, cell in CELLS.items() if cell.gated]


def assert_same(a, b):
    """Two results bit for bit: records field by field, dictionaries key by key, NaN equal to NaN."""
    assert type(a) is type(b)
    if is_dataclass(a):
        for f in fields(a):
            assert_same(getattr(a, f.name), getattr(b, f.name))
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, tuple) and len(a) == len(b):
        for one, other in zip(a, b, strict=True):
            assert_same(one, other)
    else:
        np.testing.assert_array_equal(a, b)


def assert_same_forward(a, b, names=FORWARD):
    for name in names:
        assert_same(getattr(a, name), getattr(b, name))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(("T", "N", "H"), [(1, 1, 1), (5, 3, 4)])
def test_names_and_shapes(cell, task, T, N, H):
    """Every public name of the records, with the shape that the design page gives it."""
    config = Config(cell, task=task, sequence_length=T, batch_size=N, hidden_size=H, window=2)
    trace = run(config)
    D, O = trace.xs.shape[-1], len(trace.classes)
    assert trace.config == config
    assert trace.xs.shape == (T, N, D)
    assert trace.targets.shape in {(T, N), (T, N, O)}
    assert trace.loss_mask.shape == trace.losses.shape == trace.last_row.shape == (T,)
    assert trace.hs.shape == (T + 1, N, H)
    assert trace.logits.shape == trace.probs.shape == trace.dlogits.shape == (T, N, O)
    assert isinstance(trace.loss, float)
    assert trace.flow.log10_norms.shape == (T, T)
    assert {name: gate.shape for name, gate in trace.gates.items()} == dict.fromkeys(GATES[cell], (T, N, H))
    for gradients in (trace.full, trace.truncated, trace.clipped):
        assert gradients.dhs.shape == (T, N, H)
        assert gradients.dh_norms.shape == gradients.log10_dh_norms.shape == (T,)
        assert {name: g.shape for name, g in gradients.grads.items()} == {
            name: p.shape for name, p in trace.params.items()
        }
        assert list(gradients.norms) == list(trace.params)
        assert gradients.norm == pytest.approx(np.sqrt(sum(n**2 for n in gradients.norms.values())), rel=1e-13)
        if cell == "lstm":
            assert gradients.dcs.shape == (T, N, H)
            assert gradients.dc_norms.shape == gradients.log10_dc_norms.shape == (T,)
            np.testing.assert_allclose(gradients.dc_norms, np.linalg.norm(gradients.dcs, axis=(1, 2)), rtol=1e-13)
        else:
            assert gradients.dcs is gradients.dc_norms is gradients.log10_dc_norms is None
    if cell == "lstm":
        assert trace.cs.shape == (T + 1, N, H)
        assert trace.flow.log10_norms_c.shape == (T, T)
        assert trace.last_row_c.shape == (T,)
    else:
        assert trace.cs is trace.flow.log10_norms_c is trace.last_row_c is None
    if cell == "rnn":
        assert list(trace.params) == ["W_xh", "W_hh", "b_h", "W_hy", "b_y"]
        assert trace.pre.shape == trace.slopes.shape == (T, N, H)
        assert trace.bound.shape == (T,)
    else:
        assert trace.rho is trace.sigma_max is trace.bound is trace.slopes is trace.activation is None


def test_records_are_frozen_and_compared_by_identity():
    """A record can be cached; two runs are two records, whose arrays are equal bit for bit."""
    a, b = run(SMALL), run(SMALL)
    assert a != b
    assert a == a
    assert len({a, b}) == 2
    assert_same(a, b)
    with pytest.raises(FrozenInstanceError):
        a.loss = 0.0


@pytest.mark.parametrize("loss_at", ["last", "every"])
def test_losses_are_those_taken(loss_at):
    """Losses are batch means of −ln p, 0 where none is taken; their sum is the loss; probabilities sum to 1."""
    trace = run(replace(SMALL, loss_at=loss_at))
    p = np.take_along_axis(trace.probs, trace.targets[..., None], axis=-1)[..., 0]
    np.testing.assert_array_equal(trace.loss_mask, np.eye(8)[-1] if loss_at == "last" else 1.0)
    np.testing.assert_allclose(trace.losses, -np.log(p).mean(axis=1) * trace.loss_mask, rtol=1e-13)
    assert trace.loss == pytest.approx(trace.losses.sum(), rel=1e-14)
    np.testing.assert_allclose(trace.probs.sum(axis=-1), 1.0, rtol=1e-15)
    np.testing.assert_allclose(trace.logits, trace.hs[1:] @ trace.params["W_hy"], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("loss_at", ["last", "every"])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("truncation", TRUNCATIONS)
@pytest.mark.parametrize("name", VARIANTS)
def test_gradients_against_complex_steps(name, truncation, task, loss_at):
    """What a page shows, from the names on: full and truncated, frozen states, complex step, relative error < 1e-7."""
    config = variant(replace(SMALL, truncation=truncation, task=task, loss_at=loss_at, text="abca"), name)
    trace = run(config)
    data = trace.params, trace.xs, trace.targets, trace.loss_mask
    net = Network(config.cell, config.activation, TASKS[task].loss, *data)
    pairs = {"full": trace.full, truncation: trace.used}
    for cut, gradients in pairs.items():
        exact = differences(net, surrogate(net, cut, 3, streams(config.seed)[2]), complex_step)
        dss = gradients.dhs if gradients.dcs is None else np.concatenate([gradients.dhs, gradients.dcs], axis=-1)
        assert worst((dss, gradients.grads), exact) < 1e-7


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("N", [1, 3])
def test_flow_and_total_gradient_agree(name, N):
    """Its last row is `last_row`; with one loss at the end that row is also the total ∂L/∂h_k, and ∂L/∂c_k."""
    trace = run(variant(replace(SMALL, batch_size=N), name))
    if trace.cs is not None:
        np.testing.assert_allclose(trace.flow.log10_norms_c[-1], trace.last_row_c, rtol=0, atol=1e-12)
        np.testing.assert_allclose(trace.full.log10_dc_norms, trace.last_row_c, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trace.flow.log10_norms[-1], trace.last_row, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trace.full.log10_dh_norms, trace.last_row, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trace.full.dh_norms, np.linalg.norm(trace.full.dhs, axis=(1, 2)), rtol=1e-13)


def test_rows_of_the_flow_do_not_depend_on_where_the_loss_is_taken():
    """They exist for every t, whatever loss_at."""
    last, every = (run(replace(SMALL, loss_at=at)) for at in ("last", "every"))
    np.testing.assert_array_equal(last.flow.log10_norms, every.flow.log10_norms)


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


def test_updates_train_on_new_data_and_clip():
    """Each update is −η times the clipped gradient of its own batch."""
    config = Config(task="order", sequence_length=12, hidden_size=6, clip_at=0.01)
    first, second, third = islice(updates(config, 0.5), 3)
    assert_same(first.params, run(config).params)
    assert not np.array_equal(first.xs, second.xs)
    for before, after in ((first, second), (second, third)):
        for name, p in before.params.items():
            np.testing.assert_allclose(after.params[name], p - 0.5 * before.clipped.grads[name], rtol=1e-14)


def test_updates_end_where_a_gradient_is_not_finite():
    config = Config(activation="identity", weight_scale=100, sequence_length=500, hidden_size=4)
    assert len(list(islice(updates(config, 0.1), 5))) == 1


@pytest.mark.parametrize("cell", CELLS)
def test_the_landscape_has_the_loss_in_its_middle_and_the_gradient_as_its_slope(cell):
    """Directions are orthogonal, of unit length; entry [i, j] is the loss of the network moved there, run alone."""
    trace = run(replace(SMALL, cell=cell, loss_at="every", task="order"))
    around = landscape(trace, 1e-5, 5)
    along, aside = (np.concatenate([d[name].ravel() for name in trace.params]) for d in around.directions)
    assert np.linalg.norm(along) == pytest.approx(1.0, rel=1e-13)
    assert np.linalg.norm(aside) == pytest.approx(1.0, rel=1e-13)
    assert abs(along @ aside) < 1e-14
    assert around.losses[2, 2] == pytest.approx(trace.loss, rel=1e-14)
    slope = (around.losses[:, 3] - around.losses[:, 1])[2] / (around.distances[3] - around.distances[1])
    assert slope == pytest.approx(trace.full.norm, rel=1e-6)
    across = (around.losses[3] - around.losses[1])[2] / (around.distances[3] - around.distances[1])
    assert abs(across) < 1e-6 * trace.full.norm
    wide = landscape(trace, 2.0, 5)
    x, y = wide.distances[[4, 1]]
    moved = {n: p + x * wide.directions[0][n] + y * wide.directions[1][n] for n, p in trace.params.items()}
    assert wide.losses[1, 4] == pytest.approx(run(trace.config, moved).loss, rel=1e-12)


def test_compare_shares_every_array():
    """tanh beside sigmoid: same weights, inputs and targets bit for bit, and each the run of its own Config."""
    config = Config(task="noise", batch_size=2)
    traces = compare(config)
    assert list(traces) == ["tanh", "sigmoid"]
    assert_same_forward(*traces.values(), names=("params", "xs", "targets", "loss_mask"))
    for name, trace in compare(config, ACTIVATIONS).items():
        assert trace.config == replace(config, activation=name)
        assert_same(trace, run(replace(config, activation=name)))


def test_compare_cells():
    """Names of cells beside those of activations: same inputs and targets bit for bit, same read-out."""
    traces = compare(Config(task="noise", batch_size=2, activation="relu"), ("tanh", "lstm", "gru"))
    assert [trace.config.cell for trace in traces.values()] == ["rnn", "lstm", "gru"]
    assert {trace.config.activation for trace in traces.values()} == {"tanh"}
    first, *others = traces.values()
    for other in others:
        assert_same_forward(first, other, names=("xs", "targets", "loss_mask"))
        np.testing.assert_array_equal(first.params["W_hy"], other.params["W_hy"])
    with pytest.raises(ConfigError, match=r"choose one of tanh, .*lstm, gru"):
        compare(SMALL, ("LSTM",))
    assert set(VARIANTS) == {*ACTIVATIONS, *GATED}


@pytest.mark.parametrize("cell", GATED)
def test_the_activation_changes_no_gated_cell(cell):
    """Every array bit for bit."""
    tanh, relu = (run(replace(SMALL, cell=cell, activation=name)) for name in ("tanh", "relu"))
    assert_same(replace(relu, config=tanh.config), tanh)


@pytest.mark.parametrize("cell", GATED)
def test_the_forget_bias_is_the_bias_of_the_keeping_gate(cell):
    """It moves that gate's bias and nothing else; 100 keeps everything, exactly."""
    one, hundred = (run(replace(SMALL, cell=cell, bias=0.5, forget_bias=b)) for b in (1.0, 100.0))
    assert (hundred.gates[hundred.cell.keeper] == 1.0).all()
    changed = {name: np.flatnonzero(one.params[name] != p) for name, p in hundred.params.items()}
    (name,) = (name for name, where in changed.items() if len(where))
    blocks = len(one.params[name]) // 4
    place = one.cell.blocks.index(one.cell.keeper)
    np.testing.assert_array_equal(changed[name], np.arange(4 * place, 4 * place + 4))
    assert blocks == len(one.cell.blocks)
    np.testing.assert_array_equal(run(replace(SMALL, forget_bias=5)).states, run(SMALL).states)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("init", INITS)
def test_the_weight_scale_multiplies_one_draw(init, cell):
    """W_hh, ρ and σ_max in proportion, everything else bit for bit."""
    one, three = (run(replace(SMALL, cell=cell, init=init, weight_scale=scale)) for scale in (1.0, 3.0))
    np.testing.assert_array_equal(three.params["W_hh"], 3.0 * one.params["W_hh"])
    if cell == "rnn":
        assert (three.rho, three.sigma_max) == (3.0 * one.rho, 3.0 * one.sigma_max)
    for name in one.params.keys() - {"W_hh"}:
        np.testing.assert_array_equal(three.params[name], one.params[name])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_a_given_network_runs_as_a_drawn_one(truncation, cell):
    """With the parameters of a run, run(config, params) is that run, bit for bit but for ρ and σ_max (1e-14)."""
    drawn = run(replace(SMALL, cell=cell, truncation=truncation, weight_scale=2.5))
    given = run(drawn.config, drawn.params)
    assert_same_forward(given, drawn, FORWARD[:-2])
    assert_same((given.full, given.truncated), (drawn.full, drawn.truncated))
    if cell == "rnn":
        assert (given.rho, given.sigma_max) == pytest.approx((drawn.rho, drawn.sigma_max), rel=1e-14)


def test_rho_and_sigma_max_are_those_of_the_weights():
    """Of W_hh as it stands in params, scale included."""
    trace = run(replace(SMALL, weight_scale=2.5))
    assert trace.rho == pytest.approx(np.abs(np.linalg.eigvals(trace.params["W_hh"])).max(), rel=1e-13)
    assert trace.sigma_max == pytest.approx(np.linalg.norm(trace.params["W_hh"], 2), rel=1e-13)


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"sequence_length": 20}, False),
        ({"batch_size": 5}, False),
        ({"truncation": "randomised"}, False),
        ({"truncation": "block", "window": 2}, False),
        ({"clip": "value"}, False),
        ({"loss_at": "every"}, False),
        ({"activation": "relu"}, False),
        ({"seed": 1}, True),
        ({"init": "uniform"}, True),
    ],
)
def test_what_moves_the_parameters(change, moves):
    """Random streams are separate: neither length, batch nor truncation changes the network; the seed does."""
    a, b = run(replace(SMALL, task="noise")), run(replace(SMALL, task="noise", **change))
    assert (a.params["W_hh"] != b.params["W_hh"]).any() == moves
    if not moves:
        assert_same(a.params, b.params)


def test_four_streams_of_randomness():
    """Parameters, data (one per sequence), truncation and directions never draw the same numbers, nor do two seeds."""
    seeds = [*streams(0), *streams(1), *streams(0)[1].spawn(3)]
    assert len({np.random.default_rng(seed).random() for seed in seeds}) == 11
    drawn = draw_params(np.random.default_rng(streams(0)[0]), CELLS["rnn"], "gaussian", (4, 4, 4), 1.0, 0.0)
    assert_same(run(SMALL).params, drawn)


def test_what_moves_the_data():
    """The seed; neither the size nor the init of the network. A longer T extends the states that are there."""
    noise = replace(SMALL, task="noise")
    a = sequences(noise)
    for change in ({"hidden_size": 7}, {"init": "identity"}, {"weight_scale": 2.0}, {"truncation": "randomised"}):
        np.testing.assert_array_equal(sequences(replace(noise, **change)).xs, a.xs)
    assert (sequences(replace(noise, seed=1)).xs != a.xs).any()
    np.testing.assert_array_equal(run(replace(noise, sequence_length=30)).hs[:9], run(noise).hs)


@pytest.mark.parametrize("truncation", TRUNCATIONS)
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "relu", "lstm", "gru"])
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("weight_scale", [0.1, 1.0, 3.3, 16.0]),
        ("forget_bias", [-4.0, 0.5, 6.0]),
        ("bias", [-1.0, 0.5, 2.0]),
        ("sequence_length", [1, 2, 77, 200]),
        ("window", [2, 10, 199, 300]),
        ("clip_at", [0.01, 1.0, 100.0]),
        ("truncation", list(TRUNCATIONS)),
        ("seed", [0, 1]),
    ],
)
def test_along_a_slider_every_run_is_the_run_alone(field, values, name, truncation):
    """Bit for bit in every array, at T = 200 and weight scale 16, where chaos would amplify the last digit."""
    config = variant(Config(truncation=truncation, sequence_length=200, weight_scale=16.0), name)
    for value, trace in zip(values, along(config, field, values), strict=True):
        assert trace.config == replace(config, **{field: value})
        assert_same(trace, run(trace.config))


@pytest.mark.parametrize(("batch_size", "hidden_size"), [(1, 64), (3, 16), (4, 33)])
@pytest.mark.parametrize("loss_at", ["last", "every"])
@pytest.mark.parametrize("cell", CELLS)
def test_along_weight_scales_at_other_sizes(batch_size, hidden_size, loss_at, cell):
    """The batched call, with the flow as well."""
    config = Config(cell, sequence_length=200, batch_size=batch_size, hidden_size=hidden_size, loss_at=loss_at)
    scales = np.geomspace(0.1, 16.0, 7)
    for scale, trace in zip(scales, along(config, "weight_scale", scales), strict=True):
        alone = run(replace(config, weight_scale=scale))
        assert_same(trace, alone)
        assert_same(trace.flow, alone.flow)


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


def test_along_nothing_is_nothing():
    """An empty slider."""
    assert all(along(SMALL, field, []) == [] for field in ("weight_scale", "window", "seed"))


@pytest.mark.parametrize("truncation", TRUNCATIONS)
@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_overflow_is_neither_an_exception_nor_a_warning(activation, truncation):
    """Huge weights: states overflow, clipping (which would hide it) is None, and every name can still be read."""
    config = Config(activation=activation, weight_scale=100.0, sequence_length=400, truncation=truncation)
    for trace in (run(config), *along(config, "weight_scale", [1.0, 100.0])[1:]):
        assert not np.isfinite(trace.hs).all()
        assert not np.isfinite(trace.full.norm)
        assert trace.clipped is None
        for gradients in filter(None, (trace.full, trace.truncated)):
            assert gradients.dh_norms.shape == gradients.log10_dh_norms.shape == (400,)
            assert len(gradients.norms) == 5
        assert trace.flow.log10_norms.shape == (400, 400)
        assert trace.bound.shape == (400,)


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


@pytest.mark.parametrize(
    "settings",
    [{"weight_scale": 0.0}, {"input_scale": 0.0}, {"hidden_size": 1}, {"bias": -100.0}, {"forget_bias": 100.0}],
)
@pytest.mark.parametrize("name", VARIANTS)
def test_corners_of_the_ranges(name, settings):
    """Runs at the ends of the ranges neither fail nor warn."""
    for T in (1, 2, 60):
        trace = run(variant(Config(sequence_length=T, **settings), name))
        assert np.isfinite(trace.loss)
        assert trace.flow.log10_norms.shape == (T, T)
        assert not np.isnan(trace.last_row).any()
