"""The content types that editors write: one file each."""

from __future__ import annotations

from typing import Any

from egov.features.content.article import Article
from egov.features.content.file import File
from egov.features.content.image import Image
from egov.features.content.leader import Leader
from egov.features.content.link import Link
from egov.features.content.office import Office
from egov.features.content.official_document import OfficialDocument
from egov.features.content.page import Page

TYPES = (Article, OfficialDocument, Page, File, Image, Link, Leader, Office)


def includeme(config: Any) -> None:
    """Make the content types known."""
    for cls in TYPES:
        config.add_content_type(cls)
