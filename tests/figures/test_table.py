"""Every picture as a table: the numbers of the picture, bounded, and nothing of it left out."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.one_unit import descend
from explorer.figures.classic import classic
from explorer.figures.clipping import clipping
from explorer.figures.factor import factor
from explorer.figures.flow_matrix import flow_matrix
from explorer.figures.hidden_states import hidden_states
from explorer.figures.iterated import iterated
from explorer.figures.jacobian_fan import fan, jacobian_fan
from explorer.figures.lags import lags
from explorer.figures.norms import norm_trace, share_clipped
from explorer.figures.spectrum import spectrum
from explorer.figures.table import MOST_COLUMNS, MOST_ROWS, tables
from explorer.figures.theme import Picture, number, power
from explorer.figures.total_by_lag import total_by_lag
from explorer.figures.trainability import success
from explorer.figures.training_curves import losses, norms
from explorer.figures.truncation import full_against_truncated
from explorer.figures.wall import wall
from explorer.run import compare
from explorer.training.lab import begin
from explorer.training.recipe import Recipe
from explorer.training.trainability import wilson

CONFIG = Config(sequence_length=30, hidden_size=8, loss_at="every", truncation="block", window=10)
SHOW = ("tanh", "sigmoid")


@pytest.fixture(scope="module")
def traces():
    return compare(CONFIG, SHOW)


def columns(table):
    """{heading: {row heading: cell}}."""
    names = [row[0] for row in table.rows]
    return {head: dict(zip(names, cells, strict=True)) for head, *cells in zip(table.head, *table.rows, strict=True)}


def test_lines_have_a_column_each_and_powers_are_written_out(traces):
    for table, trace in zip(tables(full_against_truncated(traces)), traces.values(), strict=True):
        read = columns(table)
        assert table.title in SHOW
        assert table.head == ("step t", "truncated", "full")
        for step in (1, 15, 30):
            assert read["full"][str(step)] == power(float(np.float32(trace.full.log10_dh_norms[step - 1])))
    last_only = compare(Config(sequence_length=30, window=10), ("tanh",))
    (table,) = tables(full_against_truncated(last_only))
    assert columns(table)["truncated"]["1"] == "0"  # the exact 0 beyond the window is a number, not a gap


def test_a_matrix_is_a_table(traces):
    table = tables(hidden_states(traces))[0]
    read = columns(table)
    for step, unit in ((1, 1), (30, 8), (7, 3)):
        assert read[str(unit)][str(step)] == number(float(np.float32(traces["tanh"].hs[step, 0, unit - 1])))
    flow = columns(tables(flow_matrix(traces))[1])
    assert flow["30"]["1"] == power(float(np.float32(traces["sigmoid"].flow.log10_norms[29, 0])))
    assert flow["1"]["30"] == "–"  # no loss reaches a later state


def test_names_on_the_y_axis_are_rows(traces):
    (table,) = tables(clipping(traces))
    assert {"W_xh", "W_hh", "b_h", "W_hy", "b_y"} < {row[0] for row in table.rows}
    assert columns(table)["tanh raw"]["W_hh"] == number(traces["tanh"].used.norms["W_hh"])
    assert table.note.startswith("threshold: ")


def test_areas_on_one_another_say_what_each_adds(traces):
    """The parts of a total sum to all of it."""
    for table in tables(total_by_lag(traces)):
        for row in table.rows:
            assert sum(float(cell.rstrip("%")) for cell in row[1:]) == pytest.approx(100, abs=0.5)


def test_points_of_the_plane_have_a_row_each(traces):
    (table,) = tables(spectrum(traces))
    values = np.linalg.eigvals(traces["tanh"].params["W_hh"])
    assert len(table.rows) == len(values) == CONFIG.hidden_size
    assert {row[2] for row in table.rows} == {number(float(np.float32(v.imag))).replace("-", "−") for v in values}


def test_bands_between_quartiles_and_bars_of_intervals_are_read(traces):
    """What is drawn as a shaded band or a bar stands in the table as numbers."""
    table = tables(jacobian_fan(traces))[1]
    assert table.head == ("step t", "upper quartile", "lower quartile", "largest", "median", "least")
    half = fan(traces["sigmoid"])[:, 6]
    assert [columns(table)[head]["7"] for head in table.head[1:]] == [
        power(float(np.float32(half[i]))) for i in (3, 1, 4, 2, 0)
    ]
    (table,) = tables(success({("SGD", 5, 0): 10, ("SGD", 5, 1): 0, ("SGD", 20, 0): 0}, 20))
    least, most = wilson(1, 2)
    assert table.head == ("sequence length T", "SGD")
    assert table.rows[0] == ("5", f"50.0% ({least:.1%} … {most:.1%})")
    assert table.rows[1][0] == "20"  # not where the mark is drawn, beside the other methods'


def test_clipped_updates_and_both_losses_are_read():
    lab = begin(Config(task="order", sequence_length=8, clip_at=0.02), Recipe(updates=6), ("activation", ("tanh",)))
    while lab.state == "running":
        lab.step()
    raw, (variant,) = columns(tables(norms(lab))[0]), lab.variants
    clipped = [n for n, kept in zip(variant.norms, variant.clipped_norms, strict=True) if n > kept]
    assert clipped
    assert [cell for cell in raw["tanh, clipped"].values() if cell != "–"] == [
        power(float(np.float32(np.log10(n)))) for n in clipped
    ]
    assert {"tanh", "tanh, training"} <= set(columns(tables(losses(lab))[0]))


def over_and_over(traces):
    return iterated(traces, 3, 0.5)


@pytest.mark.parametrize("make", [jacobian_fan, spectrum, full_against_truncated, clipping, over_and_over])
def test_only_rules_and_single_marks_have_no_name(make, traces):
    """A trace without a name is in no table: it may be a line between two points, a mark, or what the eye pairs by."""
    for trace in make(traces).figure["data"]:
        points = np.size(trace["x"])
        assert trace.get("name") or trace.get("hoverinfo") == "skip" or points <= 2 or trace["line"]["width"] == 0


def test_a_film_is_read_at_its_end():
    path, clipped = descend(5.5, -2.6, 20, 0.2), descend(5.5, -2.6, 20, 0.2, lambda g: g / 10)
    said = tables(wall(path, clipped, 0.2, 0.5))
    norms = next(table for table in said if table.title == "‖∇E‖")
    assert columns(norms)["not clipped"]["20"] == power(float(np.log10(path.norm[-1])))


@pytest.mark.parametrize("T", [1, 2, 400])
def test_every_named_trace_is_there_and_no_table_is_large(T):
    """Also where there is next to nothing to show, or far too much."""
    traces = compare(Config(sequence_length=T, hidden_size=32, loss_at="every"), SHOW)
    norms = np.geomspace(1e-3, 10, 200)
    pictures = [make(traces) for make in (hidden_states, full_against_truncated, clipping, flow_matrix, spectrum)]
    pictures += [lags(traces, 3), factor(traces, 1), classic(SHOW), norm_trace(norms, 1.0), share_clipped(norms, 1.0)]
    for picture in pictures:
        made = tables(picture)
        said = " ".join([*(head for t in made for head in t.head), *(f"{t.title} {t.note}" for t in made)])
        said += " ".join(row[0] for t in made for row in t.rows)
        for trace in picture.figure["data"]:
            if trace.get("name") and trace.get("meta") not in ("silent", "zero"):
                assert trace["name"] in said or "eigenvalues" in trace["name"], picture.title
        for table in made:
            assert 1 <= len(table.rows) <= MOST_ROWS
            assert len(table.head) <= MOST_COLUMNS + 1
            assert all(len(row) == len(table.head) for row in table.rows)
            assert "nan" not in str(table.rows)
    thinned = tables(hidden_states(traces))[0]
    assert (thinned.rows[0][0], thinned.rows[-1][0]) == ("1", str(T))
    assert ("evenly spaced" in thinned.note) == (max(T - MOST_ROWS, 32 - MOST_COLUMNS) > 0)


def test_overflow_is_no_number():
    """What float64 cannot hold stands as a gap or as ∞, and nothing fails."""
    traces = compare(Config(weight_scale=16, sequence_length=1000, hidden_size=8), ("relu",))
    for make in (hidden_states, full_against_truncated, clipping):
        assert isinstance(make(traces), Picture)
        for table in tables(make(traces)):
            assert "nan" not in str(table.rows)
