"""From text to what is looked for: Chinese words, single characters, numbers of documents, pinyin."""

from __future__ import annotations

import re
import unicodedata
from array import array
from functools import lru_cache
from typing import NamedTuple

from egov.base.text import spoken

_WORD = re.compile(r"\w")
_PIECE = re.compile(r"[a-z0-9]+|[^\W_]")
_RUN, _NO_PIECE = re.compile(r"([a-z0-9]+)"), re.compile(r"[\W_]+")
_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{0,12}\s*[〔\[（(【]?\s*(?:19|20)\d{2}\s*[〕\])）】]\s*第?\s*\d{1,6}\s*号"
)
# The same as people type it from memory, where it is all they ask for: without brackets, or without the last sign.
_LOOSE = re.compile(
    r"\s*([\u4e00-\u9fff]{1,12})\s*[〔\[（(【]?\s*((?:19|20)\d{2})\s*(?:[〕\])）】年-]|\s)\s*第?\s*(\d{1,6})\s*号?\s*"
)
_NOISE = re.compile(r"[^0-9a-z\u4e00-\u9fff]|第(?=\d)")
_NO_LETTER = "_"
# So frequent that they say nothing; signs are no words anyhow, but those of every sentence are sorted out sooner here.
_STOP = frozenset("的了和与及在是对为等之于以将把被也就都而或") | {
    *("the", "of", "and", "a", "to", "in"),
    *" \n,.;:!?()[]<>-、。“”《》",
}
# The forms that nearly every Chinese text has: a text without any is normalised ten times as fast.
_WIDE = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，；：！？（）．％\u3000")
_CODES = "utf-32-le"  # as wide as the items of the arrays


class Cut(NamedTuple):
    """A document's words, with spaces between them."""

    title: str
    body: str
    sound: str
    pairs: str


def folded(text: str) -> str:
    """The text with one way of writing for full and half width, capitals and compatibility forms."""
    for wide, narrow in _WIDE:
        text = text.replace(wide, narrow)
    return unicodedata.normalize("NFKC", text).lower()


def words(text: str) -> list[str]:
    """The words to index or to look for; long words also as the shorter ones in them."""
    import rjieba  # noqa: PLC0415  a server's start does not wait for the dictionary

    found = rjieba.cut_for_search(folded(text))
    return [w for w in found if w not in _STOP and (w.isalnum() or _WORD.search(w))]


def pieces(text: str) -> list[str]:
    """Single Chinese characters, and Latin words and numbers whole: what a phrase is made of, however it is cut."""
    return _PIECE.findall(folded(text))


def pairs(text: str) -> list[str]:
    """Each piece with the next: the terms of phrases, far rarer than single characters and so far quicker to find."""
    return paired(text).split()


def paired(text: str) -> str:
    """The pairs of a text in one line, put together without making a string of each."""
    parts = _RUN.split(folded(text))
    runs, flat = parts[1::2], _NO_PIECE.sub("", "a".join(parts[::2]))  # one letter for each piece
    if len(flat) < 2:
        return ""
    codes = array("I", flat.encode(_CODES))
    row = array("I", "?_? ".encode(_CODES) * (len(flat) - 1))
    row[0::4], row[2::4] = codes[:-1], codes[1:]
    line = row.tobytes().decode(_CODES)
    if not runs:
        return line
    # Each run stands in two pairs, but for one that begins or ends the text.
    twice = [run for run in runs for _pair in range(2)]
    twice = twice[flat[0] == "a" : len(twice) - (flat[-1] == "a")]
    return "".join(map(str.__add__, line.split("a"), [*twice, ""]))


def letters(text: str) -> list[str]:
    """The letters and digits of a text one by one, whatever stands between them: any stretch of it is a phrase."""
    return [letter for letter in folded(text) if letter.isalnum()]


def title_letters(title: str) -> list[str]:
    """The letters of a title and, behind what is no letter, those of its pinyin."""
    import rjieba  # noqa: PLC0415  a server's start does not wait for the dictionary

    spoken = "".join(sound(word) for word in rjieba.cut(folded(title)))
    return [*letters(title), _NO_LETTER, *letters(spoken)]


def number_key(text: str) -> str:
    """A document's number or index number as every spelling of it gives it: 国发〔2019〕5号, 国发[2019] 第5号."""
    return _NOISE.sub("", folded(text))


def numbers_in(text: str) -> list[str]:
    """The keys that the document number in a question may have: nobody marks where its issuer's short name begins."""
    plain = unicodedata.normalize("NFKC", text)
    found = _NUMBER.search(plain) or _NUMBER.search(text)
    loose = _LOOSE.fullmatch(plain) if found is None else None
    key = number_key(found[0] if found else "{}{}{}号".format(*loose.groups()) if loose else "")
    starts = range(next((n for n, c in enumerate(key) if c.isdigit()), -1) + 1)
    return [key[start:] for start in starts]


@lru_cache(maxsize=32_768)
def sound(word: str) -> str:
    """The pinyin of a word, for finding what sounds alike."""
    return spoken(folded(word))


def cut_of(heading: str, keywords: tuple[str, ...], body: str) -> Cut:
    """The words of a document's title and text, how those of the title sound, and what phrases are made of."""
    title = [*words(heading), *(word for keyword in keywords for word in words(keyword))]
    body = folded(body)  # once: what is folded already is folded again in no time
    return Cut(
        " ".join(title),
        " ".join(words(body)),
        " ".join(dict.fromkeys(map(sound, title))),
        f"{paired(heading)} _ {paired(body)}",
    )
