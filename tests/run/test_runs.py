"""Runs: names, shapes, gradients against difference quotients, and that a slider is its single runs."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from explorer.config import VARIANTS, Config, ConfigError, variant
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.tasks import TASKS
from explorer.engine.truncation import TRUNCATIONS
from explorer.run import along, compare, run, streams
from tests.gradcheck import Network, complex_step, differences, surrogate, worst
from tests.run.same import FORWARD, SMALL, assert_same, assert_same_forward

pytestmark = pytest.mark.filterwarnings("error")  # a run never warns; an overflow is an event of the run

GATES = {"rnn": "", "lstm": "ifgo", "gru": "rzn"}
GATED = [name for name, cell in CELLS.items() if cell.gated]


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
