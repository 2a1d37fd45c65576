"""What no page has foreseen: its details stay in the server's log, under a number that a visitor can quote."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

LOG = logging.getLogger(__name__)
SORRY = "Something went wrong here, and it is not your fault. Reload the page; if it comes back, report the number"


@contextmanager
def reported() -> Iterator[None]:
    """Log an exception of the page and show its number. Streamlit's own signals (stop, rerun) are no Exceptions."""
    try:
        yield
    except Exception:
        number = secrets.token_hex(4)
        LOG.exception("error %s", number)
        st.error(f"{SORRY} **{number}**.", icon=":material/bug_report:")
