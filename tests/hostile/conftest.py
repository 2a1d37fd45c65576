"""What a browser may send, and how much of it is tried: `HOSTILE=full pytest tests/hostile` tries all that it can."""

from __future__ import annotations

import os
from collections import Counter

import pytest

FULL = os.environ.get("HOSTILE") == "full"


def times(full: int, quick: int) -> int:
    """How many examples: the quick run is for every commit."""
    return full if FULL else quick


@pytest.fixture
def tried(request):
    """tried["texts"] += 1: what is counted here stands at the end of the report, see tests/conftest.py."""
    counts = Counter()
    yield counts
    request.node.user_properties.append(("tried", dict(counts)))  # a plain dictionary crosses processes
