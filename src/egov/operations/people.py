"""People from a table (CSV or XLSX): accounts, then units and groups, each line whole or not at all.

What a line does depends on whose work it is: the system administrator's import makes accounts, the security
administrator's import of the same table says where those people belong. So nobody hands out rights to an account of
their own making. A command does both at once.
"""

from __future__ import annotations

import csv
import io
import re
from typing import NamedTuple

from egov.base import ids
from egov.base.errors import EgovError, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.extract import sheet_rows
from egov.model.site import SiteGroup
from egov.operations.accounts import add_user, set_groups
from egov.operations.organisation import set_posts
from egov.operations.record import require_duty
from egov.security.policy import permits_duty
from egov.security.principals import Actor, Post, User

# What a column may be called in its first line.
COLUMNS = {
    "id": ("id", "用户名", "账号"),
    "name": ("name", "姓名"),
    "email": ("email", "电子邮箱", "邮箱"),
    "unit": ("unit", "单位", "单位编号"),
    "post": ("post", "职务"),
    "groups": ("groups", "用户组"),
}
MAX_LENGTH = 1_000_000
_BETWEEN = re.compile(r"[;；、\s]+")  # groups in one cell


class Line(NamedTuple):
    """A person as the table has them."""

    number: int
    id: str = ""
    name: str = ""
    email: str = ""
    unit: str = ""
    post: str = ""
    groups: str = ""


class Outcome(NamedTuple):
    """What became of a line; `password` is the new account's first one, told this once."""

    line: Line
    message: Message
    is_refused: bool = False
    password: str = ""


def decoded(content: bytes) -> str:
    """The CSV text of a table as spreadsheets save it: XLSX, or CSV in UTF-8 or GB 18030; raises Invalid else."""
    if content.startswith(b"PK"):
        return _from_sheet(content)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(_("文件不是 XLSX 表格，也不是 UTF-8 或 GB 18030 编码的文字。"))


def _from_sheet(content: bytes) -> str:
    try:
        rows = sheet_rows(content)
    except ValueError:
        raise Invalid(_("文件不是可以打开的 XLSX 表格。")) from None
    text = io.StringIO()
    csv.writer(text).writerows(["" if cell is None else str(cell) for cell in row] for row in rows)
    return text.getvalue()


def read_people(text: str, *, most: int) -> list[Line]:
    """The people of a CSV table; raises Invalid if it is none, empty, too long, or names no columns."""
    if len(text) > MAX_LENGTH:
        raise Invalid(_("表格太长，请分成几份。"))
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        names = _columns(next(rows, []))
        found = [
            Line(rows.line_num, **dict(zip(names, (cell.strip() for cell in row), strict=False)))
            for row in rows
            if any(cell.strip() for cell in row)
        ]
    except csv.Error:
        message = _("第 ${line} 行不是正确的 CSV。", mapping={"line": rows.line_num})
        raise Invalid(message) from None
    if not found:
        raise Invalid(_("表格中没有人员。"))
    if len(found) > most:
        raise Invalid(_("一次最多导入 ${most} 行，请分成几份。", mapping={"most": most}))
    return found


def _columns(heads: list[str]) -> list[str]:
    known = {title: name for name, titles in COLUMNS.items() for title in titles}
    names = [known.get(head.strip().lower(), "") for head in heads]
    if "" in names or len(set(names)) < len(names) or "id" not in names:
        raise Invalid(
            _("第一行须是列名：${names}，每列一次，不可缺少用户名。",
              mapping={"names": "、".join(titles[1] for titles in COLUMNS.values())})
        )  # fmt: skip
    return names


def import_people(
    site: SiteGroup, lines: list[Line], *, by: Actor, is_trial: bool = False
) -> list[Outcome]:
    """Make accounts (system duty) or place people in units and groups (security duty); a refused line changes nothing.

    A trial spares the slow hash of a password, and the caller gives it up. Raises Forbidden for who has neither duty.
    """
    require_importer(by)
    found = []
    for line in lines:
        try:
            found.append(import_line(site, line, by, is_trial=is_trial))
        except EgovError as error:
            found.append(Outcome(line, error.message, is_refused=True))
    return found


def require_importer(by: Actor) -> None:
    """Raise Forbidden for who has neither duty."""
    require_duty(by, Permission.SYSTEM, Permission.SECURITY)


def import_line(site: SiteGroup, line: Line, by: Actor, *, is_trial: bool = False) -> Outcome:
    """Make the account of one line (system duty), or place the person in units and groups (security duty).

    Raises as `import_people` tells of a refused line.
    """
    makes = by.is_system or permits_duty(by, Permission.SYSTEM)
    places = by.is_system or permits_duty(by, Permission.SECURITY)
    groups = frozenset(filter(None, _BETWEEN.split(line.groups)))
    _check(site, line, groups)
    user, password = site.directory.user(line.id.lower()), ""
    if user is None:
        if not makes:
            raise Invalid(_("没有这个账号，请系统管理员先导入同一表格。"))
        password = ids.new_password()
        user = add_user(
            site, line.id, line.name, None if is_trial else password, by=by, email=line.email
        )

    did_place = places and _place(site, user, line, groups, by)
    if password:
        return Outcome(line, _("已建立账号"), password=password)
    return Outcome(line, _("已设置单位和用户组") if did_place else _("已有账号，没有变化"))


def _check(site: SiteGroup, line: Line, groups: frozenset[str]) -> None:
    """Everything that could be refused after the account is made, before it is."""
    unit = site.directory.unit(line.unit)
    if line.unit and (unit is None or unit.closed):
        raise Invalid(_("没有编号为“${id}”的单位。", mapping={"id": line.unit}))
    if line.post and not line.unit:
        raise Invalid(_("有职务而没有单位。"))
    for group in groups:
        if group not in site.directory.groups:
            raise Invalid(_("没有编号为“${id}”的用户组。", mapping={"id": group}))


def _place(site: SiteGroup, user: User, line: Line, groups: frozenset[str], by: Actor) -> bool:
    """Put a person where the line says; returns whether that changed anything."""
    others = tuple(post for post in user.posts if post.unit != line.unit)
    posts = (*others, Post(line.unit, line.post)) if line.unit else user.posts
    has_new_post = set(posts) != set(user.posts)
    if has_new_post:
        set_posts(site, user, posts, by=by)
    has_new_group = not groups <= user.groups
    if has_new_group:
        set_groups(site, user, user.groups | groups, by=by)
    return has_new_post or has_new_group
