"""Forms from schemas, by deform with egov's own widget templates; what was typed comes back when something is wrong.

The widgets only carry values between the browser and Python. Whether a value fits is decided by the operation that
takes it, so that the web and the commands have one rule; its errors come back to the form by field name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from importlib import resources
from typing import Any

import colander
import deform
import peppercorn
from deform.widget import FormWidget, SelectWidget, TextAreaWidget, TextInputWidget, Widget

from egov.base.errors import Busy, Invalid
from egov.base.i18n import Message, _
from egov.base.settings import Settings
from egov.model.files import StoredFile, files_in
from egov.model.site import language_of
from egov.web.kept_forms import kept_files
from egov.web.rendering import template_at, translator_of
from egov.web.uploads import accept_upload

MAX_FILES = 30

# Only our own templates are looked for: a widget that would bring an inline script is not found at all.
_TEMPLATES = resources.files("egov.web") / "templates/deform"


class _TagsWidget(TextInputWidget):
    """Words in one line, parted by commas."""

    def serialize(self, field: Any, cstruct: Any, **kw: Any) -> str:
        shown = "，".join(cstruct) if isinstance(cstruct, tuple) else cstruct
        return super().serialize(field, shown, **kw)


class FilesWidget(Widget):
    """Uploads beside the files that are there already; one unticked is let go.

    A stored file stands in the form as its id, so that nothing else can be kept than what was there.
    """

    template = "files"
    many = False
    only_images = False
    settings = Settings()
    known: Mapping[str, StoredFile] = {}

    def serialize(self, field: Any, cstruct: Any, **kw: Any) -> str:
        """The control, with the files that are there."""
        files = cstruct if isinstance(cstruct, tuple) else (cstruct,)
        stored = [file for file in files if isinstance(file, StoredFile)]
        return field.renderer(self.template, field=field, files=stored, many=self.many)

    def deserialize(self, field: Any, pstruct: Any) -> Any:
        """The files kept, then those sent; raises colander.Invalid for one that is refused."""
        parts = pstruct if isinstance(pstruct, list) else []
        kept = [self.known[p] for p in parts if isinstance(p, str) and p in self.known]
        sent = [part for part in parts if getattr(part, "filename", "")]
        try:
            new = [
                accept_upload(part, self.settings, only_images=self.only_images)
                for part in sent[:MAX_FILES]
            ]
        except (Invalid, Busy) as error:
            raise colander.Invalid(field.schema, error.message, self._value(kept)) from None
        return self._value(kept + new)

    def _value(self, files: list[StoredFile]) -> Any:
        if self.many:
            return tuple(files)
        return files[-1] if files else colander.null


class FoldingForm(FormWidget):
    """A form that folds its rare fields away, unless one of them is filled or wrong."""

    def get_template_values(self, field: Any, cstruct: Any, kw: Any) -> dict[str, Any]:
        """The usual fields, the rare ones, and whether these stand open."""
        rare = [child for child in field if _is_folded(child.schema)]
        return super().get_template_values(field, cstruct, kw) | {
            "usual": [child for child in field if child not in rare],
            "rare": rare,
            "is_open": any(child.error or _is_filled(child) for child in rare),
        }


def _is_folded(node: colander.SchemaNode) -> bool:
    return bool(node.is_rare) and not node.required and not node.required_on_submit


def _is_filled(field: Any) -> bool:
    value = field.cstruct
    if field.schema.kind == "choice" and field.schema.choices:
        return value not in (colander.null, field.schema.choices[0][0])
    return value is not colander.null and bool(value)


class RowsWidget(Widget):
    """A table of short texts, with a few empty rows below those that are there."""

    template = "rows"
    spare = 3

    def serialize(self, field: Any, cstruct: Any, **kw: Any) -> str:
        """The table; it works without script."""
        rows = [list(row) for row in cstruct] if isinstance(cstruct, tuple | list) else []
        columns = field.schema.columns
        rows += [[""] * len(columns) for _number in range(self.spare)]
        return field.renderer(self.template, field=field, rows=rows, columns=columns)

    def deserialize(self, field: Any, pstruct: Any) -> Any:
        """The rows as they were sent."""
        rows = pstruct if isinstance(pstruct, list) else []
        return tuple(tuple(row) for row in rows if isinstance(row, list))


class UnitWidget(TextInputWidget):
    """A unit by its name, with those that there are to choose from; what is typed is looked up by the operation."""

    template = "unit"

    def __init__(self, units: Mapping[str, str]) -> None:
        super().__init__()
        titles = list(units.values())
        self.shown = {i: t if titles.count(t) == 1 else i for i, t in units.items()}
        self.units = units

    def serialize(self, field: Any, cstruct: Any, **kw: Any) -> str:
        """The control, with the unit's name."""
        value = "" if cstruct is colander.null else self.shown.get(cstruct, cstruct)
        choices = [(self.shown[i], title) for i, title in self.units.items()]
        return str(field.renderer(self.template, field=field, cstruct=value, choices=choices))


_WIDGETS: dict[str, Callable[[], Widget]] = {
    "text": lambda: TextAreaWidget(rows=3),
    "html": lambda: TextAreaWidget(rows=16, css_class="rich"),
    "date": lambda: TextInputWidget(template="date"),
    "color": lambda: TextInputWidget(template="color"),
    "tags": _TagsWidget,
    "rows": RowsWidget,
}


def _widget(request: Any, node: colander.SchemaNode, old: Mapping[str, Any]) -> Widget:
    kind, settings = node.kind, request.registry.egov
    if kind in ("file", "image", "files"):
        known = kept_files(request) | {f.id: f for f in files_in({"": old.get(node.name)})}
        return FilesWidget(
            many=kind == "files", only_images=kind == "image", settings=settings, known=known
        )
    if kind == "unit":
        units = request.site.directory.units.values()
        return UnitWidget({unit.id: unit.title for unit in units if not unit.closed})
    if kind in ("choice", "place"):
        return SelectWidget(values=node.choices)
    return _WIDGETS.get(kind, TextInputWidget)()


def build(request: Any, schema: colander.SchemaNode, values: Mapping[str, Any]) -> deform.Form:
    """The form of a schema, filled with the values of a node or with what was typed."""

    if not language_of(request.context):
        for node in [n for n in schema if getattr(n, "is_translation", False)]:
            del schema[node.name]
    translate = translator_of(request)

    def render(template: str, **kw: Any) -> str:
        path = str(_TEMPLATES / f"{template}.pt")
        return template_at(path, request.locale_name).render(translate=translate, **kw)

    form = deform.Form(schema, renderer=render, formid="form")
    form.widget = FoldingForm(template="form", item_template="field")
    for field in form:
        field.oid = f"f-{field.name}"
        field.widget = _widget(request, field.schema, values)
    form.cstruct = {field.name: _shown(values.get(field.name)) for field in form}
    return form


def _shown(value: Any) -> Any:
    if value is None:
        return colander.null
    return value.isoformat() if isinstance(value, date) else value


def read(
    request: Any,
    schema: colander.SchemaNode,
    old: Mapping[str, Any],
    sent: Iterable[tuple[str, Any]] | None = None,
) -> tuple[dict[str, Any], dict[str, Message]]:
    """What was sent, or kept of what was, field by field, and the errors of uploads.

    Files that were there stay unless unticked.
    """
    form = build(request, schema, old)
    try:
        pstruct = peppercorn.parse(list(sent if sent is not None else request.POST.items()))
    except ValueError:
        raise Invalid(_("表单不完整，请刷新后再试。")) from None
    values: dict[str, Any] = {}
    errors: dict[str, Message] = {}
    for field in form:
        try:
            value = field.widget.deserialize(field, pstruct.get(field.name, colander.null))
        except colander.Invalid as error:
            errors[field.name], value = error.msg, error.value
        values[field.name] = None if value is colander.null else value
    return values, errors


def mark(form: deform.Form, errors: Mapping[str, Message]) -> deform.Form:
    """Put each error at its field; returns the form."""
    for field in form:
        if message := errors.get(field.name):
            field.error = colander.Invalid(field.schema, message)
    return form
