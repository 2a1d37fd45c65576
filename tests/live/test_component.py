"""The texts of the components: each is the shared library and a file of its own, as one module."""

import re

import pytest

from explorer.live.component import HERE, script

NAMES = sorted({path.name.partition(".")[0] for path in HERE.glob("*.js")} - {"library"})


def declared(text: str) -> list[str]:
    """Names that a module declares at its top level."""
    return re.findall(r"^(?:export default )?(?:function|class|const|let) (\w+)", text, re.M)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_declared_twice(name):
    """A module that did would not load at all."""
    names = declared(script(name))
    assert "element" in names
    assert len(names) == len(set(names))
    assert (HERE / f"{name}.css").exists()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"lifeline"}))
def test_a_component_is_kept_and_ended_by_the_library(name):
    """Which knows when its place is gone; the lifeline draws nothing and keeps nothing that would have to go."""
    called = re.search(r"^export default function .*?^}", script(name), re.M | re.S)[0]
    assert re.search(r"const \[\w+, leave\] = mounted\(parentElement, [A-Z]\w+\);", called)
    assert called.endswith("  return leave;\n}")
