"""Letters over a real SMTP server: one for what happened together, none twice, none lost, one digest a morning."""

import email
import email.policy
import gc
import socket
from datetime import UTC, datetime, timedelta

import pytest
import transaction
from aiosmtpd.controller import Controller

from egov.base import clock
from egov.base.settings import Settings
from egov.operations.jobs import run_jobs
from egov.operations.notices import set_muted
from egov.operations.workflow import advance
from egov.web.mail import sender_for
from tests.support.world import actor, article

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 08:00 at the office


class Postbox:
    """Keeps what arrives; refuses everything while closed."""

    def __init__(self):
        self.letters = []
        self.is_open = True

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        if not self.is_open:
            return "451 try again later"
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append((envelope.rcpt_tos, letter["Subject"], letter.get_content()))
        return "250 OK"


@pytest.fixture
def postbox():
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=box.port)
    server.start()
    yield box
    server.stop()


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


@pytest.mark.filterwarnings(
    # repoze.sendmail leaves the connection of a refused letter to be collected.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_what_could_not_be_sent_is_sent_later_and_once(site, postbox, work):
    with clock.frozen(MONDAY):
        item = article(site)
        advance(item, "submit", by=actor(site, "author"))
        advance(item, "return", by=actor(site, "reviewer"), comment="请补来源")
        transaction.commit()
    postbox.is_open = False
    assert work(MONDAY + timedelta(minutes=3)) == 0
    gc.collect()
    postbox.is_open = True
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


def test_without_a_server_there_is_no_way_out():
    assert sender_for(Settings()) is None
