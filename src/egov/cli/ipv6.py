"""Whether a site can be reached over IPv6, as far as the machine that asks can know it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
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
    """Look the host of an address up, and open a connection to each of its IPv6 addresses."""
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
        try:
            connect((address, port), _SECONDS).close()
        except OSError as error:
            if error.errno in _OWN_LACK:
                return Reached(
                    note=f"没有检查 IPv6：本机没有 IPv6 网络，不知道 {address} 能否打开。"
                )
            return Reached(f"用 IPv6 地址 {address} 打不开（{error.strerror or '没有应答'}）")
    return Reached()


def _is_inside(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False
