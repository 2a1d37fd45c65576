"""The beginner's view: fewer controls and parts on every page, the same settings, said where they cannot be seen."""

from __future__ import annotations

import pytest

from explorer.texts import words
from tests.pages.conftest import PAGES, ROOT, fine, opened, sent

NAMES = [path.stem for path in PAGES]
KINDS = ("number_input", "selectbox", "select_slider", "text_input", "text_area")


def keys(at):
    """The keys of all widgets that are controls of a field."""
    found = {widget.key or "" for kind in KINDS for widget in at.get(kind)}
    return {key for key in found if key.startswith("control_")}


def advanced(at):
    """Those that the open page marks as not for beginners."""
    page = at.session_state["page"]
    specs = {**page.specs, **{name: extra.spec for name, extra in page.extras.items()}}
    return {f"control_{name}" for name, spec in specs.items() if spec is not None and spec.advanced}


def parts(at, page):
    """The parts of a page."""
    found = [group for group in at.button_group if group.key == f"{page}_part"]
    return [option.content for option in found[0].proto.options] if found else []


@pytest.mark.parametrize("page", NAMES)
def test_beginners_see_less_and_lose_nothing(page):
    expert, beginner = fine(opened(page)), fine(opened(page, level="beginner"))
    assert keys(beginner) == keys(expert) - advanced(expert)
    assert set(parts(beginner, page)) <= set(parts(expert, page))
    assert "".join(beginner.query_params["level"]) == "beginner"
    assert "level" not in expert.query_params, "links that say nothing show everything, as they always did"
    if "config" in expert.session_state:
        assert beginner.session_state["config"] == expert.session_state["config"]


@pytest.mark.parametrize("page", NAMES)
def test_there_is_a_switch_where_it_hides_something(page):
    expert, beginner = fine(opened(page)), fine(opened(page, level="beginner"))
    hides = keys(expert) & advanced(expert) or set(parts(expert, page)) - set(parts(beginner, page))
    switches = [toggle for at in (expert, beginner) for toggle in at.toggle if toggle.key == "control_level"]
    assert len(switches) == (2 if hides else 0)


def test_something_is_hidden_where_there_is_much():
    for page in ("explore", "flow", "gated", "regimes", "clipping", "training", "by_hand"):
        at = fine(opened(page))
        assert keys(at) & advanced(at), page
    for page in ("flow", "regimes", "clipping", "training", "by_hand"):
        fewer, all_of_them = (len(parts(fine(opened(page, level=level)), page)) for level in ("beginner", "expert"))
        assert fewer < all_of_them, page


def test_what_a_link_sets_stays_in_force_and_is_said():
    at = fine(opened("explore", level="beginner", init="orthogonal", N="4", H="8"))
    settings = at.session_state["config"]
    assert (settings.init, settings.batch_size, settings.hidden_size) == ("orthogonal", 4, 8)
    said = words("level.hidden", settings="Init of W_hh = orthogonal, Batch size N = 4")
    assert said in [caption.value.replace("\\", "") for caption in at.caption]
    fine(at.toggle(key="control_level").set_value(False).run())
    assert said not in [caption.value.replace("\\", "") for caption in at.caption]
    assert keys(at) >= advanced(at)


def test_the_switch_holds_on_every_page_of_a_session():
    at = fine(fine(opened("explore")).toggle(key="control_level").set_value(True).run())
    assert "".join(at.query_params["level"]) == "beginner"
    at.query_params.clear()  # as a browser does when it goes to another page
    fine(at.switch_page(str(ROOT / "explorer/pages/flow.py")).run())
    assert at.toggle(key="control_level").value
    assert "".join(at.query_params["level"]) == "beginner"
    fine(at.toggle(key="control_level").set_value(False).run())
    assert "level" not in at.query_params


def test_a_slider_that_a_page_is_about_stays():
    """Forget biases are advanced, and what the page of gated cells is about."""
    envelope, _, _ = sent(fine(opened("gated", level="beginner")))
    assert "forget_bias" in [slider["field"] for slider in envelope["sliders"]]


def test_an_unknown_level_gets_a_sentence():
    at = fine(opened("explore", level="professor"))
    assert "level = 'professor' is unknown" in at.warning[0].value.replace("\\", "")
    assert not at.toggle(key="control_level").value
