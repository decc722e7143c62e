"""Every kind of page that a visitor may meet: by which view it is made, and how one comes to it.

What needs no writing is looked at in the demo city (`DEMO`), all else in the world (`WAYS`). A test compares both with
the views that the application has.
"""

from __future__ import annotations

from urllib.parse import quote

NEWS, SUBSCRIBE = "/finance/news", "/finance/news/@@subscribe"
NOTICE = f"{NEWS}/zhong-yao"

# Of the views that visitors may ask: those that answer with no page of their own.
NO_PAGES = {
    "egov.public.feeds.atom_of_place", "egov.public.feeds.atom_of_question", "egov.public.feeds.rss_of_place",
    "egov.public.feeds.rss_of_question", "egov.public.machines.robots", "egov.public.machines.site_map",
    "egov.public.views.placement", "egov.public.views.theme", "egov.web.files.favicon", "egov.web.files.go_to_node",
    "egov.web.files.serve_file", "egov.web.files.serve_picture", "egov.web.language.choose_language",
    "egov.web.login.do_code", "egov.web.login.do_reset", "egov.web.login.show_code", "egov.web.looks.choose_look",
    "egov.web.outside.come_back", "egov.web.outside.go", "egov.web.watch.health", "egov.web.watch.metrics",
    "egov.web.watch.ready", "egov.web.wellknown.security_txt",
    # They lead on to a page that is listed, or answer with the one page of all errors.
    "egov.web.preview.decide_by_pass", "egov.web.errors.conflict", "egov.web.errors.damaged",
    "egov.web.errors.database_away",
    "egov.web.errors.disk_full", "egov.web.errors.invalid", "egov.web.errors.too_large", "egov.web.errors.too_many",
    "egov.web.errors.unavailable",
}  # fmt: skip

# For each kind its view and its address.
DEMO = {
    "portal": ("public.views.portal", "/"),
    "subsite": ("public.views.subsite", "/rsj"),
    "summaries": ("public.sections.section", "/ywdt"),
    "list": ("public.sections.section", "/ywdt/bmdt"),
    "pictures": ("public.sections.section", "/tslj"),
    "one page": ("public.sections.section", "/zwgk/gkzn"),
    "sub-sections": ("public.sections.section", "/zwgk"),
    "topic zone": ("public.sections.section", "/ztzl"),
    "topic": ("public.sections.section", "/ztzl/yshj"),
    "archived topic": ("public.sections.section", "/ztzl/rkpc"),
    "leaders": ("public.sections.section", "/zwgk/ldzc"),
    "leader": ("public.views.item", "/zwgk/ldzc/zhou-ming-yuan"),
    "offices": ("public.sections.section", "/zwgk/jgsz"),
    "office": ("public.views.item", "/zwgk/jgsz/shi-zheng-fu-ban-gong-shi"),
    "about": ("public.views.item", "/guan-yu-ben-wang-zhan"),
    "contact": ("public.views.item", "/lian-xi-wo-men"),
    "privacy": ("public.views.item", "/yin-si-sheng-ming"),
    "accessibility": ("public.views.item", "/wu-zhang-ai-sheng-ming"),
    "site map": ("public.views.sitemap", "/@@sitemap"),
    "search": ("public.search.search", "/@@search?q=预算"),
    "narrowed search": ("public.search.search", "/czj/@@search?q=预算&kind=official_document"),
    "search by number": ("public.search.search", "/@@search?q=管理&number=临财发"),
    "no such number": ("public.search.search", "/@@search?q=管理&number=国发"),
    "second page of a search": ("public.search.search", "/@@search?q=预算&page=2"),
    "another spelling": ("public.search.search", "/@@search?q=行正处罚"),
    "nothing found": ("public.search.search", "/@@search?q=xyzxyz"),
    "nothing asked": ("public.search.search", "/@@search"),
    "English site": ("public.views.subsite", "/en"),
    "English item": ("public.views.item", "/en/news/bridge-over-the-qinglan-river-is-joined"),
    "English search": ("public.search.search", "/en/@@search?q=bridge"),
    "traditional": ("public.views.portal", "/zh-hant"),
    "traditional topic": ("public.sections.section", "/zh-hant/ztzl/yshj"),
    "traditional search": ("public.search.search", "/zh-hant/@@search?q=预算"),
}  # fmt: skip

# For each kind a section, and the first link to it there.
IN_DEMO_LISTS = {
    "document": ("/zcwj/szf", ".own a"),
    "article": ("/ywdt", ".own a"),
    "picture": ("/tslj", ".own a"),
    "table": ("/sjfb", ".own a"),
    "leaving": ("/", 'a[href^="/-/leave/"]'),
}
FOUND_VIEWS = {"public.views.item", "public.leaving.leave"}


def pages(visitor):
    """Each kind in the demo city with its address; those of items are found in the lists."""
    for kind, (_view, path) in DEMO.items():
        yield kind, quote(path, safe="/?=&@")
    for kind, (section, selector) in IN_DEMO_LISTS.items():
        yield kind, visitor.get(section).html.select_one(selector)["href"]


def _asks(path):
    return lambda person, _world: person.goes_to(path)


def _sends(path, button, **fields):
    """Fill in a form as people do, without the browser's own checks."""

    def way(person, _world):
        person.goes_to(path)
        page = person.page
        page.evaluate("for (const form of document.forms) form.noValidate = true")
        for name, text in fields.items():
            page.locator(f"main [name={name}]").fill(text)
        page.locator("main").get_by_role("button", name=button, exact=True).click()

    return way


def _subscription(*clicked):
    def way(person, world):
        person.goes_to(f"/@@subscription?t={world.subscribed()}")
        for name in clicked:
            person.clicks(name)

    return way


def _in_maintenance(person, world):
    world.flag.touch()
    person.goes_to("/")
    world.flag.unlink()


def _signed_out(person, _world):
    person.goes_to("/login")
    person.page.get_by_label("用户名").fill("nobody")
    person.page.get_by_label("密码").fill("wrong")
    person.clicks("登录")


def _with_an_old_token(person, _world):
    person.goes_to(SUBSCRIBE)
    person.page.evaluate("document.querySelector('[name=csrf_token]').value = 'old'")
    person.page.get_by_label("电子邮箱").fill("li@example.com")
    person.clicks("订阅")


def _previewed(path):
    return lambda person, world: person.goes_to(f"/-/preview/{world.token}{path}")


# For each kind its views, the status of its answer, and the way to it.
WAYS = {
    "missing": ({"web.errors.missing"}, 404, _asks("/no/such/page")),
    "closed": ({"web.errors.missing"}, 404, _asks("/finance/closed")),
    "gone": ({"web.errors.missing"}, 410, _asks(f"{NEWS}/xia-xian")),
    "broken": ({"web.errors.broken"}, 500, _asks("/finance/broken")),
    "refused": ({"web.errors.bad_request"}, 400, _with_an_old_token),
    "maintenance": (set(), 503, _in_maintenance),
    "withdrawn": ({"public.views.item"}, 200, _asks(f"{NEWS}/che-hui")),
    "changed": ({"public.views.item"}, 200, _asks(NOTICE)),
    "empty section": ({"public.sections.section"}, 200, _asks("/finance/notices")),
    "long list": ({"public.sections.section"}, 200, _asks(f"{NEWS}?page=2")),
    "correction": ({"features.corrections.views.show_form"}, 200, _asks(f"/@@correct?at={NOTICE}")),
    "wrong correction": (
        {"features.corrections.views.send_form"}, 200, _sends(f"/@@correct?at={NOTICE}", "提交"),
    ),
    "correction thanks": (
        {"features.corrections.views.send_form"}, 200,
        _sends(f"/@@correct?at={NOTICE}", "提交", text="日期有误", contact="13900000000"),
    ),
    "useful": ({"features.readership.voting.thanks"}, 200, _asks(f"/@@useful?at={NOTICE}")),
    "useful, said yes": ({"features.readership.voting.answer"}, 200, _sends(NOTICE, "有用")),
    "useful, said no": ({"features.readership.voting.thanks"}, 200, _sends(NOTICE, "没用")),
    "subscribe": ({"features.subscriptions.views.show_form"}, 200, _asks(SUBSCRIBE)),
    "subscribe to a question": (
        {"features.subscriptions.views.show_form"}, 200, _asks(f"/@@subscribe?q={quote('预算')}"),
    ),
    "wrong subscription": (
        {"features.subscriptions.views.send_form"}, 200, _sends(SUBSCRIBE, "订阅", email="nobody"),
    ),
    "subscription asked for": (
        {"features.subscriptions.views.send_form"}, 200, _sends(SUBSCRIBE, "订阅", email="wang@example.com"),
    ),
    "subscription to confirm": ({"features.subscriptions.views.show_subscription"}, 200, _subscription()),
    "subscription confirmed": (
        {"features.subscriptions.views.do_subscription"}, 200, _subscription("确认订阅"),
    ),
    "subscription ended": (
        {"features.subscriptions.views.do_subscription"}, 200, _subscription("确认订阅", "退订"),
    ),
    "no subscription": (
        {"features.subscriptions.views.show_subscription"}, 200, _asks("/@@subscription?t=none"),
    ),
    "sign in": ({"web.login.show_login"}, 200, _asks("/login")),
    "not signed in": ({"web.login.do_login"}, 200, _signed_out),
    "new password": ({"web.login.show_reset"}, None, _asks("/login/reset/unknown")),
    "preview": (set(), 200, _previewed(f"{NEWS}/xin-gao")),
    "preview of a list": (set(), 200, _previewed(NEWS)),
    "preview of the home page": (set(), 200, _previewed("/")),
}  # fmt: skip


def views():
    """The views of the kinds."""
    named = {view for view, _path in DEMO.values()} | FOUND_VIEWS
    named.update(*(made_by for made_by, _status, _way in WAYS.values()))
    return {f"egov.{view}" for view in named}
