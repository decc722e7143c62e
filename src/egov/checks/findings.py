"""All checks over one wording of an item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from egov.base.html import plain
from egov.base.i18n import Message, _
from egov.checks.markup import Markup
from egov.checks.personal import Personal, personal_in
from egov.extract import text_of
from egov.model.files import StoredFile

BLOCK, WARN = "block", "warn"

_PERSONAL: dict[str, tuple[str, Message]] = {
    "id": (BLOCK, _("含有身份证号码")),
    "card": (BLOCK, _("含有银行卡号")),
    "old_id": (WARN, _("可能含有 15 位身份证号码")),
    "mobile": (WARN, _("含有手机号码，请确认可以公开")),
    "home": (WARN, _("含有住址，公开时只写到乡镇、街道")),
}


class Finding(NamedTuple):
    """Something to put right; `block` findings stop a submission, `warn` findings only advise."""

    severity: str
    field: str
    message: Message
    place: str = ""  # where: a file's name or a few words, personal data masked


def findings(
    values: Mapping[str, Any],
    *,
    is_dead: Callable[[str], bool] = lambda _address: False,
    wording: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Everything the checks find in the values of an item.

    `is_dead` says of an address on this site whether nothing is there; `wording` maps what should not be written to
    what should.
    """
    found: list[Finding] = []
    for name, value in values.items():
        files = value if isinstance(value, tuple) else (value,)
        for file in files:
            if isinstance(file, StoredFile):
                found += _personal(name, text_of(file), file.filename)
        if isinstance(value, str):
            text = plain(value) if name == "body" else value
            found += _personal(name, text, "")
            found += _wording(name, text, wording or {})
    if body := values.get("body"):
        found += _markup(body, is_dead)
    return sorted(found, key=lambda finding: finding.severity != BLOCK)


def _personal(field: str, text: str, where: str) -> Iterator[Finding]:
    told: set[Personal] = set()
    for personal in personal_in(text):
        if personal not in told:
            told.add(personal)
            severity, message = _PERSONAL[personal.kind]
            place = f"{where}：{personal.masked}" if where else personal.masked
            yield Finding(severity, field, message, place)


def _wording(field: str, text: str, wording: Mapping[str, str]) -> Iterator[Finding]:
    for wrong, right in wording.items():
        if wrong in text:
            names = {"wrong": wrong, "right": right}
            yield Finding(WARN, field, _("“${wrong}”应写作“${right}”", mapping=names))


def _markup(body: str, is_dead: Callable[[str], bool]) -> Iterator[Finding]:
    markup = Markup(body)
    for address, text in markup.links:
        if not address or address == "#":
            yield Finding(WARN, "body", _("链接没有地址"), text)
        elif not text:
            yield Finding(WARN, "body", _("链接没有文字"), address)
        elif address.startswith("/") and is_dead(address):
            yield Finding(WARN, "body", _("站内链接打不开"), f"{text}（{address}）")
    yield from _alts(markup)
    if markup.empty_heads:
        yield Finding(WARN, "body", _("表格有空的表头"))
    if (skipped := markup.skipped_heading()) is not None:
        yield Finding(WARN, "body", _("标题跳级，请按层次使用小标题"), skipped)


def _alts(markup: Markup) -> Iterator[Finding]:
    if markup.images_without_alt:
        count = markup.images_without_alt
        yield Finding(WARN, "body", _("${count} 张图片没有替代文字", mapping={"count": count}))
    for alt in markup.poor_alts():
        yield Finding(WARN, "body", _("替代文字没有说出图片上有什么"), alt)
    for alt in markup.repeated:
        yield Finding(WARN, "body", _("替代文字与图片下的说明相同，会被读两遍"), alt)
    for alt in markup.long_alts():
        yield Finding(WARN, "body", _("替代文字太长，请写在正文中"), f"{alt[:40]}…")
