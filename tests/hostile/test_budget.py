"""The dearest link to each page: what one visitor can ask of a server that others use as well."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.pages.conftest import PAGES, ROOT

RUNS = 600  # processor time, in runs of T = 200 and H = 64 with two activations: some ten seconds on a quiet machine
MEGABYTES = 1000  # resident, of a process that imports what a server does

DEAREST = """
import resource, sys, time
from contextlib import suppress
from explorer.engine.activations import ACTIVATIONS
from explorer.config import VARIANTS, Config
from explorer.specs import MAX_SYMBOLS, Number
from explorer.run import compare
from tests.pages.conftest import fine, opened

at = opened(sys.argv[1])
page = at.session_state["page"]
symbols = "".join(chr(0x4E00 + i) for i in range(MAX_SYMBOLS))
query = {spec.url: str(spec.high) for spec in page.specs.values() if isinstance(spec, Number)}
query |= {name: str(e.spec.high) for name, e in page.extras.items() if isinstance(e.spec, Number)}
if "show" in page.extras:  # the dearest four, gated cells among them, where the page has those
    for shown in (list(VARIANTS)[-4:], list(ACTIVATIONS)):
        with suppress(ValueError):
            page.extras["show"].parse(",".join(shown))
            query.setdefault("show", ",".join(shown))
query |= {"text": symbols[: page.specs["text"].longest]} if "text" in page.specs else {}
for name, value in {"task": "text", "loss_at": "every", "truncation": "sliding", "window": 5}.items():
    if name in page.specs:  # a window of T would cut nothing
        with suppress(ValueError):
            query[page.specs[name].url] = str(page.specs[name].check(name, value))
start = time.process_time()
at.query_params.clear()
at.query_params.update(query)
fine(at.run(timeout=280))
seconds = time.process_time() - start
assert not at.warning, at.warning[0].value
start = time.process_time()
for seed in range(10):
    compare(Config(sequence_length=200, hidden_size=64, seed=seed))
print(seconds / (time.process_time() - start) * 10, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@pytest.mark.parametrize("page", [path.stem for path in PAGES])
def test_the_dearest_link(page):
    done = subprocess.run([sys.executable, "-c", DEAREST, page], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    runs, megabytes = map(float, done.stdout.split())
    print(f"{page}: as much processor time as {runs:.0f} runs, {megabytes:.0f} MB")
    assert runs <= RUNS
    assert megabytes <= MEGABYTES
