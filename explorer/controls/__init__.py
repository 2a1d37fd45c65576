"""Settings of a session: Config ↔ widgets ↔ URL, and the one place that shows what is wrong with them.

The session holds one Config, the truth (`state.py`). Widgets are set from it before they are drawn and write to it
when they are used (`widgets.py`); the URL is written from it and read into it when somebody else changed it, by a link
or the back button (`url.py`). `pages.py` is what a page says about itself, `level.py` what beginners do without.
"""

from __future__ import annotations

from explorer.controls.pages import PAGE_SPECS, SHOW, Extra, Page, number_extra, offered, show_extra, spec_extra
from explorer.controls.state import (
    config,
    extra,
    faults,
    frozen,
    locked,
    locks,
    page,
    send_to,
    set_extra,
    settings,
    spec_of,
    update,
    update_extra,
    use,
    while_open,
)
from explorer.controls.url import leave_url, lockable, open_page, query_now, said_above, write_url
from explorer.controls.widgets import (
    changed,
    control,
    event_of,
    header,
    lit_preset,
    more_control,
    new_seed,
    shown,
)

__all__ = (
    "PAGE_SPECS",
    "SHOW",
    "Extra",
    "Page",
    "changed",
    "config",
    "control",
    "event_of",
    "extra",
    "faults",
    "frozen",
    "header",
    "leave_url",
    "lit_preset",
    "lockable",
    "locked",
    "locks",
    "more_control",
    "new_seed",
    "number_extra",
    "offered",
    "open_page",
    "page",
    "query_now",
    "said_above",
    "send_to",
    "set_extra",
    "settings",
    "show_extra",
    "shown",
    "spec_extra",
    "spec_of",
    "update",
    "update_extra",
    "use",
    "while_open",
    "write_url",
)
