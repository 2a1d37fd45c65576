"""What somebody types: used as it is, or refused with a sentence; never run, never formatted."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings

from explorer.specs import MAX_TEXT
from tests.hostile.conftest import times
from tests.hostile.strategies import texts
from tests.pages.conftest import fine, opened

MEGABYTES = 1_000_000
BOXES = {"explore": ("text_area", {"task": "text"}), "by_hand": ("text_input", {})}


@pytest.mark.parametrize("page", BOXES)
def test_typed_texts(page, tried):
    """Two thousand texts typed into each box, in one session: after every one of them the page works."""
    kind, query = BOXES[page]
    at = fine(opened(page, **query))
    before = at.session_state["config"]

    @settings(max_examples=times(2_000, 80) // len(BOXES), suppress_health_check=list(HealthCheck))
    @given(texts)
    @example("ab" * (10 * MEGABYTES // 2))
    @example("\U0001f4a3" * (10 * MEGABYTES // 4))
    def check(typed):
        nonlocal before
        tried["typed texts"] += 1
        fine(getattr(at, kind)(key="control_text").set_value(typed).run())
        config = at.session_state["config"]
        if at.error:
            (sentence,) = (error.value for error in at.error)
            assert sentence.startswith("text ")
            assert len(sentence) < 400
            assert config == before
        else:
            assert config.text == typed
        before = config
        for shown in (*at.markdown, *at.caption, *at.warning, *at.error):
            assert not getattr(shown, "allow_html", False)
            assert len(shown.value) < 20_000

    check()


@pytest.mark.parametrize("page", BOXES)
def test_ten_megabytes_are_not_kept(page):
    """What cannot be used stays in the box to be mended, but not ten megabytes of it in every session."""
    kind, query = BOXES[page]
    at = opened(page, **query)
    fine(getattr(at, kind)(key="control_text").set_value("ab" * (5 * MEGABYTES)).run())
    assert len(at.error) == 1
    assert len(at.session_state["control_text"]) == 2 * MAX_TEXT
    assert len(at.session_state["faults"]["text"][1]) == 2 * MAX_TEXT
