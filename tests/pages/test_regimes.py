"""Regimes without a browser."""

import pytest

from explorer.config import Config
from explorer.lessons.presets import REGIME_PRESETS
from explorer.run import regimes as mapping
from tests.live.unpacking import unjoin, unpack
from tests.pages.conftest import fine, fire, opened, sent

PARTS = ["Lyapunov exponents", "The classic figure", "Activations"]


def regimes(**query: str):
    """Regimes with these URL parameters."""
    at = opened("regimes")
    at.query_params.update(query)
    return fine(at.run())


def on_explore(at) -> bool:
    return at.session_state["page"].name == "explore"


@pytest.mark.parametrize("name", REGIME_PRESETS)
def test_presets(name):
    at = regimes()
    fine(at.button_group(key="control_preset").select(name).run())
    assert at.session_state["config"] == REGIME_PRESETS[name].config
    assert len(sent(at)[1]["pictures"]) == 4


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "query", [{}, {"T": "2", "H": "2"}, {"show": "relu,identity", "scale": "16", "T": "200"}, {"task": "noise"}]
)
def test_every_part(part, query):
    at = regimes(**query)
    at.session_state["regimes_part"] = part
    fine(at.run())


def test_the_switch_of_the_classic_figure():
    at = regimes()
    at.session_state["regimes_part"] = "The classic figure"
    fine(at.run())
    assert any("2.4684" in caption.value.replace("\\", "") for caption in at.caption)
    fine(at.toggle(key="regimes_classic").set_value(True).run())
    assert any("sigmoid" in caption.value for caption in at.caption)


def test_the_microscope_has_its_own_sliders():
    """Two boards, each with its own; the settings of the second are in the URL."""
    at = regimes(a="-2.5", times="3")
    at.session_state["regimes_part"] = "Activations"
    fine(at.run())
    envelope, body = unjoin(at.get("bidi_component")[1].proto.bytes)
    assert [s["field"] for s in envelope["sliders"]] == ["a", "times"]
    (frame,) = unpack(body[: envelope["frame"]])
    assert frame["values"] == {"a": -2.5, "times": 3}
    assert frame["verdicts"] == []


def test_a_click_opens_explore_there():
    """The cell's length and weight scale, this page's network, and a point on the trail when one comes back."""
    at = regimes(H="12", seed="5", show="tanh,relu", inscale="2")
    at = fine(fire(at, {"picked": [19, 30], "serial": 1}))
    assert on_explore(at)
    there = at.session_state["config"]
    assert there == Config(hidden_size=12, seed=5, input_scale=2, sequence_length=80, weight_scale=there.weight_scale)
    assert there.weight_scale == pytest.approx(0.1 * 160 ** (30 / 39), rel=5e-3)
    assert at.session_state["extras"]["show"] == ("tanh", "relu")
    assert at.session_state["shelf"]["regimes"][1]["trail"] == ((80, there.weight_scale),)


def test_explore_keeps_what_regimes_does_not_ask_for():
    at = opened("explore", trunc="sliding", window="7", clip="value", loss="every", N="3", H="9")
    at.switch_page("explorer/pages/regimes.py")
    at = fine(fire(fine(at.run()), {"picked": [0, 0], "serial": 1}))
    kept = {"truncation": "sliding", "window": 7, "clip": "value", "loss_at": "every"}
    assert at.session_state["config"] == Config(**kept, hidden_size=32, sequence_length=4, weight_scale=0.1)


def test_the_button_opens_explore_at_the_present_setting():
    at = regimes(T="77", scale="2.5")
    (button,) = [b for b in at.button if "in Explore" in b.label]
    at = fine(button.click().run())
    assert on_explore(at)
    assert (at.session_state["config"].sequence_length, at.session_state["config"].weight_scale) == (77, 2.5)
    assert at.session_state["shelf"]["regimes"][1]["trail"] == ((77, 2.5),)


@pytest.mark.parametrize(
    "cell", [None, "x", [], [1], [1, 2, 3], [-1, 0], [50, 0], [0, 40], [0.5, 1], [True, False], {"0": 1}, [10**9, 0]]
)
def test_a_hostile_click_is_ignored(cell):
    at = fine(fire(regimes(), {"picked": cell, "serial": "?"}))
    assert not on_explore(at)


def test_a_link_restores_the_trail():
    at = regimes(trail="80x3.2,120x5")
    assert at.session_state["extras"]["trail"] == ((80, 3.2), (120, 5.0))
    assert not at.warning


@pytest.mark.parametrize(
    "query",
    [
        {"trail": "80"},
        {"trail": "80x"},
        {"trail": "1e9x2"},
        {"trail": "80xnan"},
        {"trail": "<b>"},
        {"task": "order"},
        {"show": "tanh,lstm"},
        {"trunc": "full"},
        {"a": "7"},
        {"times": "0.5"},
        {"T": "201"},
    ],
)
def test_bad_links_get_a_sentence(query):
    at = regimes(seed="3", **query)
    assert len(at.warning) == 1
    assert at.session_state["config"].seed == 3


def test_the_map_does_not_depend_on_what_is_dragged(monkeypatch):
    """Weight scale and T move over one map: it is not computed again."""
    monkeypatch.setattr("time.perf_counter", lambda: 0.0)  # no slice of the work ends early, however slow the machine
    at, computed = regimes(H="6", seed="11"), []
    monkeypatch.setattr(mapping, "_ratios", lambda *args: computed.append(args))
    for event in ({"field": "weight_scale", "value": 7.0}, {"field": "sequence_length", "value": 123}):
        at = fine(fire(at, {**event, "serial": 1}))
    assert at.session_state["config"].sequence_length == 123
    assert computed == []


def test_a_large_network_is_mapped_seed_by_seed(monkeypatch):
    """Each run of the page does a slice of the work and says how far it is."""
    now, real = [0.0], mapping._ratios

    def slow(*args):
        now[0] += 1.0  # seconds
        return real(*args)

    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    monkeypatch.setattr(mapping, "_ratios", slow)
    at = regimes(H="5", seed="21")
    counts = []
    for _ in range(5):
        title = sent(at)[1]["pictures"][1]["title"]
        counts.append(int(title.split("over ")[1].split(" ")[0]))
        at = fine(at.run())
    assert counts == [1, 2, 3, 4, 5]


def test_what_a_link_got_wrong_is_said_while_seeds_come_in():
    """They run the page again by themselves; whoever chooses something has read the sentence."""
    at = regimes(seed="many")
    assert ["seed" in warning.value for warning in fine(at.run()).warning] == [True]
    fine(at.select_slider(key="control_hidden_size").set_value(8).run())
    assert not at.warning
