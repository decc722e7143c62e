"""A real SMTP server that keeps what arrives, and refuses what it is told to."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller


class Postbox:
    """What has arrived; `refuses` answers everybody, `refused` the recipients named in it."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], str, str]] = []
        self.messages: list[email.message.EmailMessage] = []
        self.raw: list[bytes] = []  # as they came over the wire
        self.refuses = ""
        self.refused: dict[str, str] = {}
        self.tried = 0
        self.port = 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        self.tried += 1
        if answer := self.refused.get(address, ""):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        if self.refuses:
            return self.refuses
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(letter)
        self.raw.append(envelope.original_content)
        self.letters.append((envelope.rcpt_tos, letter["Subject"], letter.get_content()))
        return "250 OK"


@contextmanager
def open_postbox(box: Postbox | None = None) -> Iterator[Postbox]:
    """A postbox that takes letters on a free loopback port, or again on the one it had."""
    box = box or Postbox()
    if not box.port:
        with socket.create_server(("127.0.0.1", 0)) as free:
            box.port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=box.port)
    server.start()
    yield box
    server.stop()
