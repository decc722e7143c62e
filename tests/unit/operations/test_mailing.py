"""Letters over a real SMTP server: one for what happened together, none twice, none lost, one digest a morning."""

from datetime import UTC, datetime, timedelta

import pytest
import transaction

from egov.base import clock
from egov.base.settings import Settings
from egov.operations.jobs import run_jobs
from egov.operations.mailing import Letter
from egov.operations.notices import set_muted
from egov.operations.workflow import advance
from egov.web.mail import sender_for
from tests.support.world import actor, article

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 08:00 at the office


@pytest.fixture
def work(database, site, postbox):
    """Run the jobs at a moment, with the postbox as the way out."""
    for user in ("author", "reviewer"):
        site.directory.user(user).email = f"{user}@example.cn"
    transaction.commit()
    settings = Settings(
        mail_host="127.0.0.1",
        mail_port=postbox.port,
        mail_sender="egov@example.cn",
        base_url="https://www.example.cn",
    )
    send = sender_for(settings)

    def run(at):
        with clock.frozen(at):
            run_jobs(database, settings, send)
        transaction.begin()
        return len(postbox.letters)

    return run


def test_what_happened_together_is_told_in_one_letter_once(site, postbox, work):
    with clock.frozen(MONDAY):
        for title in ("第一篇", "第二篇"):
            item = article(site, title=title)
            advance(item, "submit", by=actor(site, "author"))
            advance(item, "return", by=actor(site, "reviewer"), comment="请补来源")
        transaction.commit()
    assert work(MONDAY + timedelta(seconds=30)) == 0
    assert work(MONDAY + timedelta(minutes=3)) == 1
    assert work(MONDAY + timedelta(minutes=4)) == 1
    (to, subject, text) = postbox.letters[0]
    assert to == ["author@example.cn"]
    assert "稿件被退回：第一篇，等 2 项" in subject
    assert "请补来源" in text
    assert "https://www.example.cn/manage/finance/news/di-er-pian" in text
    assert text.startswith("测试author：您好！")


def test_what_could_not_be_sent_is_sent_later_and_once(site, postbox, work):
    with clock.frozen(MONDAY):
        item = article(site)
        advance(item, "submit", by=actor(site, "author"))
        advance(item, "return", by=actor(site, "reviewer"), comment="请补来源")
        transaction.commit()
    postbox.refuses = "451 try again later"
    assert work(MONDAY + timedelta(minutes=3)) == 0
    postbox.refuses = ""
    assert work(MONDAY + timedelta(minutes=4)) == 1
    assert work(MONDAY + timedelta(minutes=5)) == 1


def test_the_digest_comes_once_on_a_working_morning_to_who_has_something_to_do(site, postbox, work):
    with clock.frozen(MONDAY - timedelta(days=3)):
        for title in ("甲", "乙"):
            advance(article(site, title=title), "submit", by=actor(site, "author"))
        transaction.commit()
    assert work(MONDAY - timedelta(days=1, hours=-3)) == 0  # Sunday
    assert work(MONDAY) == 0  # too early
    assert work(MONDAY + timedelta(minutes=40)) == 1
    assert work(MONDAY + timedelta(hours=5)) == 1
    (to, subject, text) = postbox.letters[0]
    assert (to, "今天等您办理的事项" in subject) == (["reviewer@example.cn"], True)
    assert "待您审核：2 项" in text


def test_who_muted_letters_gets_none(site, postbox, work):
    set_muted(site, ["mail:return", "mail:digest"], by=actor(site, "author"))
    with clock.frozen(MONDAY):
        item = article(site)
        advance(item, "submit", by=actor(site, "author"))
        advance(item, "return", by=actor(site, "reviewer"), comment="请补来源")
        transaction.commit()
    assert work(MONDAY + timedelta(hours=2)) == 0
    assert site.notices.unread("author") == 1


def test_no_line_of_a_letter_is_longer_than_smtp_takes(postbox):
    """A server may refuse lines of more than 998 bytes, and those that end in a line feed alone (RFC 5321)."""
    settings = Settings(mail_host="127.0.0.1", mail_port=postbox.port, mail_sender="e@example.cn")
    text = "为方便群众办事，现将有关安排公告如下。" * 200
    sender_for(settings)(Letter("li@example.cn", "很长的主题" * 30, text))
    ((_to, subject, body),) = postbox.letters
    assert (subject, body.strip()) == ("很长的主题" * 30, text)
    assert b"\n" not in postbox.raw[0].replace(b"\r\n", b"")
    assert max(map(len, postbox.raw[0].split(b"\r\n"))) < 100
    assert {"Date", "Message-ID"} <= set(postbox.messages[0].keys())


@pytest.mark.parametrize("to", ["李@example.cn", "li@example.cn\nBcc: x@example.cn"])
def test_what_is_no_address_gets_no_letter(postbox, to):
    settings = Settings(mail_host="127.0.0.1", mail_port=postbox.port, mail_sender="e@example.cn")
    with pytest.raises(OSError, match="not a letter"):
        sender_for(settings)(Letter(to, "主题", "正文"))
    assert postbox.tried == 0


def test_without_a_server_there_is_no_way_out():
    assert sender_for(Settings()) is None
