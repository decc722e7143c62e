"""The command that fills a site with items for load trials: generate."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from html import escape
from itertools import count, islice
from pathlib import Path
from typing import Any, cast

import click
import transaction
from rich.progress import track

from egov.base import clock
from egov.cli.acting import console
from egov.cli.database import open_site
from egov.cli.importing import BATCH, import_line
from egov.cli.paths import find
from egov.model.container import Container
from egov.operations.content import create

IN_ONE_SECTION = 1000
SECTIONS_IN_ONE = 30
DAYS = 1000  # the items are spread over so many days
CHARACTERS = 600  # a text is cut into items of about this length, the middle one of an office's
UNIQUE = ("name", "doc_no", "attachments")  # what a repeated line may not repeat

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
    "sources",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A file of JSON Lines as in docs/import.md, or a folder of such files and of texts in Markdown; may be "
    "repeated; all is used again and again. Invented texts if not given.",
)
def generate(items: int, into: str, sources: tuple[Path, ...]) -> None:
    """Fill a site with published items for load trials, a thousand to a section, thirty sections to one above."""
    lines = lines_of(sources) if sources else invented()
    with open_site() as site:
        for _number in track(fill(find(site, into), lines, items), "生成", total=items):
            pass
    click.echo(f"已在 {into} 生成 {items} 条内容。")


def fill(home: Container, lines: Iterator[dict[str, Any]], items: int) -> Iterator[int]:
    """Make published items below a container, a hundred to a commit; yields the number of each."""
    chance = random.Random(items)  # noqa: S311  the same trial every time
    above = section = home
    for number, facts in enumerate(islice(lines, items)):
        if number % (IN_ONE_SECTION * SECTIONS_IN_ONE) == 0:
            above = _section(home, number // (IN_ONE_SECTION * SECTIONS_IN_ONE))
        if number % IN_ONE_SECTION == 0:
            section = _section(above, number // IN_ONE_SECTION)
        day = clock.today() - timedelta(days=chance.randrange(DAYS))
        line = json.dumps({**facts, "published": day.isoformat()}).encode()
        import_line(section, line, Path(), publish=True)
        if number % BATCH == BATCH - 1:
            transaction.commit()
        yield number
    transaction.commit()


def _section(above: Container, number: int) -> Container:
    title = {"title": f"生成的栏目 {number + 1}"}
    return cast(Container, create(above, "section", title, by=console()))


def lines_of(sources: tuple[Path, ...]) -> Iterator[dict[str, Any]]:
    """The lines of files and folders, without end; raises ClickException where there are none."""
    files = [path for source in sources for path in _files(source)]
    lines = [facts for path in files for facts in _facts(path)]
    if not lines:
        raise click.ClickException(f"{'、'.join(map(str, sources))} 中没有内容。")
    for turn in count(1):
        for facts in lines:
            again = {key: value for key, value in facts.items() if key not in UNIQUE}
            if "index_no" in again:
                again["index_no"] += f"-{turn}"
            yield again


def _files(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    return sorted(path for path in source.rglob("*") if path.suffix in (".jsonl", ".md"))


def _facts(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text("utf-8")
    if path.suffix == ".md":
        yield from _pieces(text, path.stem)
    else:
        yield from (json.loads(line) for line in text.split("\n") if line.strip())


def _pieces(text: str, name: str) -> Iterator[dict[str, Any]]:
    """A text as items of a few paragraphs each, named after it and the heading above them."""
    title, heading, paragraphs = "", "", list[str]()
    for line in [*text.splitlines(), "# "]:
        words = line.strip()
        is_heading = words.startswith("#")
        if paragraphs and (is_heading or sum(map(len, paragraphs)) > CHARACTERS):
            body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
            named = f"{title or name} {heading}".strip()[:200]
            yield {"type": "article", "title": named, "body": body, "source": "生成的内容"}
            paragraphs.clear()
        if is_heading:
            heading = words.strip("# ")
            title, heading = (title, heading) if title else (heading, "")
        elif words and not words.startswith(("<!--", "|")):
            paragraphs.append(words)


def invented() -> Iterator[dict[str, Any]]:
    """Lines that look like an office's, without end."""
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
