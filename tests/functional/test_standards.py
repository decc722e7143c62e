"""The audit of the public pages, by the rules of the national guideline; the demo keeps them all."""

import pytest
from click.testing import CliRunner

from egov.cli import main
from egov.public.standards import Read, faults

GOOD = """<html lang="zh-Hans"><head><title>通知 - 市</title><meta name="SiteName" content="市">
<meta name="viewport" content="w"><meta name="SiteDomain" content="www.d.example">
<meta name="SiteIDCode" content="1"><meta name="ArticleTitle" content="通知">
<meta name="PubDate" content="2026-11-24 09:30"><meta name="ContentSource" content="局">
<link rel="canonical" href="https://d/a"></head><body><a href="#main">跳</a><form role="search"></form>
<a href="/-/look/elder">长者版</a><nav aria-label="当前位置"></nav><main id="main"><h1>通知</h1>
<time>2026-11-24 09:30</time><a data-look="large" href="/-/look/large">大</a><button data-print="">打印</button>
<h2>一</h2><img src="/a" alt=""><a href="https://zw.d.example/">自己</a><a href="https://www.gov.cn/">国家</a></main>
<a href="/@@correct">我要纠错</a><a href="/@@sitemap">网站地图</a>
<footer>主办单位 联系方式 网站标识码 ICP 备案编号 公安机关备案编号</footer></body></html>"""


def told(markup, path="/a/b"):
    return list(faults(path, Read(markup)))


def test_a_page_that_keeps_every_rule():
    assert told(GOOD) == []


@pytest.mark.parametrize(("wrong", "right", "expected"), [
    ('<html lang="zh-Hans">', "<html>", "没有语言标记"),
    ('<meta name="SiteIDCode" content="1">', "", "没有 SiteIDCode 标签"),
    ("2026-11-24 09:30", "2026/11/24", "PubDate 的格式不对：2026/11/24"),
    ("<h1>通知</h1>", "", "应有一个一级标题，现有 0 个"),
    ("<h2>一</h2>", "<h3>一</h3>", "标题从 1 级跳到 3 级"),
    ('<img src="/a" alt="">', '<img src="/a">', "1 张图片没有替代文字"),
    ('<img src="/a" alt="">', '<img src="https://x.example/a" alt="">', "引用了外部资源 https://x.example/a"),
    ("主办单位", "", "页脚没有“主办单位”"),
    ("我要纠错", "", "没有“我要纠错”入口"),
    ("网站地图", "", "没有“网站地图”入口"),
    ("长者版", "", "没有“长者版”入口"),
    ('role="search"', "", "没有搜索框"),
    ('href="#main"', 'href="#"', "没有“跳到正文”的链接"),
    ('rel="canonical"', 'rel="next"', "没有规范网址（canonical）"),
    ('name="viewport"', 'name="x"', "没有适配手机（viewport）"),
    ("<time>2026-11-24 09:30</time>", "", "页面上没有显示发布时间，或与 PubDate 不一致"),
    ("data-print", "data-x", "没有打印按钮"),
    ("data-look", "data-x", "没有字号按钮"),
    ("https://www.gov.cn/", "https://shop.example/", "链接到非政府网站而没有离开提示：https://shop.example/"),
    ("<h2>", '<p style="position: fixed">x</p><h2>', "不应有漂浮窗口"),
    ("<h2>", "<marquee>x</marquee><h2>", "不应有滚动字幕"),
    ("<h2>", '<video autoplay=""></video><h2>', "不应有自动播放"),
    ("<h2>", '<p onclick="x()">x</p><h2>', "不应有弹出或行内脚本"),
    ("<h2>", '<p id="main">x</p><h2>', "id 重复：main"),
    ("<h2>", "<p>本栏目暂无信息。</p><h2>", "空白栏目：本栏目暂无信息。"),
    ("<h2>", '<meta http-equiv="refresh" content="0"><h2>', "不应有自动跳转"),
    ('name="viewport"', 'name="ColumnType" content="杂项"><meta name="viewport"', "ColumnType 不在规定的类型中：杂项"),
    ('<nav aria-label="当前位置"></nav>', "", "没有当前位置"),
    ("<title>通知 - 市</title>", "<title> </title>", "没有网页标题"),
])  # fmt: skip
def test_each_rule_is_told_when_it_is_broken(wrong, right, expected):
    assert told(GOOD.replace(wrong, right)) == [expected]


def test_the_demo_keeps_every_rule(tmp_path, monkeypatch):
    config = tmp_path / "e.ini"
    config.write_text(
        f"[app:main]\nuse = egg:egov\nzodbconn.uri = file://{tmp_path}/Data.fs?blobstorage_dir={tmp_path}/blobs\n"
    )
    monkeypatch.setenv("EGOV_CONFIG", str(config))
    runner = CliRunner()
    assert runner.invoke(main, ["init", "--demo", "--password", "Demo-Horse-77"]).exit_code == 0
    answer = runner.invoke(main, ["audit", "site"])
    assert answer.exit_code == 0, answer.output
    assert "0 个有问题" in answer.output
    assert runner.invoke(main, ["audit", "site", "file:///etc"]).exit_code == 1
