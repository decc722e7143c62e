"""Wagtail's share of the work: what `wagtail start` makes, with one page type of title and text added, on SQLite."""

import itertools
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from work import WORD, run

SETTINGS = """from .base import *
DEBUG = False
SECRET_KEY = "peers"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [*INSTALLED_APPS, "words"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
"""
MODELS = """from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index


class WordsPage(Page):
    body = RichTextField(blank=True)
    content_panels = Page.content_panels + [FieldPanel("body")]
    search_fields = Page.search_fields + [index.SearchField("body")]

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["menu"] = self.get_site().root_page.get_children().live().in_menu()
        context["newest"] = self.get_children().live().order_by("-first_published_at")[:20]
        return context
"""
TEMPLATE = """{% extends "base.html" %}{% load wagtailcore_tags %}
{% block content %}
<nav>{% for entry in menu %}<a href="{% pageurl entry %}">{{ entry.title }}</a>{% endfor %}</nav>
<h1>{{ page.title }}</h1><p>{{ page.first_published_at }}</p>
<div>{{ page.body|richtext }}</div>
<ul>{% for entry in newest %}<li><a href="{% pageurl entry %}">{{ entry.title }}</a></li>{% endfor %}</ul>
{% endblock %}
"""


class Wagtail:
    def __init__(self, folder):
        tool = Path(sys.executable).with_name("wagtail")
        folder = folder / "project"
        folder.mkdir()
        subprocess.run([tool, "start", "site_", folder], check=True, capture_output=True)
        (folder / "site_/settings/peers.py").write_text(SETTINGS)
        for name, text in (("__init__.py", ""), ("models.py", MODELS), ("migrations/__init__.py", ""),
                           ("templates/words/words_page.html", TEMPLATE)):  # fmt: skip
            path = folder / "words" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings.peers"
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        import django
        from django.core.management import call_command
        from django.core.wsgi import get_wsgi_application

        django.setup()
        call_command("makemigrations", "words", verbosity=0)
        call_command("migrate", verbosity=0)
        self._app = get_wsgi_application()
        from django.contrib.auth.models import Group
        from wagtail.models import Site
        from words.models import WordsPage

        self._kind = WordsPage
        home = Site.objects.get(is_default_site=True).root_page
        self._folder = home.add_child(
            instance=WordsPage(title="公告", slug="news", show_in_menus=True)
        )
        self._group = Group.objects.create(name="readers")
        self._names = (f"news{number}" for number in itertools.count())

    def create(self, title, paragraphs):
        from django.db import transaction

        with transaction.atomic():
            page = self._kind(
                title=title, body="".join(f"<p>{p}</p>" for p in paragraphs), live=False
            )
            self._folder.add_child(instance=page)
            page.save_revision().publish()
        self._last = page.slug

    def catch_up(self):
        """Nothing: the index is written in the same transaction."""

    def size(self):
        from django.conf import settings

        return Path(settings.DATABASES["default"]["NAME"]).stat().st_size

    def wsgi(self):
        return self._app

    def paths(self):
        return f"/news/{self._last}/", "/news/", f"/search/?query={quote(WORD)}"

    def grant(self):
        from django.contrib.auth.models import Permission
        from wagtail.models import GroupPagePermission

        permission = Permission.objects.get(codename="change_page")
        GroupPagePermission.objects.filter(group=self._group).delete()
        GroupPagePermission.objects.create(
            group=self._group, page=self._folder, permission=permission
        )

    def rename(self):
        self._folder.refresh_from_db()
        self._folder.slug = next(self._names)
        self._folder.save()


run(Wagtail)
