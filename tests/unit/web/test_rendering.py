"""Templates as the answers of views: what a view said of its answer stays, and a fault tells where it lies."""

import pytest
from pyramid.config import Configurator
from pyramid.response import Response
from webtest import TestApp

from egov.web.rendering import Template, translator_for
from egov.web.request import EgovRequest


def _plain(_request):
    return {"said": "一<二"}


def _refused(request):
    request.response.status_int = 422
    request.response.headers["X-Said"] = "no"
    return {"said": "不行"}


def _another(request):
    request.override_renderer = request.registry.other
    return {"said": "另一"}


def _found(_request):
    return Response("found", status=404)


VIEWS = {"plain": _plain, "refused": _refused, "another": _another, "found": _found}


@pytest.fixture
def app(tmp_path):
    (tmp_path / "one.pt").write_text("<p>${said} ${lang} ${translate('x')}</p>", "utf-8")
    (tmp_path / "other.pt").write_text("<b>${said}</b>", "utf-8")
    config = Configurator(request_factory=EgovRequest)
    config.include("egov.web.rendering")
    for name, view in VIEWS.items():
        config.add_route(name, name)
        config.add_view(view, route_name=name, renderer=str(tmp_path / "one.pt"))
    config.registry.other = str(tmp_path / "other.pt")
    return TestApp(config.make_wsgi_app())


def test_a_view_is_answered_by_its_template(app):
    answer = app.get("/plain")

    assert (answer.status_int, answer.content_type, answer.charset) == (200, "text/html", "UTF-8")
    assert answer.text == "<p>一&lt;二 zh-Hans x</p>"
    assert answer.content_length == len(answer.body)


def test_what_a_view_says_of_its_answer_stays(app):
    answer = app.get("/refused", status=422)

    assert answer.headers["X-Said"] == "no"
    assert answer.text == "<p>不行 zh-Hans x</p>"
    assert app.get("/found", status=404).text == "found"


def test_a_view_may_choose_another_template(app):
    assert app.get("/another").text == "<b>另一</b>"
    assert app.get("/plain").text.startswith("<p>")


def test_an_error_tells_where_in_the_templates_it_occurred(tmp_path):
    inner, outer = tmp_path / "inner.pt", tmp_path / "outer.pt"
    inner.write_text('<p metal:define-macro="part">${1 / nothing}</p>', "utf-8")
    outer.write_text('<i metal:use-macro="load: inner.pt"/>', "utf-8")

    with pytest.raises(ZeroDivisionError) as caught:
        Template(str(outer)).render(nothing=0, translate=translator_for("zh_Hans"))

    assert any("1 / nothing" in note and str(inner) in note for note in caught.value.__notes__)
