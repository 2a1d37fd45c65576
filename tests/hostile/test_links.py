"""Ten thousand links: whatever stands in a URL, a page opens with settings that it allows and says what it ignored."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest
from hypothesis import HealthCheck, given, settings

from explorer import controls
from explorer.config import SPECS, Config
from explorer.own import keeping
from tests.hostile.conftest import times
from tests.hostile.strategies import queries
from tests.pages.conftest import PAGES, fine, opened

LONGEST_SENTENCE = 400
NAMES = [path.stem for path in PAGES]


class Address(dict):
    """st.query_params: text by name."""

    def from_dict(self, query):
        self.clear()
        self.update(query)


@pytest.fixture(scope="module", params=NAMES)
def page(request):
    """What a page has told the controls about itself."""
    return opened(request.param).session_state["page"]


def open_link(page, query, patch):
    """controls.open_page in a session of its own, with a stand-in for Streamlit: the address and the sentences."""
    fake = MagicMock(session_state={}, query_params=Address(query))
    for module in (controls.url, controls.state, keeping):
        patch.setattr(module, "st", fake)
    controls.open_page(page)
    said = [str(call.args[0]) for call in (*fake.warning.call_args_list, *fake.error.call_args_list)]
    return fake, said


def names(page):
    """Every URL name that means something anywhere, and what."""
    return {spec.url: name for name, spec in SPECS.items()} | {name: name for name in page.extras}


def test_links(page, tried):
    """Good settings come out, every sentence is short and names its parameter, and the new URL means the same."""

    @settings(max_examples=times(10_000, 1_500) // len(NAMES) + 1, suppress_health_check=list(HealthCheck))
    @given(queries(names(page)))
    def check(query):
        tried["links through controls"] += 1
        with pytest.MonkeyPatch.context() as patch:
            fake, said = open_link(page, query, patch)
            tried["of them answered with a sentence"] += bool(said)
            state, address = fake.session_state, dict(fake.query_params)
            config = state["config"]
            assert isinstance(config, Config)
            for name, spec in page.specs.items():
                assert spec.check(name, getattr(config, name)) == getattr(config, name)
            for sentence in said:
                for line in sentence.split("\n\n"):
                    assert line.startswith("URL")
                    assert len(line) < LONGEST_SENTENCE
            again, nothing = open_link(page, address, patch)
        assert (again.session_state["config"], again.session_state["extras"]) == (config, state["extras"])
        assert nothing == []
        assert dict(again.query_params) == address

    check()


@pytest.mark.parametrize("name", NAMES)
def test_whole_pages(name, tried):
    """A sample of them through the whole page, one after the other in one session, since ten thousand take an hour."""
    at = opened(name)
    page = at.session_state["page"]

    @settings(max_examples=times(150, 12), suppress_health_check=list(HealthCheck))
    @given(queries(names(page)))
    def check(query):
        tried["links through whole pages"] += 1
        at.query_params.clear()
        at.query_params.update(query)
        fine(at.run())

    check()
