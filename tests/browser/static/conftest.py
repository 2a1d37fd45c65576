"""The edition is built once. The compiled wheels are in the folder that STATIC_WHEELS names: builds for tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.static.build import build
from deploy.static.download import UnobtainableError
from tests.browser.static.edition import Host


def unavailable(reason):
    """Without the wheels these tests are skipped, except where the environment asks for them."""
    if os.environ.get("REQUIRE_STATIC") == "1":
        pytest.fail(f"REQUIRE_STATIC=1, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def host(browser, tmp_path_factory):
    """The edition with its wheels put in, built and served."""
    wheels = os.environ.get("STATIC_WHEELS")
    if not wheels:
        unavailable("STATIC_WHEELS does not name a folder with compiled wheels")
    folder = tmp_path_factory.mktemp("static") / "site"
    try:
        parts = build(folder, Path(wheels))
    except UnobtainableError as error:
        unavailable(f"the edition could not be built: {error}")
    started = Host(folder, parts)
    yield started
    started.server.shutdown()
