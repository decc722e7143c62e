"""The way out for letters: SMTP by pyramid_mailer, as the settings say."""

from __future__ import annotations

from pyramid_mailer.exceptions import InvalidMessage
from pyramid_mailer.mailer import Mailer
from pyramid_mailer.message import Attachment, Message

from egov.base.settings import Settings
from egov.operations.mailing import Letter, Send


def sender_for(settings: Settings) -> Send | None:
    """What sends a letter at once, raising OSError if it cannot; None where no `mail_host` is set."""
    if not settings.mail_host:
        return None
    mailer = Mailer(
        host=settings.mail_host,
        port=settings.mail_port,
        username=settings.mail_username or None,
        password=settings.mail_password or None,
        tls=settings.mail_tls,
        default_sender=settings.mail_sender,
    )

    def send(letter: Letter) -> None:
        # Left to itself, the library writes a Chinese text as one line, longer than SMTP takes.
        body = Attachment(data=letter.text, transfer_encoding="base64", content_type="text/plain; charset=utf-8",
                          disposition="inline")  # fmt: skip
        message = Message(subject=letter.subject, recipients=[letter.to], body=body,
                          extra_headers=dict(letter.headers))  # fmt: skip
        try:
            mailer.send_immediately(message)
        except InvalidMessage as error:
            raise OSError(f"not a letter that can be sent: {error}") from error

    return send
