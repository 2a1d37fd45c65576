"""The conventions that the code cannot enforce by itself: who imports whom, and no state shared between users."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RANKS = {
    "explorer": 0,
    "engine": 0,
    "specs": 1,
    "texts": 1,
    "config": 1,
    "run": 2,
    "training": 2,
    "pages": 4,
    "app": 5,
}
BETWEEN = 3  # figures, controls, live, lessons, texts, and whatever else stands beside them
SOURCES = [ROOT / "app.py", *sorted((ROOT / "explorer").rglob("*.py"))]
MUTABLE_NODES = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTABLE_CALLS = {"list", "dict", "set", "bytearray", "defaultdict", "OrderedDict", "Counter", "deque"}
MUTABLE_CALLS |= {"array", "zeros", "ones", "empty", "arange", "WeakKeyDictionary", "WeakValueDictionary"}
CHANGES = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "clear", "remove", "discard"}

NUMPY_ONLY = """
import importlib, pkgutil, sys
before = set(sys.modules)
import explorer.engine
for module in pkgutil.walk_packages(explorer.engine.__path__, "explorer.engine."):
    importlib.import_module(module.name)
loaded = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
ours = {name for name in sys.modules if name.startswith("explorer")}
foreign = sorted(loaded - {"explorer", "numpy"}) + sorted(
    name for name in ours if name != "explorer" and not name.startswith("explorer.engine")
)
print(len(ours))
sys.exit(", ".join(foreign) or 0)
"""


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def layer(module):
    """explorer.engine.flow → engine; app → app."""
    return module.split(".")[1] if module.startswith("explorer.") else module


def rank(module):
    """How far to the right a module stands."""
    return RANKS.get(layer(module), BETWEEN)


def name_of(path):
    """explorer/engine/flow.py → explorer.engine.flow."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def only_for_type_checkers(node):
    """`if TYPE_CHECKING:` never runs."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def running(node):
    """All nodes below that can run."""
    for child in ast.iter_child_nodes(node):
        if not only_for_type_checkers(child):
            yield child
            yield from running(child)


def imports(tree):
    """Names of all modules that a file imports, inside functions as well; `from a import b` counts as a and a.b."""
    for node in running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def breaches(module, tree):
    """Imports that go against engine ← config ← run ← figures, controls ← pages ← app.py."""
    ours = [name for name in imports(tree) if name.startswith("explorer.") or name.split(".")[0] == "app"]
    return [name for name in ours if rank(name) > rank(module)]


def third_party(tree):
    """Top-level packages beyond the standard library and our own."""
    return {name.partition(".")[0] for name in imports(tree)} - set(sys.stdlib_module_names) - {"explorer"}


def bindings(tree):
    """(name, value) of all assignments at module level."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from ((ast.unparse(target), node.value) for target in node.targets)
        elif isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target), node.value


def is_mutable(value):
    """A list, dict, set or array, written out or called for."""
    called = getattr(value, "func", None)
    return isinstance(value, MUTABLE_NODES) or getattr(called, "id", getattr(called, "attr", None)) in MUTABLE_CALLS


def shared_state(tree):
    """Module-level names bound to something mutable, save the ALLCAPS tables, and whatever changes a table."""
    yield from (name for name, value in bindings(tree) if is_mutable(value) and not name.isupper())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    tables = {name for name in imported.union(name for name, _ in bindings(tree)) if name.isupper()}
    for node in ast.walk(tree):
        stored = isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del))
        changed = isinstance(node, ast.Attribute) and node.attr in CHANGES
        if isinstance(node, ast.Global) or ((stored or changed) and ast.unparse(node.value) in tables):
            yield ast.unparse(node)


def test_the_engine_loads_nothing_but_numpy():
    """A fresh interpreter imports every engine module: only NumPy and the standard library come with it."""
    done = subprocess.run([sys.executable, "-c", NUMPY_ONLY], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"explorer.engine loads {done.stderr}"
    assert int(done.stdout) == 1 + len(list((ROOT / "explorer/engine").rglob("*.py")))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_imports_to_its_right(path):
    """engine ← config ← run ← figures, controls and what stands beside them ← pages ← app.py."""
    assert breaches(name_of(path), parse(path)) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_third_party_packages_stay_in_their_layer(path):
    """Engine, config and run know NumPy alone; figures draw without Streamlit; rooms are kept without any of them."""
    module = name_of(path)
    allowed = {"numpy"} if rank(module) <= RANKS["run"] else {"numpy", "plotly", "streamlit", "segno"}
    allowed -= {"streamlit"} if layer(module) == "figures" else set()
    allowed = {"redis"} if layer(module) == "rooms" else allowed
    assert third_party(parse(path)) <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_state_is_shared_between_users(path):
    """No module-level mutable value but the ALLCAPS tables, nothing that changes those, no `global`."""
    assert list(shared_state(parse(path))) == []


def test_the_checks_can_fail():
    """Each of them finds what it is there for."""
    assert breaches("explorer.engine.flow", ast.parse("def f():\n    from explorer.config import Config"))
    assert breaches("explorer.run", ast.parse("from explorer.figures import theme"))
    assert breaches("explorer.pages.explore", ast.parse("import app"))
    assert not breaches("explorer.run", ast.parse("from explorer.engine.flow import gradient_flow"))
    assert third_party(ast.parse("import os, scipy.linalg")) == {"scipy"}
    for line in ("cache = {}", "seen: list = []", "TABLE = {}\nTABLE['a'] = 1", "W = np.zeros(3)\nw = np.zeros(3)"):
        assert list(shared_state(ast.parse(line)))
    assert list(shared_state(ast.parse("from a import TASKS\ndef f():\n    TASKS.update(b=1)")))
    assert list(shared_state(ast.parse("def f():\n    global n\n    n = 1")))
    assert not list(shared_state(ast.parse("TABLE = {}\nn = 1\ndef f(W):\n    W[0] = 1")))
