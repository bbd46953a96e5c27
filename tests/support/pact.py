"""A PACT exchange over a store, served by the product's own listener with TLS on loopback."""

import copy
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from support.stores import new_store

from api.metrics import RequestFigures
from api.pact.app import create_pact_app
from api.pact.desk import PactDesk
from api.pact.server import serving_pact
from trace_node.accounting.pact.draft import parse_draft
from trace_node.accounting.pact.footprint import Footprint
from trace_node.ports.pact import Partner
from trace_node.services.pact_access import PactAccess
from trace_node.services.pact_exchange import PactExchange
from trace_node.services.pact_footprints import PactFootprints
from trace_node.services.pact_rate import PactRate
from trace_node.store.sql_store import SqlStore

BEGIN = datetime(2026, 11, 1, 8, tzinfo=UTC)
EVENT = "application/cloudevents+json; charset=UTF-8"
KIND = "org.wbcsd.pact.ProductFootprint."


class MovableClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        return self.at


def document(**changes: Any) -> dict[str, Any]:
    """What an enterprise hands in; changes are ``a__b=value``, None takes the member away."""
    given: dict[str, Any] = {
        "footprint": {
            "companyName": "Demo coal works",
            "companyIds": ["urn:company:demo-works"],
            "productDescription": "Washed coal, bulk",
            "productIds": ["urn:gtin:4712345060507"],
            "productClassifications": ["urn:pact:productclassification:un-cpc:1101"],
            "productNameCompany": "Washed coal 5500",
            "pcf": {
                "declaredUnitOfMeasurement": "kilogram",
                "declaredUnitAmount": "1",
                "productMassPerDeclaredUnit": "1",
                "referencePeriodStart": "2025-01-01T00:00:00Z",
                "referencePeriodEnd": "2026-01-01T00:00:00Z",
                "geographyCountry": "CN",
                "pcfExcludingBiogenicUptake": "0.1203",
                "pcfIncludingBiogenicUptake": "0.1203",
                "fossilGhgEmissions": "0.1203",
                "fossilCarbonContent": "0.58",
                "biogenicCarbonContent": "0",
                "packagingEmissionsIncluded": False,
                "ipccCharacterizationFactors": ["AR6"],
                "crossSectoralStandards": ["ISO14067", "PACT-3.0"],
                "exemptedEmissionsPercent": "0",
                "primaryDataShare": "87.5",
                "dqi": {"technologicalDQR": "1.5", "geographicalDQR": "1", "temporalDQR": "2"},
            },
        },
        "stages": [
            {"stage": "mining", "side": "gate", "kgCO2e": "0.0902"},
            {"stage": "washing", "side": "gate", "kgCO2e": "0.0301"},
            {"stage": "use", "side": "downstream", "kgCO2e": "2.1"},
        ],
        "proof": {
            "origin": "trace-node.local/plant-a/sm3",
            "leafDigest": "sm3:" + "9f" * 32,
            "bundle": "https://node.example/evidence/v1/plant-a/bundles/7?link=abc",
        },
    }
    for path, value in changes.items():
        *way, last = path.split("__")
        place = given
        for step in way:
            place = place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return copy.deepcopy(given)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pact.test")])
    now = datetime.now(UTC)
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
    paths = folder / "pact.pem", folder / "pact.key"
    paths[0].write_bytes(made.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    paths[1].touch(mode=0o600)
    paths[1].write_bytes(private)
    return paths


@dataclass(kw_only=True)
class Host:
    """A host that runs.

    Attributes:
        store: Its database.
        desk: Its verbs.
        url: Where it answers.
        clock: Its clock.
        client: Trusts its certificate.
    """

    store: SqlStore
    desk: PactDesk
    url: str
    clock: MovableClock
    client: httpx.Client

    def publish(self, *, supersedes: str | None = None, **changes: Any) -> Footprint:
        draft = parse_draft(document(**changes))
        return self.desk.footprints.publish(draft, by="anna", supersedes=supersedes)

    def admit(self, name: str, **more: Any) -> str:
        """A partner's secret."""
        return self.desk.access.issue(
            Partner(name=name, secret=bytes(32), created=self.clock.now(), **more)
        )

    def bearer(self, name: str, secret: str) -> dict[str, str]:
        answer = self.client.post(
            f"{self.url}/auth/token",
            data={"grant_type": "client_credentials"},
            auth=(name, secret),
        )
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def get(self, path: str, headers: dict[str, str], **params: Any) -> httpx.Response:
        return self.client.get(self.url + path, headers=headers, params=params)

    def send(self, headers: dict[str, str], kind: str, data: Any, **changes: Any) -> httpx.Response:
        body = {
            "type": KIND + kind,
            "specversion": "1.0",
            "id": "event-1",
            "source": "https://partner.example/3/events",
            "time": "2026-11-01T08:00:00Z",
            "data": data,
        } | changes
        return self.client.post(
            f"{self.url}/3/events", json=body, headers={**headers, "Content-Type": EVENT}
        )


@contextmanager
def serving_host(
    folder: Path,
    *,
    engine: str = "sqlite",
    path: str = "",
    tls: tuple[Path, Path] | None = None,
    proxies: frozenset[str] = frozenset(),
    rate: int = 1_000,
) -> Iterator[Host]:
    """A host on a free port; with its own certificate unless ``proxies`` end TLS."""
    folder.mkdir(exist_ok=True)
    certificate_file, key_file = (None, None) if proxies else tls or certificate(folder)
    with ExitStack() as stack:
        clock = MovableClock()
        store = stack.enter_context(new_store(engine, folder, clock=clock))
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        place = f"127.0.0.1:{listener.getsockname()[1]}{path}"
        base = f"https://{place}"
        desk = PactDesk(
            base=base,
            proxies=proxies,
            access=PactAccess(store, key=os.urandom(32), clock=clock),
            footprints=PactFootprints(store, base=base, clock=clock),
            exchange=PactExchange(store, base=base, clock=clock),
            rate=PactRate(rate, clock=clock),
        )
        app = create_pact_app(desk, figures=RequestFigures())
        stack.enter_context(serving_pact(app, listener, certificate=certificate_file, key=key_file))
        verify: Any = False
        if certificate_file is not None:
            verify = ssl.create_default_context(cafile=str(certificate_file))
        client = stack.enter_context(httpx.Client(trust_env=False, verify=verify, timeout=20))
        url = f"http://{place}" if proxies else base
        yield Host(store=store, desk=desk, url=url, clock=clock, client=client)
