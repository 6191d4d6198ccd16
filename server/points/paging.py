"""Lists in the order of names are paged by how many were given before: names change, and two may be the same."""

from ..core.errors import Invalid


def place(after: str | None) -> int:
    """Raise Invalid `cursor_invalid`."""
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) < 9):
        raise Invalid("cursor_invalid", "翻页参数不对，请从头打开")
    return int(after)
