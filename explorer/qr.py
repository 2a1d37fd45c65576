"""A QR code, so that a room full of telephones need not type a link."""

from __future__ import annotations

import io


def qr_svg(text: str, pixels_per_module: int = 4) -> str | None:
    """The text as a QR code: a standalone SVG, black on white in either theme, since many readers want it so.

    None where segno is not installed, or the text is longer than the 2,331 bytes that a code of this kind holds.
    """
    try:
        import segno
    except ImportError:  # optional: without it a page shows the link alone
        return None
    try:
        code = segno.make_qr(text, error="m", encoding="utf-8")
    except segno.DataOverflowError:
        return None
    file = io.BytesIO()
    code.save(file, kind="svg", scale=pixels_per_module, dark="#000", light="#fff", xmldecl=False)
    return file.getvalue().decode()
