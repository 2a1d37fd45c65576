"""A loaded network or sequence on every page: named, used, let go; what it decides cannot be moved."""

import numpy as np
import pytest

from explorer.config import Config, ConfigError
from explorer.engine.cells import CELLS
from explorer.engine.own import Network
from explorer.live.frames import identity
from explorer.own import keeping
from tests.own.test_own_network import network, reading
from tests.pages.conftest import PAGES, fine, fire, opened, sent

STEMS = [path.stem for path in PAGES]
HOSTILE = "**b** [x](http://x) <script>alert(1)</script>.npz"


def gated(cell):
    return Network(cell, cell, {name: np.ones(shape) / 9 for name, shape in CELLS[cell].shapes(4, 5).items()})


def loaded(page="explore", query=(), **brought):
    """A page with these in its session."""
    at = opened(page, **dict(query))
    for name, what in brought.items():
        at.session_state[name] = what
    return fine(at.run())


def banner(at):
    return [box.value for box in at.markdown if box.value.startswith(":material/upload_file:")]


@pytest.mark.parametrize("page", STEMS)
@pytest.mark.parametrize(
    "brought",
    [
        {"network": network()},
        {"network": network(D=7, H=40, O=9)},
        {"network": network(O=None, H=1)},
        {"reading": reading()},
        {"network": network(), "reading": reading()},
        {"network": gated("lstm")},
        {"network": gated("gru")},
    ],
    ids=["fits", "reads noise", "no read-out", "sequence", "both", "LSTM", "GRU"],
)
def test_every_page_runs_and_names_it(page, brought):
    at = loaded(page, **brought)
    assert len(banner(at)) == len(brought)
    assert not at.error


def test_explore_shows_that_network():
    own = network()
    at = loaded(network=own, query={"scale": "2"})
    config = Config(network=own, weight_scale=2)
    assert sent(at)[1]["key"] == identity(config, ("tanh", "sigmoid"), ())
    assert at.session_state["config"] == Config(weight_scale=2)


def test_what_it_decides_cannot_be_moved_and_comes_back_when_it_is_let_go():
    at = loaded(network=network(), query={"H": "7"})
    size = at.select_slider(key="control_hidden_size")
    assert (size.value, size.disabled) == (5, True)
    assert at.selectbox(key="control_init").disabled
    assert not at.selectbox(key="control_task").disabled
    at.button(key="let_go_network").click()
    fine(at.run())
    assert at.select_slider(key="control_hidden_size").value == 7
    assert banner(at) == []


def test_a_task_that_it_cannot_read_is_said_and_not_forgotten():
    at = loaded(network=network(D=9), query={"task": "hello"})
    assert "It cannot read the task" in banner(at)[0]
    assert at.session_state["config"].task == "hello"
    at.session_state["network"] = None
    assert at.run().selectbox(key="control_task").value == "hello"


def test_a_sequence_takes_the_place_of_the_task():
    at = loaded(reading=reading())
    assert at.selectbox(key="control_task").disabled


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_gated_network_is_shown_as_what_it_is(cell):
    """And not twice, as tanh and as sigmoid."""
    at = loaded(network=gated(cell))
    assert [v["name"] for v in sent(at)[1]["verdicts"]] == [cell]
    assert at.button_group(key="control_show").disabled
    assert "show" not in at.query_params


def test_sliders_of_the_board_still_move_it():
    at = fine(fire(loaded(network=network()), {"field": "weight_scale", "value": 2.0, "serial": 1, "strip": True}))
    assert [f["values"]["weight_scale"] for f in sent(at)[2]]
    assert at.session_state["config"].weight_scale == 2.0


def test_by_hand_walks_through_a_small_one_and_says_why_not_through_others():
    small = loaded("by_hand", network=network(H=3))
    assert "RNN, D" in banner(small)[0].replace("\\", "")
    large = loaded("by_hand", network=network(H=9))
    assert "at most 5 units" in banner(large)[0]


def test_a_hostile_name_is_text():
    own = network(name=HOSTILE)
    assert "<script" not in banner(loaded(network=own))[0].replace("\\<", "")
    assert "[x](" not in banner(loaded(network=own))[0].replace("\\[", "")


@pytest.mark.parametrize("cell", ["rnn"])
def test_load_refuses_what_does_not_fit(cell, monkeypatch):
    """And what was there stays."""
    state = {}
    monkeypatch.setattr(keeping.st, "session_state", state)
    keeping.load(network())
    with pytest.raises(ConfigError, match="reads 4"):
        keeping.load(reading(D=3))
    too_large = Network("x", cell, {"W_xh": np.ones((2, 300)), "W_hh": np.ones((300, 300)), "b_h": np.ones(300)})
    with pytest.raises(ConfigError, match="hidden_size = 300"):
        keeping.load(too_large)
    assert keeping.held() == {"network": network()}
