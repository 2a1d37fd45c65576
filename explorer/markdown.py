"""What somebody typed, as text on a page."""


def plain(text: str) -> str:
    """Text as Markdown that means nothing but itself: what a user typed must not become a link or a formula."""
    return "".join("\\" + c if c in r"\`*_{}[]()<>#+-.!|$:~^" else c for c in text)
