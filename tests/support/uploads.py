"""Putting files into the forms of the back office."""

from webtest import Upload


def upload(form, field, name, content):
    """Put a file into a form's field."""
    place = next(
        i for i, (_name, f) in enumerate(form.field_order) if f.value == f"{field}:sequence"
    )
    control = form.field_order[place + 1][1]
    control.value = (
        [Upload(name, content)] if "multiple" in control.attrs else Upload(name, content)
    )
