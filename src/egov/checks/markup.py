"""What is wrong with the markup of a text for readers who cannot see it, and for everybody's links."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST_ALT = 120  # characters; what needs more belongs into the text
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?)\Z|\A(?:IMG|DSC|微信图片)[_\d]", re.IGNORECASE
)
_NOTHING = re.compile(r"(?:图片?|照片|插图|配图|image|picture|photo|img)\s*\d*", re.IGNORECASE)


class Markup(HTMLParser):
    """Reads an HTML fragment once and remembers what the checks ask for."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []  # address, text
        self.headings: list[tuple[int, str]] = []
        self.images_without_alt = 0
        # The words of each picture that has some, and its address.
        self.alts: list[tuple[str, str]] = []
        self.repeated: list[str] = []  # words that stand below their picture once more
        self.empty_heads = 0
        self._open: list[tuple[str, str, list[str]]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember links, headings and heads of tables until they end; count pictures without words."""
        told = dict(attrs)
        if tag == "img":
            self.images_without_alt += "alt" not in told
            if alt := (told.get("alt") or "").strip():
                self.alts.append((alt, told.get("src") or ""))
            for _tag, _address, words in self._open:
                words.append(told.get("alt") or "")
        elif tag in ("a", "th", "figcaption", "h2", "h3", "h4", "h5", "h6"):
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
                elif tag == "figcaption":
                    self.repeated += [alt for alt, _source in self.alts[-1:] if alt == text]
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

    def poor_alts(self) -> list[str]:
        """The words of pictures that tell nothing of what is seen: a file's name, or that it is a picture."""
        return [alt for alt, source in self.alts if tells_nothing(alt, source)]

    def long_alts(self) -> list[str]:
        """Those that are too long to be listened to."""
        return [alt for alt, _source in self.alts if len(alt) > LONGEST_ALT]


def tells_nothing(alt: str, source: str) -> bool:
    """Whether the words of a picture tell nothing of what is seen, `source` being its address or file name."""
    stem = source.rpartition("/")[2].rpartition(".")[0].lower()
    return bool(_FILE.search(alt) or _NOTHING.fullmatch(alt)) or alt.lower() == stem
