"""What no browser sends, addresses that are no text and forms that are none, gets a clear answer: no error of ours."""

import io
from wsgiref.util import setup_testing_defaults

import pytest
import transaction

from egov.operations.content import create
from egov.security.principals import SYSTEM_ACTOR
from egov.web.ill_formed import is_text


def ask(app, path, question="", *, body=b"", kind=""):
    """Ask as a server hands it on, byte for byte."""
    said, environ = [], {
        "REQUEST_METHOD": "POST" if kind else "GET", "PATH_INFO": path, "QUERY_STRING": question,
        "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": kind,
        "REMOTE_ADDR": "127.0.0.1",
    }  # fmt: skip
    setup_testing_defaults(environ)
    page = b"".join(app(environ, lambda status, headers, *_error: said.append((status, headers))))
    return said[0][0], dict(said[0][1]), page.decode()


@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("/@@search", "q=%ff%fe"), ("/@@search", "q=\xff"), ("/\xff", ""), ("/finance/\xc0\xaf", ""),
        ("/finance", "page=%ff"), ("/login", "next=%ff"), ("/manage", "x=%ff"), ("/manage/\xff", ""),
        ("/-/file/1/\xff/x", ""), ("/static/\xff", ""), ("/-/preview/\xff/x", ""), ("/", "%ff=1"),
        ("/finance", "q=%ed%a0%80"),
    ],
)  # fmt: skip
def test_an_address_that_is_no_text(wsgi, path, question):
    status, headers, page = ask(wsgi, path, question)

    assert status == "400 Bad Request"
    assert "网址中有无法识别的字符" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("digits", [18, 19, 30, 5000])
@pytest.mark.parametrize("path", ["/-/node/{}", "/-/file/{}/x/y", "/-/file/{}/x/w320/y.webp", "/-/preview/i{}/",
                                  "/-/preview/i1/-/file/{}/x/y", "/-/leave/{}/0123456789abcdef"])  # fmt: skip
def test_a_number_of_any_length_names_nothing(app, path, digits):
    app.get(path.format("9" * digits), status=404)


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "path", ["/", "/finance", "/-/file/1/x/y", "/static/public/public.css", "/manage"]
)
def test_no_method_is_known_but_those_of_links_and_forms(app, method, path):
    answer = app.request(path, method=method, status=405)

    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("path", "question", "said"), [
    ("/zh-hant/finance/\xff", "", "網址中有無法識別的字符"), ("/zh-hant/\xff", "", "網址中有無法識別的字符"),
    ("/zh-hant", "q=%ff", "網址中有無法識別的字符"), ("/en/\xff", "", "cannot be read"),
    ("/en/@@search", "q=%ff", "cannot be read"),
])  # fmt: skip
def test_what_is_wrong_is_said_in_the_language_of_the_site(site, wsgi, path, question, said):
    create(site, "subsite", {"title": "City", "language": "en"}, by=SYSTEM_ACTOR, name="en")
    transaction.commit()
    status, _headers, page = ask(wsgi, path, question)

    assert status == "400 Bad Request"
    assert said in page


def test_every_text_is_let_through(wsgi):
    assert ask(wsgi, "/finance", "q=%E5%B8%82%25&%E5=")[0].startswith("400")
    assert ask(wsgi, "/finance", "q=%E5%B8%82%25&x=%zz&%")[0] == "200 OK"
    assert is_text(
        {
            "PATH_INFO": "/市".encode().decode("latin-1"),
            "QUERY_STRING": "q=市".encode().decode("latin-1"),
        }
    )


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; x=boundary"],
)
def test_a_form_that_cannot_be_taken_apart(wsgi, kind):
    status, _headers, page = ask(wsgi, "/login", body=b"--x\r\n", kind=kind)

    assert status == "400 Bad Request"
    assert "发送的表单不完整" in page
