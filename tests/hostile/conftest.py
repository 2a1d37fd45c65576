"""What a browser may send, and how much of it is tried: `HOSTILE=full pytest tests/hostile` tries all that it can."""

from __future__ import annotations

import os
from collections import Counter

import pytest

FULL = os.environ.get("HOSTILE") == "full"
TRIED: pytest.StashKey[Counter] = pytest.StashKey()


def times(full: int, quick: int) -> int:
    """How many examples: the quick run is for every commit."""
    return full if FULL else quick


def pytest_configure(config):
    config.stash[TRIED] = Counter()


@pytest.fixture(scope="session")
def tried(pytestconfig):
    """tried["texts"] += 1: what is counted here stands at the end of the report."""
    return pytestconfig.stash[TRIED]


def pytest_terminal_summary(terminalreporter, config):
    counts = config.stash.get(TRIED, Counter())
    if counts:
        words = ", ".join(f"{n:,} {what}" for what, n in counts.items())
        terminalreporter.write_line(f"hostile input tried: {words}")
