"""A QR code holds what it is given: well-formed, readable on a dark page, and honest about what does not fit."""

import sys
import xml.etree.ElementTree as ElementTree

import pytest

from explorer.qr import qr_svg

segno = pytest.importorskip("segno")


def test_it_is_one_svg_that_an_image_can_show():
    """Well-formed, with its namespace, on white: a dark page must not swallow it."""
    root = ElementTree.fromstring(qr_svg("http://localhost:8501/?T=50&scale=2"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "#fff" in qr_svg("x")


def test_the_text_cannot_leave_the_picture():
    assert "<script" not in qr_svg("<script>alert(1)</script>")


@pytest.mark.parametrize("text", ["x" * 2331, "ä" * 1165])
def test_the_longest_text(text):
    assert qr_svg(text)
    assert qr_svg(text + "ä") is None


def test_without_segno_there_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "segno", None)
    assert qr_svg("http://localhost") is None
