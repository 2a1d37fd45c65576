"""The Training page without a browser: settings, links, buttons, texts, files, and the way to other pages."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config, from_query
from explorer.engine.cells import CELLS
from explorer.engine.storage import save_npz, to_torch
from explorer.engine.tasks import TASKS
from explorer.lessons.trials import TRIALS
from explorer.run import run, sequences
from explorer.training.lab import begin
from explorer.training.recipe import Recipe
from explorer.training.trained import Trained, from_file, to_file
from explorer.training_page.own_text import LONGEST_TEXT, take_text
from tests.pages.conftest import components, fine, opened, sent


def press(at, label):
    (button,) = (b for b in at.button if b.label == label)
    return fine(button.click().run())


def words(at):
    return [re.sub(r"\\(\W|_)", r"\1", box.value) for box in (*at.warning, *at.error)]


def small(**query):
    return opened("training", **{"T": "6", "H": "4", "N": "4", "updates": "8", **query})


def test_it_trains_pauses_continues_and_stops():
    at = fine(small(updates="2000"))
    assert components(at) == []
    at = press(at, "Train")
    lab = at.session_state["lab"]
    assert lab.state == "running"
    assert lab.number > 0
    at = press(at, "Pause")
    n = lab.number
    assert press(at, "One update").session_state["lab"].number == n + 1
    at = press(at, "Continue")
    assert lab.number > n + 1
    press(at, "Stop")
    assert lab.state == "done"


def test_pictures_of_a_finished_run():
    """Every picture of it is sent, and settings that are changed afterwards are told apart."""
    at = press(small(), "Train")
    while at.session_state["lab"].state == "running":
        at = fine(at.run())
    assert at.session_state["lab"].number == 8
    _, frame, _ = sent(at)
    assert len(frame["pictures"]) == 8
    assert not any("changed since" in caption.value for caption in at.caption)
    at = fine(at.select_slider(key="control_sequence_length").set_value(7).run())
    assert any("changed since" in caption.value for caption in at.caption)


def test_leaving_and_returning_keeps_the_run():
    at = press(small(updates="5000"), "Train")
    n = at.session_state["lab"].number
    at = fine(at.switch_page("explorer/pages/by_hand.py").run())
    assert at.session_state["lab"].number == n
    at = fine(at.switch_page("explorer/pages/training.py").run())
    assert at.session_state["lab"].number > n
    press(at, "Stop")


@pytest.mark.parametrize(
    ("vary", "chosen"),
    [
        ("cell:rnn,lstm,gru", ("cell", ("rnn", "lstm", "gru"))),
        ("learning_rate:0.1,0.01", ("learning_rate", (0.1, 0.01))),
        ("H:2,4,8,16", ("hidden_size", (2, 4, 8, 16))),
    ],
)
def test_a_link_says_what_is_compared(vary, chosen):
    at = fine(small(vary=vary, updates="5000"))
    assert at.session_state["extras"]["vary"] == chosen
    assert words(at) == []
    press(press(at, "Train"), "Stop")


@pytest.mark.parametrize(
    "vary", ["", "phi", "phi:", "phi:tanh,magic", "task:dogs", "H:1e9", "H:2,3,4,5,6", "💥:1", "H:" + "2," * 5000]
)
def test_a_bad_comparison_in_a_link_gets_a_sentence(vary):
    at = fine(small(vary=vary))
    assert at.session_state["extras"]["vary"] == ("activation", ("tanh", "sigmoid"))
    (sentence,) = words(at)
    assert sentence.startswith("URL parameter vary: ")
    assert len(sentence) < 300


@pytest.mark.parametrize("name", ["optimiser", "learning_rate", "decay", "update", "updates", "symbols", "precision"])
def test_a_bad_recipe_in_a_link_gets_a_sentence(name):
    at = fine(small(**{name: "💥"}))
    (sentence,) = words(at)
    assert sentence.startswith(f"URL parameter {name}: ")
    assert at.session_state["extras"][name] == getattr(Recipe(), name)


def test_typed_values():
    """Numbers with commas; what cannot be used gets its sentence, and the values stay."""
    at = small(vary="scale:0.5,1")
    at = fine(at.text_input(key="control_typed_weight_scale").set_value("1, 2, 3").run())
    assert at.session_state["extras"]["vary"] == ("weight_scale", (1.0, 2.0, 3.0))
    at = fine(at.text_input(key="control_typed_weight_scale").set_value("1, much").run())
    assert at.session_state["extras"]["vary"] == ("weight_scale", (1.0, 2.0, 3.0))
    (sentence,) = words(at)
    assert "weight_scale" in sentence
    at = fine(at.selectbox(key="control_varied").set_value("truncation").run())
    assert at.session_state["extras"]["vary"][0] == "truncation"


def test_values_that_do_not_go_together():
    """A window of 1 under randomised truncation: one sentence, no run."""
    at = press(small(vary="window:1,5", trunc="randomised"), "Train")
    assert any("window" in sentence for sentence in words(at))
    assert "lab" not in at.session_state


def test_a_text_is_written():
    at = press(small(task="text", text="abcabcabd", vary="phi:tanh", updates="5000"), "Train")
    assert len(at.code) == 1
    assert set(at.code[0].value) <= set("abcd")
    press(at, "Stop")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b"", "fewer than two"),
        (b"aaaa", "fewer than two"),
        (b"ab" * LONGEST_TEXT, "at most"),
    ],
)
def test_a_file_that_is_no_text(data, problem):
    assert problem in take_text("file.txt", data)


def test_a_click_in_the_very_run_that_finishes_is_not_lost():
    """The end of a training draws the page anew; the weights go to the other page all the same."""
    at = press(small(vary="phi:tanh", updates="100000"), "Train")
    lab = at.session_state["lab"]
    lab.budget = lab.number + 1
    at = press(at, "tanh → Explore")
    at = fine(at.switch_page("explorer/pages/explore.py").run())
    assert banners(at) == 1


def test_a_trained_network_is_looked_at_elsewhere():
    """Explore and Gradient flow show its weights and say so; letting it go brings the drawn ones back."""
    at = press(small(vary="phi:tanh", updates="5"), "Train")
    while at.session_state["lab"].state == "running":
        at = fine(at.run())
    params = {name: W.copy() for name, W in at.session_state["lab"].variants[0].params.items()}
    at = press(at, "tanh → Explore")
    at = fine(at.switch_page("explorer/pages/explore.py").run())
    assert at.session_state["extras"]["show"] == ("tanh",)
    assert banners(at) == 1
    _, trained, _ = sent(at)
    own = at.session_state["network"]
    assert all((own.params[name] == W).all() for name, W in params.items())
    at = fine(at.number_input(key="control_seed").set_value(3).run())  # other data, the same weights
    assert banners(at) == 1
    at = fine(at.number_input(key="control_seed").set_value(0).run())
    at = press(at, "Let it go")
    _, drawn, _ = sent(at)
    assert trained["key"] != drawn["key"]
    assert (trained["pictures"][0]["figure"]["data"][0]["z"] != drawn["pictures"][0]["figure"]["data"][0]["z"]).any()
    assert banners(at) == 0


def banners(at):
    """How many lines say what is loaded."""
    return sum(box.value.startswith(":material/upload_file:") for box in at.markdown)


SHORT = Recipe(updates=2)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("task", TASKS)
def test_a_trained_network_is_at_home_in_its_settings(task, cell):
    """Other pages run it on the task that it has learnt, or on the text, with the loss it was trained to."""
    text = "abracadabra, abracadabra" if task == "text" else None
    lab = begin(Config(cell=cell, task=task, sequence_length=6, hidden_size=4), SHORT, ("seed", (0,)), text)
    lab.step()
    (variant,) = lab.variants
    lesson = variant.lesson
    excerpt = None if lesson.corpus is None else tuple(lesson.classes[c] for c in lesson.corpus.train)
    brought = Trained("mine", lesson.config, variant.params, excerpt and lesson.classes, excerpt)
    config = replace(brought.settings(Config()), network=brought.network, reading=brought.reading)
    assert (config.task, config.cell, config.loss) == (task, cell, TASKS[task].loss)
    assert (brought.reading is None) == (task != "text")
    for name, W in run(config).params.items():
        np.testing.assert_array_equal(W, variant.params[name])
    data = sequences(config)
    assert data.classes == lesson.classes
    if excerpt is not None:
        np.testing.assert_array_equal(data.xs, lesson.fixed.xs)
        np.testing.assert_array_equal(data.targets, lesson.fixed.targets)


def trained(config, **more):
    lab = begin(replace(config, truncation="full"), Recipe(updates=2), ("seed", (0,)))
    lab.step()
    (variant,) = lab.variants
    return Trained("mine", variant.lesson.config, variant.params, **more)


@pytest.mark.parametrize("form", ["npz", "safetensors"])
def test_a_saved_network_comes_back(form):
    """With its settings and, of a text, its alphabet."""
    for network in (
        trained(Config(cell="gru", task="order", hidden_size=3)),
        trained(Config(task="hello", hidden_size=3), alphabet=tuple("abcdefg"), excerpt=tuple("abcabd")),
    ):
        back = from_file(f"any.{form}", to_file(network, form))
        assert (back.name, back.config, back.alphabet, back.excerpt) == (
            "mine",
            *(getattr(network, name) for name in ("config", "alphabet", "excerpt")),
        )
        assert all((back.params[name] == W).all() for name, W in network.params.items())
        assert (back.network, back.reading) == (network.network, network.reading)


def test_files_of_something_else_are_refused():
    network = trained(Config(task="order", hidden_size=3))
    good = to_file(network, "npz")
    with pytest.raises(ValueError, match="no file of weights"):
        from_file("weights.pkl", good)
    with pytest.raises(ValueError, match=r"not a \.safetensors"):
        from_file("weights.safetensors", b"1234")
    for lie in ({"hidden_size": 4}, {"task": "parity"}, {"cell": "lstm"}, {"task": "dogs"}):
        liar = replace(network, config=replace(network.config, **lie))
        with pytest.raises(ValueError):  # noqa: PT011
            from_file("weights.npz", to_file(liar, "npz"))
    for settings in ([], {"config": []}, {"config": {"network": {}}}, {"config": {"reading": 1}, "name": ""}):
        with pytest.raises(ValueError, match="does not hold the settings"):
            from_file("weights.npz", save_npz(to_torch(network.params), json.dumps(settings)))


def test_explore_sends_its_settings_here():
    at = opened("explore", T="33", scale="2", show="tanh,relu")
    at = press(at, "Train this")
    config = at.session_state["config"]
    assert (config.sequence_length, config.weight_scale) == (33, 2.0)
    assert at.session_state["extras"]["vary"] == ("activation", ("tanh", "relu"))


def test_success_against_length_begins_with_the_scripts_table_and_goes_on():
    at = fine(small())
    at = fine(at.button_group(key="training_part").set_value("Success against length").run())
    assert at.session_state["survey"].state == "done"
    assert at.session_state["survey"].results
    at = press(at, "Try it here")
    assert at.session_state["survey"].state == "running"
    assert press(at, "Pause").session_state["survey"].state == "paused"


@pytest.mark.parametrize("name", TRIALS)
def test_a_preset_sets_everything_and_is_lit(name):
    """Settings, recipe and what is compared; its sentence is shown, and a link holds it."""
    at = fine(small())
    at = fine(at.button_group(key="control_preset").set_value(name).run())
    trial = TRIALS[name]
    assert at.session_state["config"] == trial.config
    assert at.session_state["extras"]["vary"] == trial.vary
    assert trial.text in [caption.value for caption in at.caption]
    assert begin(trial.config, trial.recipe, trial.vary).state == "running"
    link = {name: "".join(value) for name, value in at.query_params.items()}
    assert from_query(link, TRIALS["tanh | sigmoid"].config)[0] == trial.config


def test_how_far_back_the_answer_lies():
    """The sentence under the settings follows T, and is there only where T decides it."""
    said = "what an answer depends on lies up to"
    assert any(f"{said} 5 steps back" in c.value for c in small(task="echo", T="10").caption)
    assert not any(said in c.value for c in small(task="tagging").caption)


@pytest.mark.parametrize("page", ["flow", "clipping"])
def test_trained_weights_open_on_other_pages(page):
    """With the settings that they were trained under."""
    at = press(small(vary="phi:tanh", updates="3", seed="4"), "Train")
    while at.session_state["lab"].state == "running":
        at = fine(at.run())
    at = fine(at.button(key=f"{page}_tanh").click().run())
    at = fine(at.switch_page(f"explorer/pages/{page}.py").run())
    assert banners(at) == 1
    config = at.session_state["config"]
    assert (config.task, config.sequence_length, config.seed) == ("order", 6, 4)
