"""A witness behind TLS: its certificate must be one that the operator trusts."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from api.witness_client import HttpWitness
from trace_node.clock import SystemClock
from trace_node.errors import UnavailableError
from trace_node.ports.witness import WitnessAnswer


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"fine")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, and its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "witness.test")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "witness.pem"
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


@contextmanager
def serving_tls(certificate: Path) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_only_a_trusted_certificate_is_believed(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_tls(certificate) as url:
        stranger = HttpWitness(url, timeout=5)
        with pytest.raises(UnavailableError) as caught:
            stranger.add_checkpoint(b"x", time=1)
        assert "certificate" in caught.value.message.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusted = HttpWitness(url, timeout=5)
        assert trusted.add_checkpoint(b"x", time=1) == WitnessAnswer(status=200, body="fine")
        elsewhere = HttpWitness(url.replace("127.0.0.1", "localhost"), timeout=5)
        with pytest.raises(UnavailableError):
            elsewhere.add_checkpoint(b"x", time=1)
