"""The Explore page without a browser: every page, preset, widget, URL value and event of the board."""

from __future__ import annotations

import math
import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explorer.config import DEFAULT, SPECS, Config, from_query
from explorer.controls import PAGE_SPECS
from explorer.crowd import Line
from explorer.engine.activations import ACTIVATIONS
from explorer.lessons.presets import PRESETS
from explorer.live import frames
from explorer.run import run
from explorer.specs import Choice, Number
from tests.pages.conftest import PAGES, ROOT, SECONDS, fine, fire, opened, sent

NOT_OFFERED = {"cell", "phi"}  # Explore compares cells and activations by "show"
SLIDERS = ("weight_scale", "sequence_length", "window", "clip_at")
URLS = {spec.url: name for name, spec in SPECS.items()}
BAD = ("nan", "1e999", "-5", "💥", "", "1,5", "None", "<script>", "$x$", "x" * 20_000)


def sentences(at):
    """Warnings and errors as a reader sees them, without the escapes."""
    return [re.sub(r"\\(\W|_)", r"\1", box.value) for box in (*at.warning, *at.error)]


def test_every_page_is_in_the_app():
    named = re.findall(r'st\.Page\("([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    assert sorted(ROOT / path for path in named) == PAGES


@pytest.mark.parametrize("page", [path.stem for path in PAGES])
def test_every_page_runs(page):
    at = fine(opened(page))
    assert sentences(at) == []


def test_a_session_begins_with_the_board(monkeypatch):
    """Once: the browser draws it before the widgets of the row come. Their places are there."""
    seen = []
    monkeypatch.setattr(Line, "let_draw", lambda line: seen.append(st.session_state["control_preset"]))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    at.session_state["control_preset"] = "not set from the settings yet"
    fine(at.run())
    assert at.session_state["control_preset"] is None
    fine(at.button_group(key="control_preset").select("vanish").run())
    fine(at.switch_page(str(ROOT / "explorer" / "pages" / "flow.py")).run())
    fine(at.switch_page(str(ROOT / "explorer" / "pages" / "explore.py")).run())
    assert seen == ["not set from the settings yet"]


@pytest.mark.parametrize("name", PRESETS)
def test_presets(name):
    """One click: the preset's settings, whatever stood there before; its pill is lit, its sentence shown."""
    at = opened(scale="7", H="5", task="noise", show="relu")
    fine(at.button_group(key="control_preset").select(name).run())
    preset = PRESETS[name]
    assert (at.session_state["config"], at.session_state["extras"]["show"]) == (preset.config, preset.show)
    assert at.button_group(key="control_preset").value == name
    assert preset.text in [caption.value for caption in at.caption]
    _, frame, _ = sent(at)
    assert [v["name"] for v in frame["verdicts"]] == list(preset.show)


def test_preset_keeps_the_typed_text():
    at = opened(text="mississippi", task="text")
    fine(at.button_group(key="control_preset").select("vanish").run())
    assert at.session_state["config"].text == "mississippi"
    assert at.button_group(key="control_preset").value == "vanish"


@pytest.mark.parametrize("value", BAD, ids=lambda value: repr(value[:12]))
@pytest.mark.parametrize("url", [*URLS, "show"])
def test_bad_url_value(url, value):
    """The default and a sentence; the other settings stay as they were."""
    others = {"H": "7", "seed": "3"}
    at = fine(opened(**{**others, url: value}))
    config = at.session_state["config"]
    for other in {"H", "seed"} - {url}:
        assert str(getattr(config, URLS[other])) == others[other]
    if url == "text" and 2 <= len(value) <= 2000 and len(set(value)) > 1:
        assert (config.text, sentences(at)) == (value, [])
        return
    if url == "bias" and value == "-5":
        assert (config.bias, sentences(at)) == (-5.0, [])
        return
    (sentence,) = sentences(at)
    assert sentence.startswith(f"URL parameter {url}: ")
    assert ("ignored" if url in NOT_OFFERED else "default") in sentence
    assert len(sentence) < 300
    assert url not in URLS or getattr(config, URLS[url]) == getattr(DEFAULT, URLS[url])


def test_many_bad_values_at_once():
    at = fine(opened(**dict.fromkeys(URLS, "💥"), show="💥", utm="kept"))
    (warning,) = at.warning
    assert warning.value.count("URL parameter") == len(URLS) + 1
    assert at.session_state["config"] == Config()


def good(spec, name):
    """Values that a page allows: every choice, both ends, something between."""
    if isinstance(spec, Choice):
        return list(spec.options)
    if isinstance(spec, Number):
        return [spec.low, spec.high, spec.grid[len(spec.grid) // 3] if spec.grid else (spec.low + spec.high) // 2]
    return ["ab", "Ünïcödé 💥 <b>$x$</b>", "ab" * 1000]


@pytest.mark.parametrize("name", [n for n, spec in PAGE_SPECS.items() if spec.url not in NOT_OFFERED])
def test_good_url_value(name):
    """What a link says is what the session holds, for all that the page itself says it allows."""
    also = {"window": "2"} if name == "truncation" else {}
    for value in good(opened().session_state["page"].specs[name], name):
        at = fine(opened(**also, **{SPECS[name].url: str(value)}))
        assert getattr(at.session_state["config"], name) == value
        assert sentences(at) == []
        assert sent(at)[1]["values"] == {field: getattr(at.session_state["config"], field) for field in SLIDERS}


def test_values_that_do_not_fit_together():
    at = fine(opened(trunc="randomised", window="1", T="20"))
    assert at.session_state["config"] == Config(truncation="randomised", sequence_length=20)
    (sentence,) = sentences(at)
    assert "window = 1 is too short for randomised truncation" in sentence


def test_window_beyond_t():
    """Legal, and means full."""
    at = fine(opened(T="5", window="80"))
    envelope, frame, _ = sent(at)
    assert frame["values"]["window"] == 80
    (window,) = (slider for slider in envelope["sliders"] if slider["field"] == "window")
    assert window["value"] in window["values"]


def test_every_widget_takes_every_option():
    """Registry-driven: each select box and slider under "More" is set to each of its options."""
    at = opened()
    boxes = {name for name, spec in SPECS.items() if f"control_{name}" in [w.key for w in at.selectbox]}
    assert boxes >= {"task", "init", "truncation", "loss_at", "clip"}
    for name in sorted(boxes):
        for option in SPECS[name].options:
            fine(at.selectbox(key=f"control_{name}").set_value(option).run())
            assert getattr(at.session_state["config"], name) == option
            assert sentences(at) == []
    for slider in ("hidden_size", "input_scale"):
        grid = SPECS[slider].grid
        for value in (grid[0], grid[-1], grid[len(grid) // 2]):
            fine(at.select_slider(key=f"control_{slider}").set_value(value).run())
            assert getattr(at.session_state["config"], slider) == value
    for seed in (0, 7, SPECS["seed"].high):
        fine(at.number_input(key="control_seed").set_value(seed).run())
        assert at.session_state["config"].seed == seed


@pytest.mark.parametrize("chosen", [[name] for name in ACTIVATIONS] + [list(ACTIVATIONS)], ids=str)
def test_activations(chosen):
    at = opened()
    fine(at.button_group(key="control_show").set_value(chosen).run())
    assert at.session_state["extras"]["show"] == tuple(chosen)
    assert [v["name"] for v in sent(at)[1]["verdicts"]] == chosen
    fine(at.button_group(key="control_show").set_value([]).run())  # the last one cannot be taken away
    assert at.session_state["extras"]["show"] == tuple(chosen)


def test_new_seed_and_reset():
    at = opened(T="33", show="relu")
    new, reset, *_ = at.button
    fine(new.click().run())
    assert at.session_state["config"] == Config(sequence_length=33, seed=at.session_state["config"].seed)
    fine(at.button[1].click().run())
    assert reset.label == "Reset everything"
    assert (at.session_state["config"], at.session_state["extras"]["show"]) == (Config(), ("tanh", "sigmoid"))


@pytest.mark.parametrize("typed", ["a", "aaaa", "", "x" * 2001, "e\u0301\u00e9"])
def test_text_that_cannot_be_used(typed):
    """A sentence; what was typed stays, and so do all settings."""
    at = opened(task="text", T="30")
    fine(at.text_area(key="control_text").set_value(typed).run())
    (sentence,) = sentences(at)
    assert sentence.startswith("text ")
    assert at.text_area(key="control_text").value == typed
    assert at.session_state["config"] == Config(task="text", sequence_length=30)
    fine(
        at.selectbox(key="control_loss_at").set_value("every").run()
    )  # another control; the text is still to be mended
    assert at.text_area(key="control_text").value == typed
    fine(at.text_area(key="control_text").set_value("ab").run())
    assert at.session_state["config"] == Config(task="text", sequence_length=30, text="ab", loss_at="every")
    assert sentences(at) == []


@pytest.mark.parametrize(
    "typed",
    [
        "ab",
        "💥💣",
        "日本語のテキスト",
        "**b** $x$ <script>alert(1)</script>",
        "a\nb\tc",
        "x" * 1999 + "y",
        "\u202egnp.exe",
    ],
)
def test_text(typed):
    at = opened(task="text")
    fine(at.text_area(key="control_text").set_value(typed).run())
    assert at.session_state["config"].text == typed
    assert sent(at)[1]["reads"]["symbols"] == list(run(Config(task="text", text=typed)).inputs)


@pytest.mark.parametrize("field", SLIDERS)
def test_event_moves_a_slider(field):
    """Where a slider is, the settings, the frame and the URL follow; the answer carries the event's number."""
    value = SPECS[field].grid[5]
    at = fine(fire(opened(), {"field": field, "value": value, "serial": 3, "strip": False}))
    assert at.session_state["config"] == Config(**{field: value})
    envelope, frame, strip = sent(at)
    assert (envelope["answer"], frame["values"][field], strip) == (3, value, [])
    assert from_query({url: "".join(text) for url, text in at.query_params.items()})[0] == Config(**{field: value})


@pytest.mark.parametrize("field", SLIDERS)
def test_event_asks_for_a_strip(field):
    """Once: the next run sends no strip."""
    at = fire(opened(), {"field": field, "value": getattr(DEFAULT, field), "serial": 1, "strip": True})
    envelope, frame, strip = sent(fine(at))
    assert envelope["strip"]["field"] == field
    assert envelope["strip"]["key"] == frame["others"][field]
    assert [f["values"][field] for f in strip] == envelope["strip"]["values"]
    assert frame["key"] in [f["key"] for f in strip]
    assert sent(at.run())[0]["strip"] is None


@pytest.mark.parametrize("field", SLIDERS)
def test_along_a_strip_no_frame_is_made_again(field, monkeypatch):
    """Whoever lets go of the slider finds his frame among those that the strip was made of."""
    at = fire(opened(seed="4321"), {"field": field, "value": getattr(DEFAULT, field), "serial": 1, "strip": True})
    values = sent(fine(at))[0]["strip"]["values"]
    monkeypatch.setattr(frames, "frame_bytes", lambda *settings: pytest.fail(f"made again: {settings}"))
    for serial, value in enumerate((values[0], values[-1], values[7]), start=2):
        at = fine(fire(at, {"field": field, "value": value, "serial": serial, "strip": False}))
        assert sent(at)[1]["values"][field] == value


HOSTILE_VALUES = (
    None,
    "5",
    "💥",
    True,
    [],
    {},
    [1],
    {"a": 1},
    math.nan,
    math.inf,
    -math.inf,
    -5,
    0,
    1e308,
    10**400,
    2.5,
    "x" * 100_000,
)
HOSTILE_EVENTS = (
    None,
    5,
    "weight_scale",
    [],
    ["field", "weight_scale"],
    {},
    {"field": "weight_scale"},
    {"field": None, "value": 1},
    {"field": ["weight_scale"], "value": 1},
    {"field": {}, "value": 1},
    {"field": "text", "value": "hacked"},
    {"field": "seed", "value": 1},
    {"field": "__class__", "value": 1},
    {"field": "x" * 100_000, "value": 1},
    {"value": 2, "serial": 1},
)


@pytest.mark.parametrize("payload", HOSTILE_EVENTS, ids=lambda payload: repr(payload)[:40])
def test_hostile_event(payload):
    """Nothing but a field of the board can be moved by an event of the board."""
    at = fine(fire(opened(H="7"), payload))
    assert at.session_state["config"] == Config(hidden_size=7)


@pytest.mark.parametrize(
    "value",
    HOSTILE_VALUES,
    ids=lambda value: (
        repr(value)[:12] if not isinstance(value, int) else f"{value:.0e}" if abs(value) < 1e300 else "huge"
    ),
)
@pytest.mark.parametrize("field", SLIDERS)
def test_hostile_value(field, value):
    """A sentence, and the settings stay as they were; or a value that the slider's range allows."""
    at = fine(fire(opened(H="7"), {"field": field, "value": value, "serial": 1, "strip": True}))
    config = at.session_state["config"]
    if sentences(at):
        assert config == Config(hidden_size=7)
        assert len(sentences(at)) == 1
        assert len(sentences(at)[0]) < 300
    else:
        assert getattr(config, field) == value
        assert PAGE_SPECS[field].low <= value <= PAGE_SPECS[field].high
    at = fine(fire(at, {"field": "weight_scale", "value": 2.0, "serial": 2, "strip": False}))
    assert at.session_state["config"].weight_scale == 2.0
    assert sentences(at) == []


@pytest.mark.parametrize("serial", [None, "1", "💥", [], {}, math.nan, math.inf, -1, 1.5, True, 10**30])
def test_hostile_serial(serial):
    at = fine(fire(opened(), {"field": "weight_scale", "value": 2.0, "serial": serial, "strip": False}))
    assert at.session_state["config"] == Config(weight_scale=2.0)
    assert isinstance(sent(at)[0]["answer"], int)


@pytest.mark.parametrize("strip", [None, "no", [], 5, {}])
def test_hostile_strip_flag(strip):
    fine(fire(opened(), {"field": "weight_scale", "value": 2.0, "serial": 1, "strip": strip}))
