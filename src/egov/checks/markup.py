"""What is wrong with the markup of a text for readers who cannot see it, and for everybody's links."""

from __future__ import annotations

from html.parser import HTMLParser


class Markup(HTMLParser):
    """Reads an HTML fragment once and remembers what the checks ask for."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []  # address, text
        self.headings: list[tuple[int, str]] = []
        self.images_without_alt = 0
        self.empty_heads = 0
        self._open: list[tuple[str, str, list[str]]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember links, headings and heads of tables until they end; count pictures without words."""
        told = dict(attrs)
        if tag == "img":
            self.images_without_alt += "alt" not in told
            for _tag, _address, words in self._open:
                words.append(told.get("alt") or "")
        elif tag in ("a", "th", "h2", "h3", "h4", "h5", "h6"):
            self._open.append((tag, told.get("href") or "", []))

    def handle_data(self, data: str) -> None:
        """Give the words to whatever is open."""
        for _tag, _address, words in self._open:
            words.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Close the last such element and keep what it held."""
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                _tag, address, words = self._open.pop(at)
                text = "".join(words).strip()
                if tag == "a":
                    self.links.append((address, text))
                elif tag == "th":
                    self.empty_heads += not text
                else:
                    self.headings.append((int(tag[1]), text))
                return

    def skipped_heading(self) -> str | None:
        """The first heading that stands more than one level below the one before; the page's title is level 1."""
        level = 1
        for number, text in self.headings:
            if number > level + 1:
                return text
            level = number
        return None
