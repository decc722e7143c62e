"""egov's share of the work: as `egov init` makes it, without the page cache in front."""

import itertools
from urllib.parse import quote

import transaction

from egov.app import configure
from egov.operations.accounts import add_user
from egov.operations.content import create
from egov.operations.rights import grant
from egov.operations.setup import make_site
from egov.operations.tree import rename
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.bench.peers.work import WORD, ask, run


class Egov:
    def __init__(self, folder):
        settings = {
            "zodbconn.uri": f"file://{folder}/Data.fs?blobstorage_dir={folder}/blobs&connection_cache_size=20000",
            "egov.search_dir": str(folder / "search"),
        }
        config = configure(settings, create=True)
        self._app = config.make_wsgi_app()
        self._database = config.registry._zodb_databases[""]
        self._connection = self._database.open()
        self._site = make_site(self._connection.root(), {"title": "临江市人民政府"})
        add_user(self._site, "reader", "读者", "Right-Horse-7", by=SYSTEM_ACTOR)
        self._section = create(
            self._site, "section", {"title": "公告"}, by=SYSTEM_ACTOR, name="news"
        )
        self._names = (f"news{number}" for number in itertools.count())
        transaction.commit()

    def create(self, title, paragraphs):
        values = {
            "title": title,
            "body": "".join(f"<p>{p}</p>" for p in paragraphs),
            "source": "甲",
        }
        item = create(self._section, "article", values, by=SYSTEM_ACTOR)
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
        transaction.commit()
        self._last = f"/news/{item.__name__}"

    def catch_up(self):
        """Bring the search index up, as the first search after a change does."""
        ask(self._app, self.paths()[2])

    def size(self):
        return self._database.storage.getSize()

    def wsgi(self):
        return self._app

    def paths(self):
        return self._last, "/news", f"/@@search?q={quote(WORD)}"

    def grant(self):
        grant(self._section, "user:reader", "reader", by=SYSTEM_ACTOR)
        transaction.commit()

    def rename(self):
        rename(self._section, next(self._names), by=SYSTEM_ACTOR)
        transaction.commit()


run(Egov)
