"""What a component's JavaScript may send: anything that JSON can say."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.config import Config
from tests.hostile.conftest import times
from tests.hostile.strategies import json_values
from tests.pages.conftest import PAGES, fine, fire, opened

FIELDS = ("weight_scale", "sequence_length", "window", "clip_at", "step", "text", "seed", "activation")
WORDS = {  # what our components really send: by name, the values worth trying
    "field": st.sampled_from(FIELDS),
    "value": st.one_of(st.integers(-5, 600), st.floats()),
    "serial": st.integers(0, 99),
    "strip": st.booleans(),
    "move": st.sampled_from((1, -1, "first", "last", "backward", 10**9, True)),
    "down": st.sampled_from((1, -1, 0, 10**9)),
    "key": st.sampled_from(("h:1", "dW_hh:1", "flow:2,1", "W_hh", "x:1", "h:99", "flow:1,2")),
    "entry": st.lists(st.integers(-2, 9), max_size=3),
}
nearly_good = st.fixed_dictionaries({}, optional={name: st.one_of(good, json_values) for name, good in WORDS.items()})
payloads = st.one_of(nearly_good, nearly_good, json_values).map(json.dumps)
WITH_COMPONENTS = [path.stem for path in PAGES if "mount(" in path.read_text() or "unrolled(" in path.read_text()]


@pytest.mark.parametrize("page", WITH_COMPONENTS)
def test_events(page, tried):
    """A thousand events, one after the other in one session: the settings stay ones that the page allows."""
    at = opened(page)

    @settings(max_examples=times(1_000, 60) // len(WITH_COMPONENTS), suppress_health_check=list(HealthCheck))
    @given(payloads)
    def check(payload):
        tried["events of components"] += 1
        fine(fire(at, json.loads(payload)))
        config = at.session_state["config"]
        assert isinstance(config, Config)
        for name, spec in at.session_state["page"].specs.items():
            spec.check(name, getattr(config, name))
        for sentence in at.error:
            assert len(sentence.value) < 400

    check()
    if "control_seed" in [box.key for box in at.number_input]:  # and it still works
        fine(at.number_input(key="control_seed").set_value(7).run())
        assert at.session_state["config"].seed == 7
