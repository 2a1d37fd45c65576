"""The pictures of Gated cells, and those of the other pages when they compare gated cells."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.clipping import clipping
from explorer.figures.costs import cost
from explorer.figures.factor import factor
from explorer.figures.flow_matrix import flow_matrix
from explorer.figures.gates import gates
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.lags import lags
from explorer.figures.memory_paths import memory_paths
from explorer.figures.received import received
from explorer.figures.row_and_column import row_and_column
from explorer.figures.theme import plotly_figure
from explorer.figures.total_by_lag import total_by_lag
from explorer.figures.windows import losses, weight_share, window_curves
from explorer.lessons.presets import GATED_PRESETS
from explorer.run import compare, paths_of, run

CELLS = ("tanh", "lstm", "gru")
SMALL = Config(sequence_length=24, hidden_size=6, loss_at="every", window=5)


def named(picture, name: str) -> list[dict]:
    """The traces of a picture with this name."""
    return [trace for trace in picture.figure["data"] if trace.get("name") == name]


@pytest.mark.parametrize("config", [SMALL, Config(sequence_length=1, hidden_size=1), replace(SMALL, batch_size=3)])
@pytest.mark.parametrize("show", [CELLS, ("tanh", "sigmoid"), ("lstm",), ("gru",)])
def test_every_picture_is_a_valid_figure(config, show):
    traces = compare(config, show)
    pictures = [hidden_states, gates, memory_paths, flow_matrix, gradient_terms, total_by_lag, received]
    made = [picture(traces) for picture in pictures]
    made += [row_and_column(traces, 3), factor(traces, 3), lags(traces, 2), weight_share(traces)]
    for picture in made:
        assert picture.title
        assert picture.sentence.endswith(".")
        assert "nan" not in picture.sentence.lower()
        plotly_figure(picture, dark=True)


def test_norms_stand_beside_the_parameter_they_belong_to():
    """An RNN has one hidden bias, a GRU two."""
    traces = compare(SMALL, ("tanh", "gru"))
    picture = clipping(traces)
    rows = picture.figure["layout"]["yaxis"]["ticktext"]
    assert rows == ["W_xh", "W_hh", "b_h", "b_xh", "b_hh", "W_hy", "b_y", "all"]
    for name, trace in traces.items():
        norms = dict(zip(rows, named(picture, f"{name} raw")[0]["x"], strict=True))
        assert norms["all"] == pytest.approx(np.log10(trace.used.norm), rel=1e-6)
        for row in rows[:-1]:
            assert (
                np.isnan(norms[row])
                if row not in trace.params
                else norms[row] == pytest.approx(np.log10(trace.used.norms[row]), rel=1e-6)
            )


def test_gates_are_those_of_the_run():
    traces = compare(SMALL, CELLS)
    data = gates(traces).figure["data"]
    assert [trace["meta"]["symbol"] for trace in data] == ["i", "f", "g", "o", "r", "z", "n"]
    np.testing.assert_array_equal(data[1]["z"], traces["lstm"].gates["f"][:, 0].astype(np.float32))
    scales = {trace["meta"]["symbol"]: trace["coloraxis"] for trace in data}
    assert {symbol for symbol, scale in scales.items() if scale == scales["g"]} == {"g", "n"}


def test_an_rnn_has_no_gates():
    picture = gates(compare(SMALL))
    assert picture.figure["data"] == []
    assert "an RNN has none" in picture.title


def test_the_cell_state_stands_under_the_hidden_state():
    trace = run(replace(SMALL, cell="lstm"))
    data = hidden_states({"lstm": trace}).figure["data"]
    assert [each["name"] for each in data] == ["lstm h", "lstm c"]
    np.testing.assert_allclose(data[1]["z"], np.clip(trace.cs[1:, 0], -1, 1), rtol=1e-6)


def test_the_matrix_and_the_term_follow_what_remembers():
    """c of the LSTM; h of the others."""
    traces = compare(SMALL, CELLS)
    k, t = np.tril_indices(24)[::-1]
    followed = {"tanh": "log10_norms", "lstm": "log10_norms_c", "gru": "log10_norms"}
    for name, norms in followed.items():
        shown = named(flow_matrix(traces), name)[0]["z"]
        np.testing.assert_allclose(shown[k, t], getattr(traces[name].flow, norms)[t, k], rtol=1e-6)
    terms = gradient_terms(traces)
    np.testing.assert_allclose(named(terms, "lstm, at c")[0]["y"], traces["lstm"].last_row_c, rtol=1e-6)
    np.testing.assert_allclose(named(terms, "lstm, at h")[0]["y"], traces["lstm"].last_row, rtol=1e-6)
    assert not [trace for trace in terms.figure["data"] if trace["name"] in ("lstm bound", "gru bound")]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_two_ways_are_the_paths_of_the_run(cell):
    trace = run(replace(SMALL, cell=cell))
    picture, split = memory_paths({cell: trace}), paths_of(trace)
    np.testing.assert_allclose(named(picture, "kept: gates f or z alone")[0]["y"], split.log10_carousel, rtol=1e-6)
    np.testing.assert_allclose(named(picture, "through the weights")[0]["y"], split.log10_gates, rtol=1e-6)
    np.testing.assert_allclose(named(picture, "in total")[0]["y"], trace.memory_row, rtol=1e-6)


@pytest.mark.parametrize("kind", [kind for kind in TRUNCATIONS if kind != "full"])
def test_windows_know_every_parameter_of_a_cell(kind):
    trace = run(replace(SMALL, cell="gru"))
    lost = losses([trace], kind)
    assert lost.parameters == ("W_hh", "W_xh", "b_xh", "b_hh")
    if kind != "randomised":
        np.testing.assert_allclose(lost.cosine[:, 0, -1], 1.0, rtol=1e-9)  # a window of T cuts nothing
    plotly_figure(window_curves({"gru": lost}, kind, 5))


def test_an_lstm_keeps_and_multiplies_as_counted():
    """T = 24, H = 6, D = 4: per step x, four a, h and c; H · 4H products and six factors a unit."""
    spent = cost(run(replace(SMALL, cell="lstm")), "full")
    assert (spent.kept, spent.back) == (24 * (4 + 24 + 12) + 12, 24 * (6 * 24 + 36))


def test_what_the_presets_say():
    ends = {
        name: {n: (t.memory_row[0], t) for n, t in compare(p.config, p.show).items()}
        for name, p in GATED_PRESETS.items()
    }
    vanishing = ends["f ≈ ½: it vanishes too"]
    assert abs(vanishing["lstm"][0] - vanishing["tanh"][0]) < 2
    carried = ends["carried for 200 steps"]
    assert paths_of(carried["lstm"][1]).log10_carousel[0] > -4 > -200 > carried["tanh"][0]
    assert carried["lstm"][1].gates["i"].mean() < 0.05
    carousel = ends["constant error carousel, f ≡ 1"]["lstm"][1]
    assert (carousel.gates["f"] == 1.0).all()
    assert np.ptp(paths_of(carousel).log10_carousel) < 1e-9
    assert np.ptp(paths_of(carousel).log10_gates[:-1]) > 1
    still = ends["GRU, z near 1"]["gru"][1]
    assert still.memory_row[0] - still.memory_row[-1] > -0.5
    assert np.abs(np.diff(still.hs, axis=0)).max() < 0.1
    further = ends["the RNN reaches further"]
    assert further["tanh"][0] > max(further["lstm"][0], further["gru"][0]) + 1
