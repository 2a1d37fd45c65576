"""Every test here runs against SQLite and against a real Redis server."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.rooms.rooms import Rooms, open_store
from explorer.rooms.store import Store


@pytest.fixture(params=["sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store is."""
    if request.param == "sqlite":
        return str(tmp_path / "rooms.sqlite3")
    import redis

    url = request.getfixturevalue("redis_url")
    redis.Redis.from_url(url).flushall()
    return url


@pytest.fixture
def store(address: str) -> Store:
    """An empty store."""
    return open_store(address)


@pytest.fixture
def rooms(store: Store) -> Rooms:
    """The rules on an empty store."""
    return Rooms(store)
