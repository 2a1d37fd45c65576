"""The pictures of Gradient flow show what the engine computes."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.diagnostics import FLOAT32_ZERO
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.flow_matrix import flow_matrix
from explorer.figures.received import received, under_each
from explorer.figures.row_and_column import row_and_column
from explorer.figures.theme import plotly_figure
from explorer.figures.total_by_lag import EDGES, shares_by_lag, total_by_lag
from explorer.run import by_mask, compare, mask_of, run

SHOW = ("tanh", "sigmoid")
FLOW = Config(loss_at="every", hidden_size=8, sequence_length=24, window=5)
CHAOS = Config(loss_at="every", hidden_size=32, sequence_length=60, weight_scale=5)


def named(picture, name: str) -> list[dict]:
    """The traces of a picture with this name."""
    return [trace for trace in picture.figure["data"] if trace.get("name") == name]


@pytest.mark.parametrize("config", [FLOW, CHAOS, Config(sequence_length=2), Config(sequence_length=300, hidden_size=4)])
@pytest.mark.parametrize("kind", TRUNCATIONS)
def test_every_picture_is_a_valid_figure(config, kind):
    traces = compare(replace(config, truncation=kind), SHOW)
    for picture in (flow_matrix(traces, 30), row_and_column(traces, 30), total_by_lag(traces), received(traces)):
        assert picture.title
        assert picture.sentence.endswith(".")
        plotly_figure(picture, dark=True)


def test_the_matrix_is_the_flow():
    traces = compare(FLOW, SHOW)
    for name, trace in traces.items():
        (heatmap,) = named(flow_matrix(traces, 3), name)
        z = heatmap["z"].T  # (t, k)
        below = np.tri(24, dtype=bool)
        np.testing.assert_allclose(z[below], trace.flow.log10_norms[below], rtol=1e-6)
        assert np.isnan(z[~below]).all()


def test_a_large_matrix_is_binned_by_its_largest_entry_and_says_so():
    traces = {"tanh": run(Config(sequence_length=300, hidden_size=4))}
    picture = flow_matrix(traces, 1)
    z, norms = named(picture, "tanh")[0]["z"].T, traces["tanh"].flow.log10_norms
    assert z.shape == (100, 100)
    assert "3×3" in picture.title
    assert z[50, 20] == pytest.approx(norms[150:153, 60:63].max(), rel=1e-6)
    assert z[50, 50] == pytest.approx(norms[150:153, 150:153].max(), rel=1e-6)
    assert np.isnan(z[20, 50])


@pytest.mark.parametrize("kind", ["block", "sliding", "randomised"])
def test_the_line_of_a_truncation_separates_what_is_cut(kind):
    config = Config(loss_at="every", sequence_length=30, truncation=kind, window=4)
    (line,) = named(flow_matrix({"tanh": run(config)}, 1), "cut by truncation")
    edge = line["x"][::2]  # one value per row t
    kept = mask_of(config) != 0.0
    for t in range(30):
        assert [k + 1 > edge[t] for k in range(t + 1)] == kept[t, : t + 1].tolist()


def test_the_float32_line_is_where_float32_reads_zero():
    trace = run(Config(activation="sigmoid", weight_scale=0.2, sequence_length=80))
    (line,) = named(flow_matrix({"sigmoid": trace}, 1), "float32 reads 0")
    norms = trace.flow.log10_norms
    for t, edge in enumerate(line["x"][::2]):
        last = int(edge - 0.5)
        assert last == 0 or norms[t, last - 1] < FLOAT32_ZERO
        assert (norms[t, last : t + 1] >= FLOAT32_ZERO).all()


def test_row_and_column_are_those_of_the_flow():
    traces = compare(FLOW, SHOW)
    norms = traces["tanh"].flow.log10_norms
    picture = row_and_column(traces, 10)
    np.testing.assert_allclose(named(picture, "tanh: loss 10 looks back")[0]["y"], norms[9, :10], rtol=1e-6)
    np.testing.assert_allclose(named(picture, "tanh: state 10 hears")[0]["y"], norms[9:, 9], rtol=1e-6)


@pytest.mark.parametrize("config", [FLOW, CHAOS])
def test_shares_by_lag_add_up_and_are_projections(config):
    """Against each term ∂L_t/∂h_k on its own, one mask per loss."""
    trace = run(config)
    shares, cancelled = shares_by_lag(trace)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-9)
    assert (cancelled >= 1.0 - 1e-12).all()  # the triangle inequality
    T, k = config.sequence_length, 3
    alone = np.zeros((T, T, T))
    alone[np.arange(T), np.arange(T), :] = 1.0
    terms, total = by_mask(trace, alone)[:, k, 0], trace.full.dhs[k, 0]
    for b, low in enumerate(EDGES):
        high = EDGES[b + 1] if b + 1 < len(EDGES) else T
        part = terms[k + low : k + high].sum(axis=0)
        assert shares[b, k] == pytest.approx(part @ total / (total @ total), rel=1e-8, abs=1e-12)


def test_received_is_each_truncation():
    trace = run(FLOW)
    for kind, gradients in under_each(trace).items():
        other = run(replace(FLOW, truncation=kind))
        np.testing.assert_array_equal(gradients.dhs, (other.truncated or other.full).dhs)
    assert "block" in received({"tanh": trace}).sentence


@pytest.mark.parametrize("loss_at", ["every", "last"])
def test_rows_of_losses_that_are_not_taken_are_named(loss_at):
    made = flow_matrix(compare(Config(sequence_length=7, loss_at=loss_at), ("tanh",)))
    assert ("6 of 7 steps have no loss" in made.sentence) == (loss_at == "last")
