"""The dearest link to each page: what one visitor can ask of a server that others use as well."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.pages.conftest import PAGES, ROOT

SECONDS = 20  # of processor time, for every activation at the largest sizes that a link can name; seconds in practice
MEGABYTES = 1000  # resident, of a process that imports what a server does

DEAREST = """
import resource, sys, time
from explorer.config import MAX_SYMBOLS, Number
from explorer.engine.activations import ACTIVATIONS
from tests.pages.conftest import fine, opened

at = opened(sys.argv[1])
page = at.session_state["page"]
symbols = "".join(chr(0x4E00 + i) for i in range(MAX_SYMBOLS))
query = {spec.url: str(spec.high) for spec in page.specs.values() if isinstance(spec, Number)}
query |= {name: str(e.spec.high) for name, e in page.extras.items() if isinstance(e.spec, Number)}
query |= {"show": ",".join(ACTIVATIONS)} if "show" in page.extras else {}
query |= {"text": symbols[: page.specs["text"].longest]} if "text" in page.specs else {}
query |= {name: value for name, value in {"task": "text", "loss": "every", "trunc": "sliding"}.items()
          if name in {spec.url for spec in page.specs.values()}}
for name in ("window", "scale"):  # a window of T would cut nothing
    if name in query:
        query[name] = "5"
start = time.process_time()
at.query_params.clear()
at.query_params.update(query)
fine(at.run(timeout=280))
assert not at.warning, at.warning[0].value
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@pytest.mark.parametrize("page", [path.stem for path in PAGES])
def test_the_dearest_link(page):
    done = subprocess.run([sys.executable, "-c", DEAREST, page], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    seconds, megabytes = map(float, done.stdout.split())
    print(f"{page}: {seconds:.1f} s of processor time, {megabytes:.0f} MB")
    assert seconds <= SECONDS
    assert megabytes <= MEGABYTES
