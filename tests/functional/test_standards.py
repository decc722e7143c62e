"""The audit of the public pages, by the rules of the national guideline; the demo keeps them all."""

import errno
import re
import socket
from itertools import takewhile
from threading import Thread

import pytest
from click.testing import CliRunner

from egov.cli import main
from egov.cli.examining import report
from egov.cli.ipv6 import reached_by_ipv6
from egov.public.reading import Read
from egov.public.standards import faults, style_faults
from tests.support.serving import serving

GOOD = """<html lang="zh-Hans"><head><title>通知 - 市</title><meta name="SiteName" content="市">
<meta name="viewport" content="w"><meta name="SiteDomain" content="www.d.example">
<meta name="SiteIDCode" content="4299000001"><meta name="ColumnName" content="动态">
<meta name="ColumnDescription" content="d"><meta name="ColumnKeywords" content="k">
<meta name="ColumnType" content="工作动态"><meta name="ArticleTitle" content="通知">
<meta name="PubDate" content="2026-11-24 09:30"><meta name="ContentSource" content="办公室">
<link rel="canonical" href="https://d/a"></head><body><a href="#main">跳</a><a href="/"><img src="/l" alt="">市</a>
<form role="search"><label for="q">搜索</label><input id="q"><button>搜索</button></form>
<a href="/-/look/elder">长者版</a><nav aria-label="当前位置"><a href="/">首页</a><a href="/a">动态</a></nav>
<main id="main"><h1>通知</h1>办公室
<time>2026-11-24 09:30</time><a data-look="large" href="/-/look/large">大</a><button data-print="">打印</button>
<button data-read="">朗读</button>
<button data-share="">分享</button><h2>一</h2><img src="/a" alt=""><table><tr><th>一</th></tr></table>
<a href="https://zw.d.example/">自己</a><a href="https://www.gov.cn/">国家</a></main>
<a href="/@@correct">我要纠错</a><a href="/@@sitemap">网站地图</a>
<a href="https://zfwzgl.www.gov.cn/">我为政府网站找错</a>
<a href="https://bszs.conac.cn/">党政机关网站标识</a>
<footer>主办单位 联系方式 网站标识码 4299000001 ICP 备案编号 鄂ICP备1号-2
公安机关备案编号 鄂公网安备3号</footer></body></html>"""


def told(markup, path="/a/b"):
    return list(faults(path, Read(markup)))


def test_a_page_that_keeps_every_rule():
    assert told(GOOD) == []


@pytest.mark.parametrize(("wrong", "right", "expected"), [
    ('<html lang="zh-Hans">', "<html>", "没有语言标记"),
    ("码 4299000001", "码 4299000002", "页脚的网站标识码与 SiteIDCode 不一致"),
    ("鄂ICP备1号", "（待办）", "页脚的ICP 备案编号不是规定的写法"),
    ("鄂公网安备3号", "", "页脚的公安机关备案编号不是规定的写法"),
    ('<a href="/">首页</a>', "", "当前位置不从首页开始"),
    ('<a href="/a">', '<a href="/b">', "当前位置不对：网页不在“动态”（/b）中"),
    (">动态</a>", ">新闻</a>", "当前位置中没有本栏目“动态”"),
    ("<h2>", '<p style="display: none">x</p><h2>', "不应有隐藏的内容（暗链）"),
    ("4299000001", "429900", "SiteIDCode 应为 10 位字母或数字：429900"),
    ("2026-11-24 09:30", "2026/11/24", "PubDate 的格式不对：2026/11/24"),
    ('content="2026-11-24 09:30"', 'content="2026-11-24 09:31"', "页面上没有显示发布时间，或与 PubDate 不一致"),
    ("<h1>通知</h1>", "<h1>通知</h1><h1>再次</h1>", "应有一个一级标题，现有 2 个"),
    ("<h1>通知</h1>", "<h1>公告</h1>", "一级标题与 ArticleTitle 不一致"),
    ("</h1>办公室", "</h1>", "页面上没有显示信息来源"),
    ('content="市"', 'content="县人民政府"', "页面上没有网站名称"),
    ("data-read", "data-x", "没有朗读按钮"),
    ('<label for="q">搜索</label>', "", "1 个输入框没有名称"),
    ("<th>一</th>", "<td>一</td>", "1 个表格没有表头"),
    (">国家</a>", "></a>", "链接没有文字：https://www.gov.cn/"),
    ('content="w"', 'content="width=device-width, user-scalable=no"', "不应有对放大的限制"),
    ('content="w"', 'content="width=device-width, maximum-scale=1"', "不应有对放大的限制"),
    ('<input id="q">', '<input id="q" tabindex="3">', "不应有打乱的键盘次序"),
    ("<h2>", '<p style="position: sticky">x</p><h2>', "不应有漂浮窗口"),
    ("<h2>", '<iframe src="/x"></iframe><h2>', "不应有内嵌网页"),
    ("<h2>", '<embed src="/x"><h2>', "不应有内嵌程序"),
    ("<h2>", "<blink>x</blink><h2>", "不应有闪烁文字"),
    ("<h2>", "<p>建设中</p><h2>", "空白栏目：建设中"),
    ("<h2>一</h2>", "<h3>一</h3>", "标题从 1 级跳到 3 级"),
    ('<img src="/a" alt="">', '<img src="/a">', "1 张图片没有替代文字"),
    ('<img src="/a" alt="">', '<img src="https://x.example/a" alt="">', "引用了外部资源 https://x.example/a"),
    ('role="search"', "", "没有搜索框"),
    ('href="#main"', 'href="#"', "没有“跳到正文”的链接"),
    ('rel="canonical"', 'rel="next"', "没有规范网址（canonical）"),
    ('name="viewport"', 'name="x"', "没有适配手机（viewport）"),
    ("<time>2026-11-24 09:30</time>", "", "页面上没有显示发布时间，或与 PubDate 不一致"),
    ("data-print", "data-x", "没有打印按钮"),
    ("data-share", "data-x", "没有分享按钮"),
    ("data-look", "data-x", "没有字号按钮"),
    ("https://www.gov.cn/", "https://shop.example/", "链接到非政府网站而没有离开提示：https://shop.example/"),
    ("<h2>", '<p style="position: fixed">x</p><h2>', "不应有漂浮窗口"),
    ("<h2>", "<marquee>x</marquee><h2>", "不应有滚动字幕"),
    ("<h2>", '<video autoplay=""></video><h2>', "不应有自动播放"),
    ("<h2>", '<p onclick="x()">x</p><h2>', "不应有弹出或行内脚本"),
    ("<h2>", '<p id="main">x</p><h2>', "id 重复：main"),
    ("<h2>", "<p>本栏目暂无信息。</p><h2>", "空白栏目：本栏目暂无信息。"),
    ("<h2>", "<p>本网站暂无信息。</p><h2>", "空白栏目：本网站暂无信息。"),
    ("<h2>", '<meta http-equiv="refresh" content="0"><h2>', "不应有自动跳转"),
    ('content="工作动态"', 'content="杂项"', "ColumnType 不在规定的类型中：杂项"),
    ('<nav aria-label="当前位置"><a href="/">首页</a><a href="/a">动态</a></nav>', "", "没有当前位置"),
    ("<title>通知 - 市</title>", "<title> </title>", "没有网页标题"),
    *((f'name="{name}"', 'name="other"', f"没有 {name} 标签") for name in (
        "SiteIDCode", "ColumnDescription", "ColumnKeywords", "ColumnType", "ContentSource")),
    *((mark, "", f"页脚没有“{mark}”") for mark in (
        "主办单位", "联系方式", "网站标识码", "ICP 备案编号", "公安机关备案编号")),
    *((f">{way}<", ">另外<", f"没有“{way}”入口") for way in (
        "我要纠错", "网站地图", "长者版", "我为政府网站找错", "党政机关网站标识")),
])  # fmt: skip
def test_each_rule_is_told_when_it_is_broken(wrong, right, expected):
    assert told(GOOD.replace(wrong, right)) == [expected]


def test_a_page_that_leads_to_no_home_is_told_of_it_wherever_the_way_is_missed():
    assert told(GOOD.replace('<a href="/">', '<a href="/c">')) == [
        "当前位置不从首页开始", "当前位置不对：网页不在“首页”（/c）中", "没有返回首页的链接",
    ]  # fmt: skip


def test_the_home_page_shows_the_domain():
    assert "首页上没有网站域名" in told(GOOD, "/")
    assert "首页上没有网站域名" not in told(GOOD.replace("<h2>", "www.d.example<h2>"), "/")


@pytest.mark.parametrize(("count", "is_told"), [(4, True), (5, False), (8, False), (9, True)])
def test_the_main_menu_of_the_home_page_has_five_to_eight_entries(count, is_told):
    menu = f'<nav aria-label="主菜单">{"<a href=/a>x</a>" * count}</nav><h2>'
    fault = f"主菜单应有 5 至 8 项，现有 {count} 项"
    assert (fault in told(GOOD.replace("<h2>", menu), "/")) is is_told
    assert fault not in told(GOOD.replace("<h2>", menu))


@pytest.mark.parametrize(("css", "expected"), [
    ("a { color: red }", []),
    (".ad { position:fixed }", ["样式中不应有漂浮窗口"]),
    (".x { animation: turn 1s infinite }", ["样式中不应有不停的动画"]),
    ("b { background: url(//cdn.example/x) } @import 'https://cdn.example/y';", [
        "样式引用了外部资源 //cdn.example/x", "样式引用了外部资源 https://cdn.example/y"]),
    (":root{--accent:#1;--accent-2:#2;--accent-3:#3;--accent-soft:#4} @media print{:root{--accent:#5}}", []),
    (":root{--accent:#111;--accent-2:#222;--accent-3:#333;--accent-4:#444}", ["主要颜色不应超过 3 种，现有 4 种"]),
])  # fmt: skip
def test_stylesheets_are_read_too(css, expected):
    assert list(style_faults(css)) == expected


def test_a_page_without_its_most_needed_tags_and_headings_is_told_of_each():
    for name in ("SiteName", "SiteDomain", "PubDate"):
        assert f"没有 {name} 标签" in told(GOOD.replace(f'name="{name}"', 'name="other"'))
    assert "应有一个一级标题，现有 0 个" in told(GOOD.replace("<h1>通知</h1>", ""))


FINE = GOOD.replace('<a href="/a">', '<a href="/">').replace("<h2>", "www.d.example<h2>")
BROKEN = {
    "/good": (200, FINE.replace("<h2>", '<a href="/-/leave/x">走</a><a href="/zh-hant/x">繁</a><h2>')),
    "/bad": (200, FINE.replace("</h1>办公室", "</h1>")),
    "/leads": (200, FINE.replace(
        "</h2>", '</h2><a href="/nowhere#a">甲</a><a href="/stub">乙</a><a href="/moved">丙</a>')),
    "/away": (500, ""),
}  # fmt: skip
UNMAPPED = {
    "/page/2": (200, FINE.replace("data-print", "x")),
    "/static.css": (200, "p { position: sticky }"),
}


@pytest.fixture
def broken_site():
    """A running site with a good page and three bad ones; other addresses lead nowhere, but for the usual ways."""

    def answer(environ, start_response):
        path, base = environ["PATH_INFO"], f"http://{environ['HTTP_HOST']}"
        maps = "".join(f"<loc>{base}{one}</loc>" for one in BROKEN)
        if path == "/stub":
            start_response("200 X", [("Content-Type", "text/html; charset=utf-8")])
            return [b'<html><meta http-equiv="refresh" content="0; url=/page/2">']
        if path == "/moved":
            start_response("301 X", [("Location", f"{base}/page/2")])
            return [b""]
        usual = {
            "/l": (200, ""), "/a": (200, ""),
            "/sitemap.xml": (200, maps if environ["QUERY_STRING"] else f"<loc>{base}/sitemap.xml?part=1</loc>"),
            "/": (200, FINE.replace("<head>", '<head><link rel="stylesheet" href="/static.css">')),
            "/@@sitemap": (200, FINE), "/@@search": (200, FINE),
        }  # fmt: skip
        status, body = (usual | BROKEN | UNMAPPED).get(path, (404, ""))
        kind = "css" if path.endswith(".css") else "html" if body.startswith("<html") else "xml"
        start_response(f"{status} X", [("Content-Type", f"text/{kind}; charset=utf-8")])
        return [body.encode()]

    with serving(answer) as base:
        yield base


def test_a_running_site_is_told_page_by_page_what_is_wrong(broken_site, monkeypatch):
    answer = CliRunner().invoke(main, ["audit", "site", broken_site])
    assert answer.exit_code == 1
    assert answer.stdout.splitlines() == [
        "/away", "    打不开（500）",
        "/bad", "    页面上没有显示信息来源",
        "/leads", "    链接或图片打不开：/nowhere（404）",
        "/page/2", "    没有打印按钮",
        "/static.css", "    样式中不应有漂浮窗口",
        "没有检查 IPv6：127.0.0.1 是本机或内部地址，请用网站的域名再检查一次。",
        "已检查 8 个网页，5 个有问题。",
    ]  # fmt: skip

    monkeypatch.setattr("egov.cli.examining._SLOW", -1.0)
    slow = CliRunner().invoke(main, ["audit", "site", broken_site]).stdout.splitlines()
    assert "    打开用了 0.0 秒" in [re.sub(r"\d\.\d", "0.0", line) for line in slow]


BOTH = FINE.replace(
    "<head>",
    """<head><link rel="alternate" hreflang="zh-Hans" href="https://w.example/both">
<link rel="alternate" hreflang="zh-Hant" href="https://w.example/zh-hant/both">""",
)


@pytest.mark.parametrize(("there", "other", "expected"), [
    (200, BOTH.replace("zh-Hans", "zh-Hant", 1), []),
    (200, BOTH, ["    zh-Hant 版的语言标记是“zh-Hans”：https://w.example/zh-hant/both"]),
    (404, "", ["    打不开 zh-Hant 版：https://w.example/zh-hant/both"]),
    (200, FINE.replace("zh-Hans", "zh-Hant", 1), [
        "    与 zh-Hant 版互指的语言版本（hreflang）不一致：https://w.example/zh-hant/both"]),
])  # fmt: skip
def test_the_same_page_in_traditional_characters_is_looked_at(
    broken_site, monkeypatch, there, other, expected
):
    monkeypatch.setitem(BROKEN, "/both", (200, BOTH))
    monkeypatch.setitem(UNMAPPED, "/zh-hant/both", (there, other))
    lines = CliRunner().invoke(main, ["audit", "site", broken_site]).stdout.splitlines()
    rest = lines[lines.index("/both") + 1 :] if "/both" in lines else []
    assert list(takewhile(lambda line: line.startswith(" "), rest)) == expected
    # Where one page can be read so, all others are to be.
    assert lines[lines.index("/good") + 1] == "    没有繁体版，而其他网页有"


def _answers(*addresses):
    return lambda *_asked: [(None, None, None, "", (address, 443)) for address in addresses]


def _fails(error):
    def ask(*_asked):
        raise error

    return ask


def _speaks(answer):
    """Somebody at the other end, who says one thing to whoever asks, and keeps what was asked."""
    heard = []

    def connect(*_at):
        mine, theirs = socket.socketpair()

        def speak():
            with theirs:
                heard.append(theirs.recv(4096).decode("latin-1"))
                theirs.sendall(answer)

        Thread(target=speak, daemon=True).start()
        return mine

    connect.heard = heard
    return connect


HOST, AT = "https://www.x.gov.cn", _answers("2400::1")
OPEN = "http://www.x.gov.cn/a"


@pytest.mark.parametrize(("url", "resolve", "connect", "fault", "note"), [
    (OPEN, AT, _speaks(b"HTTP/1.1 200 OK\r\n\r\n"), "", ""),
    (OPEN, AT, _speaks(b"HTTP/1.1 301 Moved\r\nLocation: https://x\r\n\r\n"), "", ""),
    (OPEN, AT, _speaks(b"HTTP/1.1 503 Away\r\n\r\n"), "2400::1 打不开网页（HTTP 503）", ""),
    (OPEN, AT, _speaks(b"SSH-2.0-OpenSSH\r\n"), "应答的不是网页", ""),
    (HOST, AT, _speaks(b"HTTP/1.1 200 OK\r\n\r\n"), "打不开（[SSL", ""),
    (HOST, _fails(socket.gaierror(socket.EAI_NONAME, "none")), None, "没有 IPv6 地址", ""),
    (HOST, _fails(socket.gaierror(socket.EAI_AGAIN, "later")), None, "", "现在查不到"),
    (HOST, AT, _fails(OSError(errno.ECONNREFUSED, "refused")), "打不开（refused）", ""),
    (HOST, AT, _fails(TimeoutError()), "2400::1 打不开（没有应答）", ""),
    (HOST, AT, _fails(OSError(errno.ENETUNREACH, "none")), "", "本机没有 IPv6 网络"),
    ("http://localhost:6543", None, None, "", "localhost 是本机或内部地址"),
    ("http://192.168.1.2", None, None, "", "192.168.1.2 是本机或内部地址"),
])  # fmt: skip
def test_a_host_is_reached_over_ipv6_or_it_is_said_why_nobody_knows(
    url, resolve, connect, fault, note
):
    told = reached_by_ipv6(url, resolve, connect)
    assert (fault in told.fault, bool(told.fault)) == (True, bool(fault))
    assert (note in told.note, bool(told.note)) == (True, bool(note))


def test_the_page_itself_is_asked_for_over_ipv6():
    other = _speaks(b"HTTP/1.1 200 OK\r\n\r\n")
    assert reached_by_ipv6(OPEN, AT, other) == ("", "")
    assert other.heard[0].startswith("GET /a HTTP/1.1\r\nHost: www.x.gov.cn\r\n")


def test_what_many_pages_have_is_told_once_or_at_each():
    found = {f"/{number}": ["没有搜索框"] for number in range(12)} | {"/x": ["没有网页标题"]}
    assert list(report(found, is_whole=False)) == [
        "12 个网页：没有搜索框", "    如 /0  /1  /2", "/x", "    没有网页标题",
    ]  # fmt: skip
    assert len(list(report(found, is_whole=True))) == 26


def test_a_site_that_does_not_answer_is_said_to_be_so():
    answer = CliRunner().invoke(main, ["audit", "site", "http://127.0.0.1:1"])
    assert answer.exit_code == 1
    assert "读不到网站地图" in answer.stderr


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
