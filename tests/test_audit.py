"""The check for known vulnerabilities: it finds them, and knows when nobody has answered."""

import runpy
from importlib.metadata import PackageNotFoundError
from pathlib import Path

AUDIT = runpy.run_path(str(Path(__file__).parents[1] / ".ci" / "audit.py"))
FINE = {"name": "numpy", "version": "2.4.0", "vulns": []}
SKIPPED = {"name": "numpy", "skip_reason": "Dependency not found on PyPI and could not be audited: numpy (2.4.0)"}
BAD = {"name": "h11", "version": "0.14.0", "vulns": [{"id": "CVE-2025-43859", "fix_versions": ["0.16.0"]}]}


def test_what_pip_audit_says():
    assert AUDIT["known"]({"dependencies": [FINE, SKIPPED]}) == []
    assert AUDIT["answered"]({"dependencies": [FINE, SKIPPED]}) == 1
    assert AUDIT["answered"]({"dependencies": [SKIPPED]}) == 0
    assert AUDIT["known"]({"dependencies": [BAD, FINE]}) == ["h11 0.14.0: CVE-2025-43859, mended in 0.16.0"]


def test_minimums():
    """What is installed here is new enough; old versions would be named; what is not installed does not matter."""
    assert AUDIT["too_old"]() == []
    assert len(AUDIT["too_old"](lambda name: "0.0.1")) == len(AUDIT["MINIMUMS"])

    def missing(name):
        raise PackageNotFoundError(name)

    assert AUDIT["too_old"](missing) == []
