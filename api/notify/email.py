"""Alerts to people by e-mail, over SMTP with TLS."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from api.notify.errors import ChannelConfigError, ChannelError
from api.notify.message import subject_of, text_of
from trace_node.clock import Clock
from trace_node.quota.board.alert import Alert

TIMEOUT_S = 10
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes mail.

    Attributes:
        host: Its name; also what its certificate must name.
        port: Its port.
        security: ``starttls``, ``tls`` from the first byte, or ``none`` for one on this machine.
        authority: File of the certificates that are trusted; None for those of the system.
        user: Name to log in with; empty to log in with none.
        password: Its password.
        sender: Address that mail comes from.
    """

    host: str
    port: int
    security: Security
    authority: Path | None
    user: str
    password: str
    sender: str


class Email:
    """Sends alerts to one address.

    Args:
        recipient: The address.
        server: Where mail is handed in.
        language: Language of the mail.
        clock: Date of the mail.
    """

    name = "email"

    def __init__(self, recipient: str, *, server: MailServer, language: str, clock: Clock) -> None:
        self._recipient = recipient
        self._server = server
        self._language = language
        self._clock = clock

    @property
    def target(self) -> str:
        """The address."""
        return self._recipient

    def send(self, alert: Alert, *, attempt: int) -> None:
        """Hand it to the server.

        Raises:
            ChannelError: The server did not take it.
            ChannelConfigError: A certificate file cannot be read.
        """
        message = self._message(alert, attempt)
        try:
            with self._connected() as client:
                if self._server.user:
                    client.login(self._server.user, self._server.password)
                client.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelError(
                "{target}: {detail}",
                field="board_mail_to",
                target=self._recipient,
                detail=_said(error),
                remedy="see to it that the mail server is right and takes mail for the address",
            ) from error

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=self._context()
            )
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        if server.security == "starttls":
            try:
                client.starttls(context=self._context())  # never goes on in the clear
            except BaseException:
                client.close()
                raise
        return client

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._server.authority)
        except OSError as error:
            raise ChannelConfigError(
                "{path}: no file of certificates: {detail}",
                field="board_mail_ca",
                path=str(self._server.authority),
                detail=error.strerror or type(error).__name__,
                remedy="name a PEM file that this user may read",
            ) from error

    def _message(self, alert: Alert, attempt: int) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = subject_of(alert, self._language)
        message["From"] = self._server.sender
        message["To"] = self._recipient
        message["Date"] = format_datetime(self._clock.now())
        domain = self._server.sender.rpartition("@")[2]
        message["Message-ID"] = f"<board-alert-{alert.number}-{attempt}@{domain}>"
        message.set_content(text_of(alert, self._language))
        return message


def _said(error: Exception) -> str:
    """What the server or the system said, on one line; never the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return f"{error.smtp_code} {' '.join(text.split())}"[:200]
    return " ".join(str(error).split())[:200] or type(error).__name__
