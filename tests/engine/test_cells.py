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
    _, pre = net.forward()
    slope = ACTIVATIONS[activation].dphi(pre[1])
    jacobian = CELLS[cell].jacobian(net.params, slope)
    for i, gradient in enumerate(np.eye(slope.shape[-1])):
        back, _ = CELLS[cell].step_backward(net.params, np.broadcast_to(gradient, slope.shape), slope)
        np.testing.assert_allclose(jacobian[..., i, :], back, rtol=1e-13)
