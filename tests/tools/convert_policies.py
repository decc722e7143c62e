"""Turn a crawl of State Council documents (JSON) into the import form (JSON Lines).

The crawl's own date columns are wrong: the dates are read from the header table inside the page.
Use: python tests/tools/convert_policies.py policies.json > policies.jsonl
"""

import json
import re
import sys
from html import unescape
from pathlib import Path

CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")


def text(html):
    return re.sub(r"[\s\u3000]+", "", unescape(TAG.sub("", html)))


def header(html):
    """The label → value pairs of the page's header table."""
    cells = [text(cell) for cell in CELL.findall(html[:8000])]
    return {
        cells[i].rstrip("："): cells[i + 1]
        for i in range(len(cells) - 1)
        if cells[i].endswith("：")
    }


def day(value):
    found = DAY.search(value or "")
    return "-".join((found[1], found[2].zfill(2), found[3].zfill(2))) if found else None


def convert(record):
    facts = header(record["html"])
    body = CELL.search(record["content"])
    line = {
        "type": "official_document",
        "title": record["title"],
        "index_no": record["index_number"] or facts.get("索引号"),
        "doc_no": facts.get("发文字号") or record["release_number"],
        "issuer": facts.get("发文机关") or record["release_office"],
        "topic": facts.get("主题分类"),
        "written_on": day(facts.get("成文日期")),
        "issued_on": day(facts.get("发布日期")),
        "published": day(facts.get("发布日期")),
        "body": body[1] if body else record["content"],
        "source": "中国政府网",
    }
    return {key: value for key, value in line.items() if value}


if __name__ == "__main__":
    for record in json.loads(Path(sys.argv[1]).read_text("utf-8")):
        print(json.dumps(convert(record), ensure_ascii=False))
