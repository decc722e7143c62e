"""The request's own short ways answer as WebOb's long ones do."""

from hypothesis import example, given
from hypothesis import strategies as st
from pyramid.request import Request

from egov.web.request import EgovRequest


def _told(cls, raw):
    request = cls.blank("/")
    request.environ["PATH_INFO"] = raw.decode("latin-1")
    try:
        return request.path_info
    except UnicodeDecodeError:
        return None


@given(st.binary(max_size=20) | st.text(max_size=20).map(str.encode))
@example("/finance/公告".encode())
@example(b"/\xff")
@example(b"")
def test_an_address_is_read_as_webob_reads_it(raw):
    assert _told(EgovRequest, raw) == _told(Request, raw)


@given(st.text(max_size=20))
def test_an_address_is_written_as_webob_writes_it(path):
    ours, usual = EgovRequest.blank("/"), Request.blank("/")
    ours.path_info = usual.path_info = path

    assert ours.environ["PATH_INFO"] == usual.environ["PATH_INFO"]
    assert ours.path_info == path
