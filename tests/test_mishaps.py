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
