import numpy as np
import pytest

from explorer.engine.cells import CELLS, columns
from explorer.engine.diagnostics import sigma_max, spectral_radius
from explorer.engine.flow import gradient_flow
from explorer.engine.weights import INITS, draw_params

SEEDS = range(20)


def draw(init, H, seed=0):
    return INITS[init](np.random.default_rng(seed), H)


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("H", [1, 2, 16, 256])
def test_draws_are_square_finite_and_reproducible(init, H):
    """(H, H) float64; the same seed gives the same matrix."""
    W = draw(init, H)
    assert W.shape == (H, H)
    assert W.dtype == np.float64
    assert np.isfinite(W).all()
    np.testing.assert_array_equal(W, draw(init, H))


@pytest.mark.parametrize("init", ["gaussian", "uniform"])
def test_variance_is_one_over_H(init):
    """Mean 0 and variance 1/H, within five standard errors over 40 matrices of 64 × 64."""
    entries = np.stack([draw(init, 64, seed) for seed in range(40)]) * 8.0
    error = 5.0 / np.sqrt(entries.size)
    assert abs(entries.mean()) < error
    assert abs(entries.var() - 1.0) < 2.0 * error


def test_gaussian_is_gaussian():
    """Fourth moment 3; uniform has 1.8, and never exceeds √(3/H)."""
    gaussian, uniform = (np.stack([draw(init, 64, s) for s in range(40)]) * 8.0 for init in ("gaussian", "uniform"))
    assert (gaussian**4).mean() == pytest.approx(3.0, abs=0.1)
    assert (uniform**4).mean() == pytest.approx(1.8, abs=0.05)
    assert np.abs(uniform).max() <= np.sqrt(3.0)


def test_gaussian_fills_the_unit_disc():
    """ρ ≈ 1 and σ_max ≈ 2 for large H, so that the weight scale is about the spectral radius."""
    W = draw("gaussian", 256)
    assert spectral_radius(W) == pytest.approx(1.0, abs=0.1)
    assert sigma_max(W) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("H", [1, 2, 3, 16, 64])
def test_orthogonal_keeps_every_length(H):
    """All singular values are 1, so W Wᵀ = I."""
    for seed in SEEDS:
        W = draw("orthogonal", H, seed)
        np.testing.assert_allclose(W @ W.T, np.eye(H), atol=1e-14)


def test_orthogonal_is_uniform():
    """Reflections and rotations alike, every entry with mean 0: no sign is favoured by the QR decomposition."""
    draws = np.stack([draw("orthogonal", 3, seed) for seed in range(2000)])
    assert np.abs(draws.mean(axis=0)).max() < 5.0 / np.sqrt(3.0 * 2000)
    assert (np.linalg.det(draws) > 0.0).mean() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("H", [1, 5])
def test_identity_is_the_unit_matrix(H):
    """Ones on the diagonal."""
    np.testing.assert_array_equal(draw("identity", H), np.eye(H))


@pytest.mark.parametrize("H", range(2, 65))
def test_non_normal_vanishes_in_the_end_but_may_grow_first(H):
    """ρ < 1 < σ_max for every size and seed."""
    for seed in SEEDS:
        W = draw("non-normal", H, seed)
        assert spectral_radius(W) < 1.0 < sigma_max(W)


@pytest.mark.parametrize("H", [8, 16, 32])
def test_non_normal_gradients_grow_and_then_fall(H):
    """Identity activation, scale 1: the last loss's term peaks tenfold above its start, then falls far below it."""
    for seed in range(16):
        rng = np.random.default_rng(seed)
        params = {"W_hh": draw("non-normal", H, seed), "W_hy": rng.normal(size=(H, 4))}
        slopes, dys = np.ones((400, 1, H)), rng.normal(size=(400, 1, 4))
        row = gradient_flow(params, slopes, dys, CELLS["rnn"], last_only=True)[0].log10_norms[0]
        assert row.max() > row[-1] + 1.0
        assert row[0] < row[-1] - 3.0


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("init", INITS)
def test_draw_params(cell, init):
    """Shapes as the cell names them, (H, O), (O,); biases as asked for, the keeping gate's apart; all others 0."""
    params = draw_params(np.random.default_rng(0), CELLS[cell], init, (3, 5, 4), 1.0, 0.7, -2.0)
    own = CELLS[cell].shapes(3, 5)
    assert {name: p.shape for name, p in params.items()} == {**own, "W_hy": (5, 4), "b_y": (4,)}
    first, *others = (params[name] for name in own if name.startswith("b"))
    for block, values in zip(CELLS[cell].blocks, columns(first, len(CELLS[cell].blocks)), strict=True):
        np.testing.assert_array_equal(values, -2.0 if block == CELLS[cell].keeper else 0.7)
    assert not any(b.any() for b in (*others, params["b_y"]))


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if cell.gated])
def test_cells_of_one_seed_share_the_candidate_and_the_read_out(cell, init):
    """The vanilla cell's W_hh and W_xh stand before the candidate; no block repeats another."""
    vanilla, gated = (
        draw_params(np.random.default_rng(0), CELLS[c], init, (3, 16, 4), 1.0, 0.0) for c in ("rnn", cell)
    )
    blocks = CELLS[cell].blocks
    for name in ("W_hh", "W_xh"):
        by_block = dict(zip(blocks, columns(gated[name], len(blocks)), strict=True))
        np.testing.assert_array_equal(by_block.pop(CELLS[cell].candidate), vanilla[name])
        for other in by_block.values():
            assert (other != vanilla[name]).any() or init == "identity"
    np.testing.assert_array_equal(gated["W_hy"], vanilla["W_hy"])


def test_input_scale_multiplies_one_draw():
    """W_xh alone, and proportionally."""
    one, ten = (draw_params(np.random.default_rng(0), CELLS["rnn"], "gaussian", (3, 5, 4), s, 0.0) for s in (1.0, 10.0))
    np.testing.assert_array_equal(ten.pop("W_xh"), 10.0 * one.pop("W_xh"))
    for name, value in one.items():
        np.testing.assert_array_equal(ten[name], value)


@pytest.mark.parametrize("cell", CELLS)
def test_sizes_of_the_task_do_not_change_the_recurrent_draw(cell):
    """Neither D nor O: another task moves the same network."""
    sizes = [(3, 5, 4), (7, 5, 2)]
    a, b = (draw_params(np.random.default_rng(0), CELLS[cell], "gaussian", s, 1.0, 0.0) for s in sizes)
    np.testing.assert_array_equal(a["W_hh"], b["W_hh"])


def test_input_and_output_weights_have_the_stated_variance():
    """W_xh ~ N(0, 1) and W_hy ~ N(0, 1/H), within five standard errors."""
    params = draw_params(np.random.default_rng(0), CELLS["rnn"], "gaussian", (200, 100, 200), 1.0, 0.0)
    error = 5.0 * np.sqrt(2.0 / 20_000)
    assert params["W_xh"].var() == pytest.approx(1.0, abs=error)
    assert 100 * params["W_hy"].var() == pytest.approx(1.0, abs=error)
