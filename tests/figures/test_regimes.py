"""The pictures of Regimes show what the engine computes."""

import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.diagnostics import SATURATED, observed_rate, saturated_share
from explorer.figures import classic as book
from explorer.figures.activation_curves import activation_curves, family
from explorer.figures.iterated import compositions, iterated, iterated_slope
from explorer.figures.jacobian_fan import DEEPEST, jacobian_fan
from explorer.figures.lyapunov import convergence
from explorer.figures.occupancy import occupancy, shares
from explorer.figures.rates import grows, rates
from explorer.figures.regime_map import DECADES, lengths, map_of_regimes
from explorer.figures.spectrum import spectrum
from explorer.figures.theme import plotly_figure, power
from explorer.lessons.presets import REGIME_PRESETS
from explorer.run import compare, exponents, regime_map

SCALES = tuple(np.geomspace(0.1, 16, 9).tolist())
SHOW = ("tanh", "sigmoid")
CONFIG = Config(hidden_size=8, weight_scale=3)
CASES = {
    **{name: (preset.config, preset.show) for name, preset in REGIME_PRESETS.items()},
    "all": (CONFIG, tuple(ACTIVATIONS)),
    "two steps, two units": (Config(sequence_length=2, hidden_size=2), SHOW),
    "overflow": (Config(weight_scale=16, hidden_size=8, input_scale=10, sequence_length=200), ("relu", "identity")),
    "saturated": (Config(weight_scale=16, hidden_size=4, bias=50), SHOW),
    "dead": (Config(bias=-100, hidden_size=4), ("relu", "tanh")),
}


def mapped(config, show):
    return regime_map(replace(config, sequence_length=200), show, SCALES, (config.seed, config.seed + 1, 7))


def named(picture, name: str) -> list[dict]:
    """The traces of a picture with this name."""
    return [trace for trace in picture.figure["data"] if trace.get("name") == name]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", CASES)
def test_every_picture_is_valid(name):
    """Plotly takes the figure in both themes; its words are one line without nan or inf; lines have one length."""
    config, show = CASES[name]
    traces, regimes = compare(config, show), mapped(config, show)
    pictures = (
        map_of_regimes(traces, regimes, ((80, 3.2), (4, 0.1))),
        rates(traces, regimes),
        spectrum(traces),
        jacobian_fan(traces),
        convergence(traces),
        activation_curves(traces, -0.7),
        iterated(traces, 12, 6.0),
        iterated_slope(traces, 12, 6.0),
        occupancy(traces),
        family(),
        book.classic(show),
    )
    for made in pictures:
        for dark in (False, True):
            plotly_figure(made, dark)
        for text in (made.title, made.sentence):
            assert text.strip() == text != ""
            assert not re.search(r"\n|nan|inf\b|None", text)
        for trace in made.figure["data"]:
            if trace["type"] == "scatter":
                assert len(trace["x"]) == len(trace["y"])


def test_the_map_shows_the_median_and_reads_the_spread():
    traces, regimes = compare(CONFIG, SHOW), mapped(CONFIG, SHOW)
    picture = map_of_regimes(traces, regimes)
    for name in SHOW:
        (heatmap,) = named(picture, name)
        cells = regimes.ratios[name][:, :, lengths(regimes) - 1]  # (S, W, T)
        seeds = {part: values.T for part, values in heatmap["meta"]["seeds"].items()}
        np.testing.assert_allclose(seeds["median"], np.median(cells, axis=0), rtol=1e-6)
        np.testing.assert_allclose(seeds["least"], cells.min(axis=0), rtol=1e-6)
        np.testing.assert_allclose(seeds["most"], cells.max(axis=0), rtol=1e-6)
        np.testing.assert_allclose(heatmap["z"].T, np.clip(np.median(cells, axis=0), -DECADES, DECADES), rtol=1e-6)
        assert heatmap["z"].shape == (50, 9)
        np.testing.assert_allclose(heatmap["y0"] + heatmap["dy"] * np.arange(9), np.log10(SCALES))
    scale = picture.figure["layout"]["coloraxis"]
    assert scale["cmin"] == -scale["cmax"]
    assert scale["colorscale"][1][0] == 0.5


def test_lines_on_the_map():
    """The theory's line at the median critical scale of each activation, a cross at the setting, the trail."""
    regimes, trail = mapped(CONFIG, SHOW), ((80, 3.2), (120, 5.0))
    picture = map_of_regimes(compare(CONFIG, SHOW), regimes, trail)
    for line, name in zip(named(picture, "γ·σ_max = 1: below it guaranteed to vanish"), SHOW, strict=True):
        np.testing.assert_allclose(line["y"], np.log10(np.median(regimes.critical(name))), rtol=1e-6)
    for cross in named(picture, "here"):
        assert cross["x"][0] == CONFIG.sequence_length
        assert cross["y"][-1] == pytest.approx(np.log10(3.0), rel=1e-6)
    for visited in named(picture, "visited"):
        np.testing.assert_allclose(visited["x"], [80, 120])
        np.testing.assert_allclose(visited["y"], np.log10([3.2, 5.0]), rtol=1e-6)


def test_below_the_theory_s_line_every_cell_falls():
    regimes = mapped(CONFIG, SHOW)
    for name in SHOW:
        below = np.array(SCALES) < regimes.critical(name)[:, None]
        assert below.any()
        assert (regimes.ratios[name][below][:, 1:] < 0).all()


def test_rates_are_those_of_the_map():
    config = replace(CONFIG, sequence_length=70)
    traces, regimes = compare(config, SHOW), mapped(config, SHOW)
    picture = rates(traces, regimes)
    for name in SHOW:
        (line,) = named(picture, f"{name}: observed")
        np.testing.assert_allclose(line["y"], np.median(regimes.rates(name, 70), axis=0), rtol=1e-6)
        (here,) = named(picture, f"{name} here")
        assert here["y"][0] == pytest.approx(observed_rate(traces[name].last_row), rel=1e-6)
    sigma = np.log10(np.outer(regimes.sigma_max, SCALES))
    (line,) = named(picture, "σ_max(W_hh) = γ·σ_max of tanh")
    np.testing.assert_allclose(line["y"], np.median(sigma, axis=0), rtol=1e-5)
    (line,) = named(picture, "sigmoid: γ·σ_max")
    np.testing.assert_allclose(line["y"], np.median(sigma, axis=0) - np.log10(4), rtol=1e-5)


def test_stretches_of_growth():
    scales = (0.1, 1.0, 2.0, 4.0, 8.0)
    assert grows(scales, np.array([-1, 1, 2, -1, 3.0])) == "grows at scales 1.0…2.0, 8.0"
    assert grows(scales, np.array([1, 1, 1, 1, 1.0])) == "grows at scales 0.10…8.0"
    assert grows(scales, np.array([-1, np.nan, 0, -1, -np.inf])) == "grows nowhere on this axis"


def test_eigenvalues_and_circles():
    traces = compare(CONFIG, SHOW)
    picture = spectrum(traces)
    (points,) = named(picture, "eigenvalues")
    found = np.sort_complex(points["x"] + 1j * points["y"].astype(float))
    np.testing.assert_allclose(found, np.sort_complex(np.linalg.eigvals(traces["tanh"].params["W_hh"])), atol=1e-5)
    for name, radius in (("unit circle", 1.0), ("sigmoid: 1/γ = 4.0", 4.0), ("σ_max", traces["tanh"].sigma_max)):
        (circle,) = named(picture, name)
        np.testing.assert_allclose(np.hypot(circle["x"], circle["y"]), radius, rtol=1e-6)
    outside = int((np.abs(found) > 1.0).sum())
    assert picture.sentence.startswith(f"{outside} of 8 outside the unit circle")


def test_the_fan_holds_every_singular_value():
    traces = compare(CONFIG, SHOW)
    picture = jacobian_fan(traces)
    for i, (_, trace) in enumerate(traces.items()):
        for t in (0, 17, 49):
            values = np.linalg.svd(trace.slopes[t, 0][:, None] * trace.params["W_hh"].T, compute_uv=False)
            assert named(picture, "largest")[i]["y"][t] == pytest.approx(np.log10(values[0]), abs=1e-5)
            least = max(np.log10(values[-1]), DEEPEST)
            assert named(picture, "least")[i]["y"][t] == pytest.approx(least, abs=1e-5)
        bound = named(picture, "γ·σ_max")[i]["y"]
        assert (named(picture, "largest")[i]["y"] <= bound[0] + 1e-5).all()


def test_convergence_draws_the_exponents():
    traces = compare(CONFIG, SHOW)
    picture = convergence(traces)
    for i, trace in enumerate(traces.values()):
        np.testing.assert_array_equal(named(picture, "λ_1")[i]["y"], exponents(trace, 4)[:, 0])


def test_the_classic_figure_is_the_book_s():
    """Its first value 2.4684, and the whole curve from the book's recipe, written out with NumPy alone."""
    made = book.classic()
    for scale, drawn in zip((1.0, 0.5), made.figure["data"], strict=True):
        np.random.seed(3)
        W, dh, printed = np.random.randn(3, 3) * scale, np.ones((2, 3)), []
        for _ in range(20):
            dh = np.dot(dh, W.T)
            printed.append(np.sqrt(np.sum(dh**2)) / 2)
        np.testing.assert_allclose(drawn["y"], printed, rtol=1e-12)
    assert made.figure["data"][0]["y"][0] == pytest.approx(2.4684, abs=5e-5)
    assert "2.4684" in made.sentence


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_with_the_factor_it_is_the_chain_of_a_run(name):
    """‖∂/∂h‖ of Σ h_T carried back through the real run, by complex steps in h_{T−k} (central for relu's kink)."""
    from explorer.engine.cells import CELLS
    from explorer.engine.tasks import dogs

    params, phi, cell = book.network(1.0), ACTIVATIONS[name], CELLS["rnn"]
    xs, h, states = dogs(20, 2, "", ()).xs, np.zeros((2, 3)), [np.zeros((2, 3))]
    for x in xs:
        h, _ = cell.step(params, x, h, phi)
        states.append(h)
    for back in (1, 2, 5):
        gradient = np.zeros((2, 3))
        for index in np.ndindex(2, 3):
            change = np.zeros((2, 3), complex)
            change[index] = 1e-30j if name != "relu" else 1e-6
            ends = []
            for sign in (1, -1):
                h = states[20 - back] + sign * (change if name != "relu" else change.real)
                for x in xs[20 - back :]:
                    h, _ = cell.step(params, x, h, phi)
                ends.append(h.sum())
            gradient[index] = ends[0].imag / 1e-30 if name != "relu" else (ends[0] - ends[1]) / 2e-6
        assert book.norms(1.0, name)[back - 1] == pytest.approx(np.linalg.norm(gradient), rel=1e-6)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "identity"])
def test_compositions_and_their_slope(name):
    """The chain rule against a complex step, n = 1 … 12."""
    phi, a = ACTIVATIONS[name], np.array([-5.0, -0.3, 0.0, 2.0])
    values, slopes = compositions(phi, a, 12)
    stepped, _ = a + 1e-30j, None
    for n in range(12):
        stepped = phi.phi(stepped)
        np.testing.assert_allclose(values[n], stepped.real, rtol=1e-13)
        np.testing.assert_allclose(slopes[n], stepped.imag / 1e-30, rtol=1e-9)
        assert (slopes[n] <= phi.gamma ** (n + 1) * (1 + 1e-12)).all()


def test_what_the_text_says_about_activations():
    """Sigmoid over and over ends at 0.659 from anywhere; tanh keeps slope 1 at 0 only; σ′(a) = ¼ tanh′(a/2)."""
    values, _ = compositions(ACTIVATIONS["sigmoid"], np.array([-6.0, 0.0, 6.0]), 40)
    np.testing.assert_allclose(values[-1], 0.659, atol=5e-4)
    _, slopes = compositions(ACTIVATIONS["tanh"], np.array([0.0, 0.1]), 1000)
    assert slopes[-1, 0] == 1.0
    assert slopes[-1, 1] < 0.1
    a = np.linspace(-8, 8, 33)
    sigmoid, tanh = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
    np.testing.assert_allclose(sigmoid.dphi(a), tanh.dphi(a / 2) / 4, rtol=1e-12)


def test_curves_at_an_input():
    """Points lie on the curves; the sentence reads them."""
    picture = activation_curves(compare(CONFIG, SHOW), 1.0)
    points = [trace for trace in picture.figure["data"] if trace["mode"] == "markers"]
    expected = [f(np.ones(1))[0] for name in SHOW for f in (ACTIVATIONS[name].phi, ACTIVATIONS[name].dphi)]
    np.testing.assert_allclose([p["y"][0] for p in points], expected, rtol=1e-6)
    assert "tanh(1.00) = 0.762, φ′ = 0.420: 42% of γ" in picture.sentence
    slope = compositions(ACTIVATIONS["sigmoid"], np.ones(1), 6)[1][-1, 0]
    assert f"sigmoid: {power(np.log10(slope))}" in iterated_slope(compare(CONFIG, SHOW), 6, 1.0).sentence


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_occupancy_counts_every_unit_once(name):
    """Shares add up to 1 at each step; the lowest tenth is what is called saturated."""
    trace = compare(replace(CONFIG, batch_size=3), (name,))[name]
    counted = shares(trace)
    np.testing.assert_allclose(counted.sum(axis=1), 1.0)
    assert SATURATED * len(counted[0]) == 1.0
    assert counted[:, 0].mean() == pytest.approx(saturated_share(trace.slopes, trace.activation.gamma))


def test_eigenvalues_do_not_bound_a_product():
    """The text's example: ρ = 0 twice, and 4 together."""
    A, B = np.array([[0.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [2.0, 0.0]])
    radius = [float(np.abs(np.linalg.eigvals(M)).max()) for M in (A, B, A @ B)]
    assert radius == [0.0, 0.0, 4.0]
