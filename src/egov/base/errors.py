"""The errors a person can cause; every one carries a message for that person.

EgovError
 ├─ Invalid     what was given cannot be taken; may name the fields
 ├─ Forbidden   the person may not do this
 ├─ NotFound    there is no such thing (or the person may not know of it)
 └─ Conflict    somebody else was faster; nothing was changed
"""

from __future__ import annotations

from collections.abc import Mapping

from egov.base.i18n import Message


class EgovError(Exception):
    """Base of all errors with a message for the person who caused them."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class Invalid(EgovError):
    """What was given cannot be taken; `fields` maps field names to their messages."""

    def __init__(self, message: Message, fields: Mapping[str, Message] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, Message] = dict(fields or {})


class Forbidden(EgovError):
    """The person may not do this; the faces answer as if the thing were missing."""


class NotFound(EgovError):
    """There is no such thing, or the person may not know of it."""


class Conflict(EgovError):
    """The thing was changed by somebody else in between; nothing was written."""
