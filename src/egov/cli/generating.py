"""The command that fills a site with items for load trials: generate."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import click
import transaction
from rich.progress import track

from egov.base import clock
from egov.cli.database import open_site
from egov.cli.importing import BATCH, import_line
from egov.cli.paths import find
from egov.model.container import Container
from egov.operations.content import create
from egov.security.principals import SYSTEM_ACTOR

IN_ONE_SECTION = 1000
DAYS = 1000  # the items are spread over so many days
UNIQUE = ("name", "index_no", "doc_no", "attachments")  # what a repeated line may not repeat

_WHAT = ("通知", "公告", "意见", "方案", "办法", "报告", "动态", "解读")
_ON = (
    "优化营商环境", "保障农民工工资支付", "老旧小区改造", "义务教育招生", "防汛抗旱", "食品安全检查",
    "公共资源交易", "医疗保障服务", "乡村道路养护", "政务公开", "就业创业补贴", "水源地保护",
)  # fmt: skip
_SENTENCES = (
    "各有关单位要高度重视，明确责任分工，确保各项措施落到实处。",
    "申请人可以通过政务服务大厅窗口或者网上办事平台提出申请。",
    "主管部门应当自受理之日起二十个工作日内作出决定，并书面告知申请人。",
    "本通知自发布之日起施行，有效期五年。",
    "现将有关事项公告如下，请相互转告，并欢迎社会各界监督。",
    "经费由市级财政统筹安排，专款专用，不得挤占挪用。",
)  # fmt: skip


@click.command()
@click.option("--items", type=click.IntRange(min=1), required=True, help="How many.")
@click.option("--into", required=True, help="Path of a site or section, for example /czj.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines as in docs/import.md, used again and again; invented texts if not given.",
)
def generate(items: int, into: str, file: Path | None) -> None:
    """Fill a site with published items for load trials, a thousand to a section."""
    lines = _lines_of(file) if file else _invented()
    chance = random.Random(items)  # noqa: S311  the same trial every time
    section: Container | None = None
    with open_site() as site:
        home = find(site, into)
        for number, facts in enumerate(track(islice(lines, items), "生成", total=items)):
            if section is None or number % IN_ONE_SECTION == 0:
                title = {"title": f"生成的栏目 {number // IN_ONE_SECTION + 1}"}
                section = create(home, "section", title, by=SYSTEM_ACTOR)
            day = clock.today() - timedelta(days=chance.randrange(DAYS))
            line = json.dumps({**facts, "published": day.isoformat()}).encode()
            import_line(section, line, Path(), publish=True)
            if number % BATCH == BATCH - 1:
                transaction.commit()
    click.echo(f"已在 {into} 生成 {items} 条内容。")


def _lines_of(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as source:
        lines = [json.loads(line) for line in source if line.strip()]
    if not lines:
        raise click.ClickException(f"{file} 中没有内容。")
    for facts in cycle(lines):
        yield {key: value for key, value in facts.items() if key not in UNIQUE}


def _invented() -> Iterator[dict[str, Any]]:
    chance = random.Random(0)  # noqa: S311  the same texts every time
    while True:
        paragraphs = ("".join(chance.choices(_SENTENCES, k=8)) for _number in range(5))
        yield {
            "type": "article",
            "title": f"关于{chance.choice(_ON)}的{chance.choice(_WHAT)}（{chance.randrange(10**6)}）",
            "body": "".join(f"<p>{text}</p>" for text in paragraphs),
            "source": "生成的内容",
        }


COMMANDS = (generate,)
