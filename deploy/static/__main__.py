"""Build the explorer for any static host: python -m deploy.static OUT."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.static.build import build
from deploy.static.download import UnobtainableError
from deploy.static.pins import CDN


def main() -> None:
    """Build, and say how large it became; or one sentence on what is missing."""
    parser = argparse.ArgumentParser(prog="python -m deploy.static", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write; an edition built there before goes")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="compiled wheels to put in, instead of jsDelivr's")
    parser.add_argument("--cdn", default=CDN, metavar="URL", help="where compiled wheels are, if not given: a mirror")
    asked = parser.parse_args()
    try:
        parts = build(asked.out, asked.wheels, asked.cdn)
    except UnobtainableError as error:
        sys.exit(str(error))
    own = sum(path.stat().st_size for path in asked.out.rglob("*") if path.is_file())
    first = [part["bytes"] for part in parts["first"]]
    far = f" and {first.count(None)} wheels from jsDelivr" if None in first else ""
    mine = sum(filter(None, first)) / 1e6
    print(f"{asked.out}: {own / 1e6:.0f} MB. Until the first picture a visitor loads {mine:.0f} MB of it{far}.")


main()
