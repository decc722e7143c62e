"""Plone's share of the work: a new site with the classic theme, as Zope's own `mkwsgiinstance` sets it up."""

import itertools
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from work import WORD, run

SITE_ZCML = """<configure xmlns="http://namespaces.zope.org/zope" xmlns:meta="http://namespaces.zope.org/meta"
    xmlns:five="http://namespaces.zope.org/five">
  <include package="Products.Five" />
  <meta:redefinePermission from="zope2.Public" to="zope.Public" />
  <five:loadProducts file="meta.zcml"/>
  <five:loadProducts />
  <five:loadProductsOverrides />
  <securityPolicy component="AccessControl.security.SecurityPolicy" />
</configure>
"""
ZOPE_CONF = """instancehome {folder}
<zodb_db main>
  cache-size 30000
  mount-point /
  <blobstorage>
    blob-dir {folder}/var/blobs
    <filestorage>
      path {folder}/var/Data.fs
    </filestorage>
  </blobstorage>
</zodb_db>
"""


class Plone:
    def __init__(self, folder):
        folder = folder / "instance"
        tool = Path(sys.executable).with_name("mkwsgiinstance")
        subprocess.run([tool, "-d", folder, "-u", "admin:admin"], check=True, capture_output=True)
        (folder / "etc/site.zcml").write_text(SITE_ZCML)
        (folder / "etc/zope.conf").write_text(ZOPE_CONF.format(folder=folder))
        from Zope2.Startup.run import make_wsgi_app

        self._app = make_wsgi_app({}, str(folder / "etc/zope.conf"))
        import transaction
        import Zope2
        from AccessControl.SecurityManagement import newSecurityManager
        from plone import api
        from Products.CMFPlone.factory import addPloneSite
        from Testing.makerequest import makerequest
        from zope.component.hooks import setSite
        from zope.globalrequest import setRequest

        self._api, self._commit = api, transaction.commit
        self._sign_in = lambda: (newSecurityManager(None, self._admin), setSite(self._portal))
        root = makerequest(Zope2.app())
        self._admin = root.acl_users.getUserById("admin").__of__(root.acl_users)
        newSecurityManager(None, self._admin)
        setRequest(root.REQUEST)
        self._portal = addPloneSite(
            root,
            "Plone",
            title="临江市",
            default_language="zh-cn",
            distribution_name="classic",
            setup_content=False,
        )
        setSite(self._portal)
        self._portal.portal_registration.addMember("reader", "Right-Horse-7x", ["Member"])
        self._folder = api.content.create(self._portal, "Folder", "news", "公告")
        api.content.transition(self._folder, "publish")
        self._names = (f"news{number}" for number in itertools.count())
        self._commit()

    def create(self, title, paragraphs):
        from plone.app.textfield.value import RichTextValue

        body = "".join(f"<p>{p}</p>" for p in paragraphs)
        text = RichTextValue(body, "text/html", "text/x-html-safe")
        item = self._api.content.create(self._folder, "Document", title=title, text=text)
        self._api.content.transition(item, "publish")
        self._commit()
        self._last = item.getId()

    def catch_up(self):
        """Nothing: the catalog is written in the same transaction."""

    def size(self):
        return self._portal._p_jar.db().getSize()

    def wsgi(self):
        return self._app

    def paths(self):
        return (
            f"/Plone/news/{self._last}",
            "/Plone/news",
            f"/Plone/@@search?SearchableText={quote(WORD)}",
        )

    def grant(self):
        self._sign_in()  # a request in this thread signs out
        self._folder.manage_setLocalRoles("reader", ["Reader"])
        self._folder.reindexObjectSecurity()
        self._commit()

    def rename(self):
        self._sign_in()
        self._folder = self._api.content.rename(self._folder, next(self._names))
        self._commit()


run(Plone)
