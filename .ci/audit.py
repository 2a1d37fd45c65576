"""Known vulnerabilities in what is installed: by pip-audit where its database answers, else by minimums we know of.

    .venv/bin/python .ci/audit.py

It says which of both happened. Exit 1 for a known vulnerability, never because nobody answered.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from packaging.version import Version

# Of packages that Streamlit brings: the first version without what is named.
MINIMUMS = {
    "certifi": ("2024.7.4", "CVE-2024-39689: trusts root certificates that were withdrawn"),
    "h11": ("0.16.0", "CVE-2025-43859: malformed chunks smuggle a second request past a proxy"),
    "idna": ("3.7", "CVE-2024-3651: a long host name costs quadratic time"),
    "jinja2": ("3.1.6", "CVE-2025-27516: a template leaves its sandbox"),
    "pillow": ("10.3.0", "CVE-2023-4863, CVE-2024-28219: images that overflow a buffer"),
    "protobuf": ("5.29.5", "CVE-2025-4565: nested messages exhaust the stack"),
    "pyarrow": ("14.0.1", "CVE-2023-47248: files that run code when they are read"),
    "python-multipart": ("0.0.18", "CVE-2024-53981: uploads that keep a processor busy"),
    "redis": ("5", "CVE-2023-28858: answers that reach the wrong client, mended in 4.5.5"),
    "requests": ("2.32.4", "CVE-2024-47081: passwords sent to another host"),
    "starlette": ("0.49.1", "CVE-2024-47874, CVE-2025-54121, CVE-2025-62727: forms and ranges that stop the server"),
    "streamlit": ("1.62", "what this app is written for; CVE-2024-42474 was mended in 1.37"),
    "urllib3": ("2.6.0", "CVE-2025-66418, CVE-2025-66471: answers that unpack without end"),
}


def answered(report: dict[str, Any]) -> int:
    """Of how many packages the database knew anything. Where it cannot be reached, pip-audit skips them all."""
    return sum("vulns" in package for package in report["dependencies"])


def known(report: dict[str, Any]) -> list[str]:
    """A line for every known vulnerability."""
    return [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none'}"
        for package in report["dependencies"]
        for found in package.get("vulns", ())
    ]


def too_old(installed: Callable[[str], str] = version) -> list[str]:
    """A line for every installed package below its minimum."""
    lines = []
    for name, (least, why) in MINIMUMS.items():
        try:
            now = installed(name)
        except PackageNotFoundError:
            continue
        if Version(now) < Version(least):
            lines.append(f"{name} {now}: at least {least} is needed ({why})")
    return lines


def ask() -> tuple[dict[str, Any], str]:
    """What pip-audit says of this environment, and its complaint if it says nothing."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--format=json", "--progress-spinner=off", "--timeout=10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return json.loads(done.stdout), ""
    except (json.JSONDecodeError, subprocess.TimeoutExpired) as error:
        return {"dependencies": []}, type(error).__name__


def main() -> None:
    report, complaint = ask()
    asked, found, old = answered(report), known(report), too_old()
    if asked:
        print(f"audit: pip-audit's database was reached and knew {asked} of {len(report['dependencies'])} packages")
    else:
        print(f"audit: pip-audit's database was NOT reached {complaint}: only {len(MINIMUMS)} minimums are checked")
    print("\n".join(found + old) or "audit: no known vulnerability")
    sys.exit(bool(found or old))


if __name__ == "__main__":
    main()
