"""Rich text as a person reads it line by line: its words, and what its links, pictures and lists say without words."""

from __future__ import annotations

from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "h2", "h3", "h4", "h5", "h6", "li", "tr", "blockquote", "pre", "dt", "dd", "figcaption", "caption"}
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
_HEADS = {f"h{level}": "■" * (level - 1) + " " for level in range(2, 7)}


class _Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._line = ""
        self._href = ""
        self._cells = 0
        self.feed(source)
        self.close()
        self._end_line()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in _CELLS:
            self._line += " | " if self._cells else ""
            self._cells += 1
        elif tag in _BLOCKS and not self._cells:
            self._end_line()
            self._line = _HEADS.get(tag, "· " if tag == "li" else "")
        elif tag == "br":
            self._end_line()
        elif tag == "a":
            self._href = told.get("href") or ""
        elif tag == "img":
            self._line += f"〔{told.get('alt') or '—'}：{told.get('src') or ''}〕"

    def handle_data(self, data: str) -> None:
        self._line += " ".join(data.split()) if data.strip() else " "

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            self._line += f"（{self._href}）"
            self._href = ""
        elif tag == "tr" or (tag in _BLOCKS and not self._cells):
            self._end_line()

    def _end_line(self) -> None:
        line = self._line.strip()
        if line and line not in ("·", "|") and line.strip("■"):
            self.lines.append(line)
        self._line, self._cells = "", 0


def readable(source: str) -> str:
    """The lines of an HTML fragment: a block each, cells parted, addresses of links and pictures told."""
    return "\n".join(_Reader(source).lines)
