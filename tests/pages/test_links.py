"""Links on pages: golden ones keep their meaning; locks hold against everything that a browser can send."""

import re
from dataclasses import replace

import pytest

from explorer.config import Config
from explorer.links import VERSION
from tests.pages.conftest import fine, fire, opened, sent

# Links as they were sent, with what they meant in full. Never edit one: if a test fails because a default has changed,
# raise links.VERSION, note the old default in links.CHANGED, and add links of the new version below.
EXPLORE = Config(
    cell="rnn",
    activation="tanh",
    task="dogs",
    text="the quick brown fox ",
    sequence_length=50,
    batch_size=1,
    hidden_size=16,
    weight_scale=1.0,
    input_scale=1.0,
    init="gaussian",
    bias=0.0,
    forget_bias=1.0,
    loss_at="last",
    truncation="block",
    window=10,
    clip="norm",
    clip_at=1.0,
    seed=0,
)

GOLDEN = {
    "explore?": (EXPLORE, {"show": ("tanh", "sigmoid")}),
    "explore?scale=5&H=32&T=120": (replace(EXPLORE, weight_scale=5.0, hidden_size=32, sequence_length=120), {}),
    "explore?task=order&T=60&H=32&scale=2&trunc=sliding&window=7": (
        replace(
            EXPLORE,
            task="order",
            sequence_length=60,
            hidden_size=32,
            weight_scale=2.0,
            truncation="sliding",
            window=7,
        ),
        {},
    ),
    "explore?init=non-normal&loss=every&clip=value&clip_at=0.1&seed=42&N=3&inscale=2&bias=-1&show=tanh,relu": (
        replace(
            EXPLORE,
            init="non-normal",
            loss_at="every",
            clip="value",
            clip_at=0.1,
            seed=42,
            batch_size=3,
            input_scale=2.0,
            bias=-1.0,
        ),
        {"show": ("tanh", "relu")},
    ),
    "explore?v=1&task=text&text=mississippi": (replace(EXPLORE, task="text", text="mississippi"), {}),
    "flow?": (replace(EXPLORE, loss_at="every", hidden_size=32), {"step": 30, "show": ("tanh", "sigmoid")}),
    "flow?T=400&H=8&step=77&trunc=randomised&window=20": (
        replace(EXPLORE, loss_at="every", sequence_length=400, hidden_size=8, truncation="randomised", window=20),
        {"step": 77},
    ),
    "by_hand?": (
        replace(EXPLORE, task="text", text="dogs", sequence_length=3, hidden_size=3, truncation="full", clip="none"),
        {"at": 0, "rate": 0.5, "updates": 0, "weights": {}},
    ),
    "by_hand?text=cats&H=2&phi=sigmoid&at=5&updates=7&rate=0.25&weights=W_hh:0.5,0;0,-1": (
        replace(
            EXPLORE,
            task="text",
            text="cats",
            sequence_length=3,
            hidden_size=2,
            activation="sigmoid",
            truncation="full",
            clip="none",
        ),
        {"at": 5, "updates": 7, "rate": 0.25, "weights": {"W_hh": ((0.5, 0.0), (0.0, -1.0))}},
    ),
}


def went(link):
    """The app after following a link."""
    page, _, query = link.partition("?")
    query = dict(part.split("=", 1) for part in query.split("&") if part)
    if page == "explore":
        return fine(opened(**query))
    at = opened(page)
    at.query_params.update(query)
    return fine(at.run())


@pytest.mark.parametrize("link", GOLDEN)
def test_old_links_keep_their_meaning(link):
    config, extras = GOLDEN[link]
    at = went(link)
    assert at.session_state["config"] == config
    assert extras.items() <= at.session_state["extras"].items()
    assert not at.warning


def test_the_newest_version_has_golden_links():
    assert VERSION == 1 or any(f"v={VERSION}" in link for link in GOLDEN)


def words(at):
    return " ".join(re.sub(r"\\(\W|_)", r"\1", box.value) for box in (*at.warning, *at.error))


def test_a_link_of_the_future_says_so_and_is_followed():
    at = fine(opened(v="99", H="7"))
    assert "'99' is no version of links that is known here" in words(at)
    assert at.session_state["config"].hidden_size == 7


def test_a_locked_control_is_shown_with_its_value_and_does_not_move():
    at = fine(opened(scale="3", H="7", lock="weight_scale,H"))
    _, frame, _ = sent(at)
    slider = next(s for s in sent(at)[0]["sliders"] if s["field"] == "weight_scale")
    assert (frame["values"]["weight_scale"], slider["value"], slider["note"] != "") == (3.0, 3.0, True)
    assert at.select_slider(key="control_hidden_size").disabled
    at = fine(fire(at, {"field": "weight_scale", "value": 5.0, "serial": 1, "strip": False}))
    assert at.session_state["config"] == Config(weight_scale=3, hidden_size=7)
    at = fine(fire(at, {"field": "window", "value": 5, "serial": 2, "strip": False}))
    assert at.session_state["config"] == Config(weight_scale=3, hidden_size=7, window=5)


@pytest.mark.parametrize("page", ["training", "shapes"])
def test_whatever_has_a_widget_can_be_locked_and_hidden(page):
    """Extras as well as fields: the widget stands still, or is not there; and nothing else moves it."""
    names = {"training": ("optimiser", "updates", "vary"), "shapes": ("shape", "net", "read")}[page]
    free, locked, without = (
        widgets(went(f"{page}?{query}")) for query in ("", f"lock={','.join(names)}", f"hide={','.join(names)}")
    )
    still = {label for label, disabled in locked.items() if disabled}
    assert len(still) >= len(names)
    assert not any(free[label] for label in still)
    assert still.isdisjoint(without)


def widgets(at):
    """{label of whatever chooses a setting: whether it stands still}."""
    return {widget.label: widget.disabled for widget in (*at.button_group, *at.selectbox, *at.select_slider)}


def test_presets_and_reset_leave_what_is_locked():
    at = opened(scale="3", seed="9", lock="scale,seed,show", show="relu")
    fine(at.button_group(key="control_preset").select("saturated").run())
    config = at.session_state["config"]
    assert (config.weight_scale, config.seed, config.hidden_size) == (3.0, 9, 8)
    assert at.session_state["extras"]["show"] == ("relu",)
    for button in at.button:
        if button.label in ("New seed", "Reset everything") and not button.disabled:
            at = fine(button.click().run())
    assert (at.session_state["config"].weight_scale, at.session_state["config"].seed) == (3.0, 9)


def test_a_hidden_control_is_not_there_and_does_not_move():
    at = fine(opened(scale="3", hide="weight_scale,task,show"))
    assert "weight_scale" not in [s["field"] for s in sent(at)[0]["sliders"]]
    assert "control_task" not in [box.key for box in at.selectbox]
    assert "control_show" not in [group.key for group in at.button_group]
    at = fine(fire(at, {"field": "weight_scale", "value": 5.0, "serial": 1, "strip": True}))
    assert at.session_state["config"] == Config(weight_scale=3)


def test_locks_stay_in_the_url_and_with_their_page():
    at = fine(opened(scale="3", lock="scale"))
    at = fine(fire(at, {"field": "window", "value": 5, "serial": 1, "strip": False}))
    assert "".join(at.query_params["lock"]) == "weight_scale"
    at.switch_page("explorer/pages/flow.py")
    fine(at.run())
    assert at.session_state["config"].weight_scale == 1.0
    assert "lock" not in at.query_params
    at.switch_page("explorer/pages/explore.py")
    fine(at.run())
    assert at.session_state["config"].weight_scale == 3.0
    at = fine(fire(at, {"field": "weight_scale", "value": 5.0, "serial": 2, "strip": False}))
    assert at.session_state["config"].weight_scale == 3.0


@pytest.mark.parametrize("page", ["explore", "flow", "by_hand"])
def test_a_bad_lock_gets_a_sentence(page):
    at = went(f"{page}?lock=💥,H&hide=at")
    assert "'💥' is no control of this page" in words(at)
    assert "'at' is no control of this page" in words(at)
    assert at.session_state["locks"][at.session_state["page"].name].lock == ("hidden_size",)
