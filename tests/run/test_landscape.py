"""The loss around a network, and descents in it."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.cells import CELLS
from explorer.run import landscape, run, updates
from tests.run.same import SMALL, assert_same

pytestmark = pytest.mark.filterwarnings("error")  # a run never warns; an overflow is an event of the run


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
