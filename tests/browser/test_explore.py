"""The Explore page in a real Chromium."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from explorer.config import DEFAULT, Config, to_query
from explorer.figures.theme import COLOURS, power
from explorer.lessons.presets import PRESETS
from explorer.run import compare
from tests.browser.board import PICTURES, drag

TIMED = ("states", "truncation", "terms")  # the pictures with a time axis


def colour_of(h, dark=False):
    """What a state looks like on the colour scale, −1 … 0 … 1."""
    low, middle, high = (
        np.array([int(COLOURS[name][dark][i : i + 2], 16) for i in (1, 3, 5)]) for name in ("low", "middle", "high")
    )
    return middle + abs(h) * ((high if h > 0 else low) - middle)


def test_opens_with_four_pictures(opened):
    """One screen, no script error (see the fixture), the lines that the engine computes."""
    explore = opened()
    page = explore.page
    assert page.locator(".lb-picture").count() == len(PICTURES)
    assert all(title.strip() for title in page.locator(".lb-title").all_inner_texts())
    assert all(sentence.strip() for sentence in page.locator(".lb-sentence").all_inner_texts())
    assert page.locator(".lb-verdict").count() == 2
    explore.shows(DEFAULT)


def test_fits_one_screen(opened):
    """All four at 1440 × 900, time axes under one another, nothing wider than the window."""
    explore = opened()
    boxes = [explore.plot(name).bounding_box() for name in PICTURES]
    assert all(box["y"] + box["height"] <= 900 for box in boxes)
    starts = {
        explore.plot(name).evaluate(
            "plot => [plot.getBoundingClientRect().x % 1e4 + plot._fullLayout.xaxis._offset, "
            "plot._fullLayout.xaxis._length].map(Math.round).join()"
        )
        for name in ("states", "terms")
    }
    assert len(starts) == 1
    assert explore.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def margins(stage):
    """Where something is written left of a picture's axes and below them: labels, ticks, titles."""
    seen = grey(stage)
    return [seen[:, :55] < 160 / 255, seen[-29:, 55:] < 160 / 255]


def grey(stage):
    """What a picture looks like, 0 black … 1 white."""
    return np.asarray(Image.open(io.BytesIO(stage.screenshot())).convert("L")) / 255


def missing(there, here):
    """How much of what is there has nothing within two pixels here."""
    near = [np.roll(here, (dx, dy), (0, 1)) for dx in range(-2, 3) for dy in range(-2, 3)]
    return (there & ~np.any(near, axis=0)).sum()


def test_the_first_pictures_do_not_wait_for_plotly(board):
    """The axes that are drawn before it is there stand where it then draws them, with the same ticks and titles."""
    explore, held = board(fresh=True), []
    page = explore.page
    page.route("**/plotly*.js", lambda request: held.append(request))
    page.goto(f"{explore.home}/?T=40&scale=2")
    page.wait_for_selector(".lb[data-painted]")
    page.wait_for_function("window.explorerPlotly && document.fonts.status === 'loaded'")
    stages = [page.locator(".lb-stage").nth(i) for i in range(len(PICTURES))]
    before = [margins(stage) for stage in stages]
    assert page.evaluate("window.Plotly === undefined")
    held[0].continue_()
    explore.settle()
    page.mouse.move(0, 0)
    for name, first, stage in zip(PICTURES, before, stages, strict=True):
        for there, here in zip(margins(stage), first, strict=True):
            assert max(missing(there, here), missing(here, there)) <= 0.02 * there.sum(), name
            assert there.sum() > 150, name


@pytest.mark.parametrize("query", [{}, {"task": "order", "H": "32", "scale": "3"}])
def test_heatmap_pixels(opened, query):
    """The colour of a cell is the state of that unit at that step."""
    explore = opened(**query)
    config = Config(
        task=query.get("task", "dogs"), hidden_size=int(query.get("H", 16)), weight_scale=float(query.get("scale", 1))
    )
    for i, trace in enumerate(compare(config).values()):
        for unit, step in ((1, 1), (1, 50), (config.hidden_size, 1), (5, 17), (11, 42)):
            *rgb, alpha = explore.pixel(i, unit, step)
            assert alpha == 255
            np.testing.assert_allclose(rgb, colour_of(trace.hs[step, 0, unit - 1]), atol=2)


def test_a_sketch_at_rest_is_the_picture(opened):
    """While its axes can stay, Plotly draws a picture when the pointer comes, and it looks the same then."""
    explore = opened(T="40")
    page, stage = explore.page, explore.page.locator(".lb-stage").nth(list(PICTURES).index("terms"))
    page.focus("#lb-weight_scale")
    for value in (1.1, 1.2):
        page.keyboard.press("ArrowRight")
        explore.settle(weight_scale=value)
    page.mouse.move(0, 0)
    assert stage.evaluate("stage => stage.classList.contains('lb-sketched')")
    sketched = grey(stage)
    explore.traces("terms")  # the pointer comes, and Plotly draws
    assert not stage.evaluate("stage => stage.classList.contains('lb-sketched')")
    page.mouse.move(0, 0)
    page.wait_for_function("document.querySelector('.lb-tip').hidden")
    drawn = grey(stage)
    ink = (drawn < 0.9).sum()
    assert ink > 1000
    assert (np.abs(sketched - drawn) > 0.5).sum() < 0.1 * ink  # dashes begin elsewhere
    explore.shows(Config(sequence_length=40, weight_scale=1.2))


def test_a_preset_runs_the_upper_half_of_the_page(opened):
    """What follows the settings does so there: the URL, the row of controls, the pictures."""
    explore = opened(scale="7")
    page = explore.page
    page.get_by_role("radio", name="explode", exact=True).click()
    explore.settle(weight_scale=PRESETS["explode"].config.weight_scale)
    page.get_by_text(PRESETS["explode"].text).wait_for()
    explore.shows(PRESETS["explode"].config)
    assert explore.query == to_query(PRESETS["explode"].config)


def test_what_a_link_got_wrong_is_said_until_it_is_mended(opened):
    """A preset mends it, although the sentence stands above what a preset runs."""
    explore = opened(scale="many")
    page = explore.page
    page.get_by_text("URL parameter scale").wait_for()
    page.get_by_role("radio", name="explode", exact=True).click()
    page.get_by_text("URL parameter scale").wait_for(state="detached")
    explore.shows(PRESETS["explode"].config)


def test_numbers_that_stand_open_follow_the_slider(opened):
    """The drawer is not part of what a slider runs."""
    explore = opened()
    page = explore.page
    page.get_by_text("Numbers as a table").click()
    table = page.locator(".st-key-explore_board_numbers table, [data-testid=stExpander] table").first
    before = table.inner_text()
    page.focus("#lb-weight_scale")
    page.keyboard.press("ArrowRight")
    explore.settle(weight_scale=1.1)
    page.wait_for_function("before => document.querySelector('table')?.innerText !== before", arg=before)


def test_key_press(opened):
    """An arrow key moves the slider by one position; picture, verdict and URL follow."""
    explore = opened()
    explore.page.focus("#lb-weight_scale")
    verdict = explore.page.locator(".lb-verdict").first.inner_text()
    for value in (1.1, 1.2):
        explore.page.keyboard.press("ArrowRight")
        explore.settle(weight_scale=value)
    explore.page.wait_for_function("location.search === '?scale=1.2'")
    assert explore.page.locator(".lb-verdict").first.inner_text() != verdict
    explore.shows(Config(weight_scale=1.2))


@pytest.mark.parametrize(
    ("field", "url", "share"),
    [
        ("weight_scale", "scale", 0.8),
        ("sequence_length", "T", 0.6),
        ("window", "window", 0.7),
        ("clip_at", "clip_at", 0.2),
    ],
)
def test_drag(board, field, url, share):
    """Pictures follow the thumb before it is let go; then the URL holds the value, and the exact answer is painted.

    Back leads to where the drag began, not to a value on the way.
    """
    explore = board().open()
    page = explore.page
    before = page.evaluate("history.length")
    drag(page, field, share)
    text = page.locator(f"#lb-{field}").get_attribute("aria-valuetext")
    page.wait_for_function(f"Number(new URLSearchParams(location.search).get('{url}')) === {float(text)}")
    value = type(getattr(DEFAULT, field))(explore.query[url])
    explore.settle(**{field: value})
    explore.shows(Config(**{field: value}))
    assert page.evaluate("history.length") == before + 1


def test_url_alone_restores(board):
    """A link opened elsewhere shows the same picture."""
    first = board().open(scale="5", H="32", trunc="sliding")
    drag(first.page, "window", 0.5)
    first.page.wait_for_function("new URLSearchParams(location.search).has('window')")
    first.settle()
    second = board(fresh=True).open(**first.query)
    config = Config(weight_scale=5, hidden_size=32, truncation="sliding", window=int(first.query["window"]))
    assert second.painted == first.painted
    first.shows(config)
    second.shows(config)


def test_back_button(board):
    """Back in the browser is back in the settings."""
    explore = board().open()
    explore.page.focus("#lb-sequence_length")
    for value in (51, 52):
        explore.page.keyboard.press("ArrowRight")
        explore.settle(sequence_length=value)
        explore.page.wait_for_function(f"location.search === '?T={value}'")
    explore.page.go_back()
    explore.settle(sequence_length=51)
    explore.shows(Config(sequence_length=51))


def test_zoom_survives_a_slider(opened):
    """Pictures are updated, not replaced: the same DOM nodes, the same zoom."""
    explore = opened()
    page, plot = explore.page, explore.plot("terms")
    page.evaluate("document.querySelectorAll('.lb-plot').forEach((plot, i) => (plot.mine = i))")
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 150, steps=5)
    page.mouse.up()
    ranges = "plot => [...plot._fullLayout.xaxis.range, ...plot._fullLayout.yaxis.range]"
    page.wait_for_function("document.querySelectorAll('.lb-plot')[2]._fullLayout.xaxis.range[0] > 1")
    zoomed = plot.evaluate(ranges)
    page.focus("#lb-weight_scale")
    page.keyboard.press("ArrowRight")
    explore.settle(weight_scale=1.1)
    assert plot.evaluate(ranges) == zoomed
    assert page.evaluate("[...document.querySelectorAll('.lb-plot')].map(plot => plot.mine)") == [0, 1, 2, 3]
    explore.shows(Config(weight_scale=1.1))


def test_hover_marks_the_step_everywhere(opened):
    """A step under the pointer is marked in every picture with a time axis, and read out with its numbers."""
    explore = opened()
    page, step = explore.page, 20
    x, y = explore.plot("terms").evaluate(
        """(plot, step) => {
            const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.x + xaxis._offset + xaxis.d2p(step), box.y + yaxis._offset + yaxis._length / 2];
        }""",
        step,
    )
    page.mouse.move(x, y)
    page.wait_for_selector(".lb-tip:visible")
    assert [page.locator(".lb-marker").nth(i).is_visible() for i in range(4)] == [name in TIMED for name in PICTURES]
    places = [page.locator(".lb-marker").nth(i).bounding_box()["x"] for i in range(3)]
    assert places[0] == pytest.approx(places[2], abs=1)
    lines = page.locator(".lb-tip").inner_text().splitlines()
    traces = compare(DEFAULT)
    assert lines[0] == f"step {step} · reads “{traces['tanh'].inputs[step - 1]}”"
    assert f"tanh: {power(traces['tanh'].last_row[step - 1])}" in lines
    assert page.locator(".lb .hovertext").count() == 0  # one tooltip, not Plotly's beside it
    page.mouse.move(5, 5)
    page.wait_for_selector(".lb-tip", state="hidden")
    assert page.locator(".lb-marker:visible").count() == 0


def test_hover_reads_a_state(opened):
    """In a heatmap the unit under the pointer is read out."""
    explore = opened()
    unit, step = 3, 30
    x, y = explore.plot("states").evaluate(
        """(plot, [unit, step]) => {
            const {xaxis2: X, yaxis2: Y} = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.x + X._offset + X.d2p(step), box.y + Y._offset + Y.d2p(unit)];
        }""",
        [unit, step],
    )
    explore.page.mouse.move(x, y)
    explore.page.wait_for_selector(".lb-tip:visible")
    h = compare(DEFAULT)["sigmoid"].hs[step, 0, unit - 1]
    assert f"sigmoid: unit {unit}, h = {h:.2f}" in explore.page.locator(".lb-tip").inner_text().splitlines()


def test_late_widgets_push_nothing(board):
    """Widgets of the first row that a browser loads after the pictures do not push these down under the pointer."""
    explore, late = board(), []
    explore.page.route(re.compile(r"/(Selectbox|ButtonGroup|WidgetLabel)\."), lambda route: late.append(route))
    explore.open()
    assert late
    before = explore.plot("states").bounding_box()
    for route in late:
        route.continue_()
    explore.page.get_by_role("radio", name="vanish", exact=True).wait_for()
    assert explore.plot("states").bounding_box() == before


def test_light_and_dark(board):
    """Both themes draw the same numbers in their own colours."""
    pages = {scheme: board(color_scheme=scheme).open() for scheme in ("light", "dark")}
    for scheme, explore in pages.items():
        explore.shows(DEFAULT, dark=scheme == "dark")
    h = compare(DEFAULT)["tanh"].hs[17, 0, 4]
    for scheme, explore in pages.items():
        np.testing.assert_allclose(explore.pixel(0, 5, 17)[:3], colour_of(h, dark=scheme == "dark"), atol=2)
    title = "() => getComputedStyle(document.querySelector('.lb-title')).color"
    assert pages["light"].page.evaluate(title) != pages["dark"].page.evaluate(title)


def test_presets(opened):
    """One click each; the lit pill says which is on the screen."""
    explore = opened()
    for name, preset in PRESETS.items():
        pill = explore.page.get_by_role("radio", name=name, exact=True)
        pill.click()
        explore.settle(weight_scale=preset.config.weight_scale, sequence_length=preset.config.sequence_length)
        explore.page.wait_for_function("new URLSearchParams(location.search).size > 0")
        assert pill.is_checked()
        explore.shows(preset.config, preset.show)


def test_bad_url(opened):
    """A sentence for every value that cannot be used; the defaults stand in, the other settings are kept."""
    explore = opened(scale="1e999", window="💥", trunc="nonsense", T="30", H="8")
    alerts = explore.page.get_by_test_id("stAlert").all_inner_texts()
    for name in ("scale", "window", "trunc"):
        assert any(f"URL parameter {name}:" in alert for alert in alerts)
    explore.shows(Config(sequence_length=30, hidden_size=8))


HOSTILE = "💥 **bold** <script>alert(1)</script> <img src=x onerror=alert(2)> $x$ [a](http://b.c) :red[r]"


def test_typed_text_is_text(opened):
    """Whatever is typed is read by the network and shown as characters, nothing else."""
    explore = opened(task="text", T="30")
    page = explore.page
    box = page.get_by_role("textbox", name="Your text")
    box.fill(HOSTILE)
    page.keyboard.press("Control+Enter")
    page.wait_for_function("new URLSearchParams(location.search).has('text')")
    explore.settle()
    assert explore.query["text"] == HOSTILE
    explore.shows(Config(task="text", text=HOSTILE, sequence_length=30))
    explore.plot("states").hover(position={"x": 60, "y": 30})
    page.wait_for_selector(".lb-tip:visible")
    assert "reads “💥”" in page.locator(".lb-tip").inner_text()
    assert (
        page.locator(".stMain script, .stMain .katex:not(.stExpander *), .stMain a[href*='b.c'], .lb img").count() == 0
    )


@pytest.mark.parametrize("typed", ["aaaa", "$$"])
def test_text_that_cannot_be_used(opened, typed):
    """One symbol only: a sentence; what was typed stays to be mended, and the picture stays."""
    explore = opened(task="text")
    page = explore.page
    before = explore.query
    box = page.get_by_role("textbox", name="Your text")
    box.fill(typed)
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("stAlert").wait_for()
    assert f"text = '{typed}' has one symbol only" in page.get_by_test_id("stAlert").inner_text()
    assert box.input_value() == typed
    assert explore.query == before
    explore.shows(Config(task="text"))
    box.fill("ab")
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("stAlert").wait_for(state="detached")
    explore.settle().shows(Config(task="text", text="ab"))
