"""A page that fails: the visitor sees a number, the log has it with the traceback."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.mishaps import SORRY
from tests.pages.conftest import fine

ROOT = Path(__file__).parents[1]


def failing():
    """A page with a secret in its exception."""
    import streamlit as st

    from explorer.mishaps import reported

    with reported():
        if st.session_state.get("stop"):
            st.stop()
        raise RuntimeError("secret path /home/teacher")


def test_an_exception_is_a_number(caplog):
    with caplog.at_level(logging.ERROR):
        at = AppTest.from_function(failing).run()
    (shown,) = (error.value for error in at.error)
    assert shown.startswith(SORRY)
    assert "secret" not in shown
    (number,) = re.findall(r"\*\*([0-9a-f]{8})\*\*", shown)
    assert f"error {number}" in caplog.text
    assert "secret path" in caplog.text
    with pytest.raises(AssertionError):  # what page tests call sees it
        fine(at)


def failing_in(where):
    """A page whose callback or fragment fails; what Streamlit runs by itself does not come by the page's own care."""
    import streamlit as st

    from explorer.mishaps import number_what_streamlit_catches, reported

    def fail():
        raise RuntimeError("secret path /home/teacher")

    number_what_streamlit_catches()
    with reported():
        st.button("Use it", on_click=fail if where == "callback" else None, key="use")
        if where == "fragment":
            st.fragment(reported()(fail))()
        st.write("the end")


@pytest.mark.parametrize("where", ["callback", "fragment"])
def test_what_streamlit_catches_by_itself_has_a_number_too(where, caplog):
    """Once, however often the page has run; and a fragment that is reported leaves the rest of the page as it is."""
    logging.getLogger("streamlit.error_util").propagate = True  # to caplog
    at = AppTest.from_function(failing_in, args=(where,)).run()
    at.run()
    with caplog.at_level(logging.ERROR):
        caplog.clear()
        at.button(key="use").click().run()
    (shown,) = (error.value for error in at.error)
    (number,) = re.findall(r"\*\*([0-9a-f]{8})\*\*", shown)
    assert set(re.findall("error ([0-9a-f]{8})", caplog.text)) == {number}
    assert "secret path" in caplog.text
    assert ("the end" in [text.value for text in at.markdown]) == (where == "fragment")


def test_every_fragment_is_reported():
    """A fragment runs without the page around it."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "explorer").rglob("*.py")}
    fragments = [(path.name, rest) for path, text in sources.items() for rest in text.split("st.fragment")[1:]]
    assert len(fragments) >= 5
    for name, rest in fragments:
        decorated = r"(\(run_every=\S+\))?\n@(reported\(\)|by_itself)\n|\((reported\(\)|by_itself)\("
        assert re.match(decorated, rest), f"{name}: @reported() is missing"


def test_stopping_is_no_mishap():
    at = AppTest.from_function(failing)
    at.session_state["stop"] = True
    assert not at.run().error


def test_the_settings_that_protect():
    """Forged requests refused, nothing told to third parties, sizes capped, no traceback in a browser."""
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["enableXsrfProtection"] is True
    assert settings["server"]["maxUploadSize"] <= 10
    assert 5 <= settings["server"]["maxMessageSize"] <= 50
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"
