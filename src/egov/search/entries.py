"""What stands in the index: its fields, and of a document the words by which it is found.

Nothing of the web and of the database is loaded for it: a process that only writes an index starts in a moment.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import tantivy

from egov.search.words import cut_of, number_key

HEAP = 64 * 1024 * 1024
_STORED_TEXT = 20_000  # characters kept for excerpts
# A text of today weighs about half as much again as one of the year 2000.
_YEAR, _FRESH_FROM, _FRESH_YEARS = 365.25 * 86_400 * 1_000_000, 30.0, 30.0


class Document(NamedTuple):
    """The public wording of an item, as it is indexed; `domain` decides on who may find it."""

    uid: int
    domain: int
    kind: str
    published: int  # microseconds
    year: int
    title: str
    text: str
    numbers: tuple[str, ...]
    keywords: tuple[str, ...]
    validity: str
    issuer: str
    state: str = ""  # in the back office, as is the owner
    owner: str = ""
    letters: str = ""  # of the title and of its pinyin, one by one


def make_schema() -> Any:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("uid", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("domain", indexed=True, fast=True)
    builder.add_unsigned_field("year", indexed=True, fast=True)
    builder.add_integer_field("published", indexed=True, fast=True)
    builder.add_float_field("fresh", fast=True)
    builder.add_text_field("kind", tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("validity", tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("issuer", tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("number", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("sound", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("pairs", tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("state", tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("owner", tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("letters", tokenizer_name="whitespace", index_option="position")
    # A term has 65,530 bytes at most; what is only stored is cut into no terms that anybody looks up.
    builder.add_bytes_field("heading", stored=True)
    builder.add_bytes_field("text", stored=True)
    return builder.build()


def entry_of(document: Document) -> Any:
    """The document as the index takes it, with its words."""
    cut = cut_of(document.title, document.keywords, document.text)
    entry = tantivy.Document()
    entry.add_unsigned("uid", document.uid)
    entry.add_unsigned("domain", document.domain)
    entry.add_unsigned("year", document.year)
    entry.add_integer("published", document.published)
    entry.add_text("kind", document.kind)
    for field in ("validity", "issuer", "state", "owner"):
        if value := getattr(document, field):
            entry.add_text(field, value)
    for number in document.numbers:
        entry.add_text("number", number_key(number))
    entry.add_text("title", cut.title)
    entry.add_text("body", cut.body)
    entry.add_text("sound", cut.sound)
    entry.add_text("pairs", cut.pairs)
    entry.add_bytes("heading", document.title.encode())
    if document.letters:
        entry.add_text("letters", document.letters)
    entry.add_bytes("text", document.text[:_STORED_TEXT].encode())
    entry.add_float("fresh", max(0.0, (document.published / _YEAR - _FRESH_FROM) / _FRESH_YEARS))
    return entry
