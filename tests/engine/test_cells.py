"""One step of every cell: its Jacobian is its backward step, written as a matrix."""

import numpy as np
import pytest

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from tests.gradcheck import network


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_jacobian_and_backward_step_agree(cell, activation):
    net = network(cell=cell, activation=activation)
    states, factors, _ = net.ran()
    jacobian = CELLS[cell].jacobian(net.params, factors[1])
    for i, gradient in enumerate(np.eye(states.shape[-1])):
        back, _ = CELLS[cell].step_backward(net.params, np.broadcast_to(gradient, states[1].shape), factors[1])
        np.testing.assert_allclose(jacobian[..., i, :], back, rtol=1e-13)
