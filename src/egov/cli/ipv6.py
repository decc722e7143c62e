"""Whether a site can be reached over IPv6, as far as the machine that asks can know it."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_SECONDS = 10
# What this machine lacks, whatever the other one has.
_OWN_LACK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class Reached(NamedTuple):
    """What is wrong, or else why it cannot be known; neither where all is well."""

    fault: str = ""
    note: str = ""


def reached_by_ipv6(
    url: str,
    resolve: Callable[..., Any] = socket.getaddrinfo,
    connect: Callable[..., Any] = socket.create_connection,
) -> Reached:
    """Look the host of an address up, and ask each of its IPv6 addresses for the page."""
    told = urlsplit(url)
    host, port = told.hostname or "", told.port or (443 if told.scheme == "https" else 80)
    if _is_inside(host):
        return Reached(note=f"没有检查 IPv6：{host} 是本机或内部地址，请用网站的域名再检查一次。")
    try:
        found = resolve(host, port, socket.AF_INET6, socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            return Reached(note=f"没有检查 IPv6：现在查不到 {host} 的地址（{error.strerror}）。")
        return Reached(f"域名 {host} 没有 IPv6 地址（AAAA 记录）")
    for address in dict.fromkeys(one[4][0] for one in found):
        reached = _reached(address, port, url, connect)
        if reached.fault or reached.note:
            return reached
    return Reached()


def _reached(address: str, port: int, url: str, connect: Callable[..., Any]) -> Reached:
    try:
        with closing(connect((address, port), _SECONDS)) as line:
            status = _asked(line, port, url)
    except HTTPException:
        return Reached(f"用 IPv6 地址 {address} 连得上，但应答的不是网页")
    except OSError as error:
        if error.errno in _OWN_LACK:
            return Reached(note=f"没有检查 IPv6：本机没有 IPv6 网络，不知道 {address} 能否打开。")
        return Reached(f"用 IPv6 地址 {address} 打不开（{error.strerror or '没有应答'}）")
    if status >= HTTPStatus.BAD_REQUEST:
        return Reached(f"用 IPv6 地址 {address} 打不开网页（HTTP {status}）")
    return Reached()


def _asked(line: socket.socket, port: int, url: str) -> int:
    """The status with which the page is answered on a connection that is open."""
    told = urlsplit(url)
    is_secure, host = told.scheme == "https", told.hostname or ""
    kind = HTTPSConnection if is_secure else HTTPConnection
    with closing(kind(host, port, timeout=_SECONDS)) as http:
        context = ssl.create_default_context()
        http.sock = context.wrap_socket(line, server_hostname=host) if is_secure else line
        http.request("GET", told.path or "/")
        return http.getresponse().status


def _is_inside(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False
