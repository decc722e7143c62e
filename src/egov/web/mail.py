"""The way out for letters: SMTP, as the settings say."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from smtplib import SMTP, SMTPDataError, SMTPRecipientsRefused

from egov.base import clock
from egov.base.settings import Settings
from egov.operations.mailing import Away, Later, Letter, Send

_SECONDS = 10  # for a server to answer
_CLOSING, _FOR_GOOD = 421, 500  # reply codes (RFC 5321)


def sender_for(settings: Settings) -> Send | None:
    """What sends a letter at once; raises OSError if it cannot, `Away` or `Later` for now. None without `mail_host`."""
    if not settings.mail_host:
        return None

    def send(letter: Letter) -> None:
        try:
            message = _message(letter, settings)
        except ValueError as error:  # a line break in a head
            raise OSError("not a letter that can be sent") from error
        try:
            with SMTP(settings.mail_host, settings.mail_port, timeout=_SECONDS) as server:
                _secure(server, settings)
                server.send_message(message)
        except (SMTPRecipientsRefused, SMTPDataError) as error:
            raise _told(error) from error
        except OSError as error:  # of the server, or of what it refuses to everybody
            raise Away(error.strerror or type(error).__name__) from error

    return send


def _message(letter: Letter, settings: Settings) -> EmailMessage:
    if not settings.mail_sender or not letter.to.isascii():
        raise ValueError("an address")
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_sender, letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.local(clock.now()))
    message["Message-ID"] = make_msgid(domain=settings.mail_sender.rpartition("@")[2] or None)
    for name, value in letter.headers:
        message[name] = value
    # A Chinese paragraph is one line, longer than SMTP takes.
    message.set_content(letter.text, cte="base64")
    return message


def _secure(server: SMTP, settings: Settings) -> None:
    """Encrypt where the server can, with `mail_tls` only to one that proves its name; then sign in."""
    server.ehlo()
    if settings.mail_tls:
        server.starttls(context=ssl.create_default_context())
    elif server.has_extn("starttls"):
        server.starttls()
    if settings.mail_username:
        server.login(settings.mail_username, settings.mail_password)


def _told(error: SMTPRecipientsRefused | SMTPDataError) -> OSError:
    """What a refusal means for the next try: of everything, of this letter for now, or of this letter for good."""
    if isinstance(error, SMTPRecipientsRefused):
        codes = {code for code, _text in error.recipients.values()}
    else:
        codes = {error.smtp_code}
    if _CLOSING in codes:
        return Away("closing")
    return Later("for now") if min(codes) < _FOR_GOOD else OSError("refused for good")
