"""The first page loads what it draws with, and nothing of the others: a server's first visitor waits for all of it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# What other pages, downloads and class rooms need.
LATER = (
    *("sqlite3", "redis", "segno", "plotly.offline", "matplotlib", "torch"),
    *("explorer.rooms", "explorer.classroom", "explorer.asking", "explorer.lessons.catalogue"),
    *("explorer.training", "explorer.engine.training", "explorer.engine.shapes", "explorer.own.read_network"),
    *("explorer.export.downloads", "explorer.export.handout", "explorer.export.script"),
)
LOADED = """
import sys
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("app.py", default_timeout=60).run()
assert not at.exception
if "more" in sys.argv:
    at.switch_page("explorer/pages/training.py").run()
print(*sys.modules)
"""


def loaded(*more: str) -> list[str]:
    """Modules of a fresh interpreter that has shown the first page."""
    done = subprocess.run([sys.executable, "-c", LOADED, *more], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


def belongs(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def test_nothing_is_loaded_that_the_first_page_does_not_need():
    modules = loaded()
    assert "explorer.live.frames" in modules
    assert [module for module in modules for package in LATER if belongs(module, package)] == []


def test_the_check_can_fail():
    """Training loads what Explore does not."""
    assert "explorer.training.lab" in loaded("more")
