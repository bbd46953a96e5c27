"""A real database with a plant around it, in which everything can be proved."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from support import bundles
from support.builders import NOW, Run, key
from support.plant import Plant, plant
from support.stores import IDENTITY, ORIGIN, migrated_url
from support.usual_engine import USUAL

from trace_node.ports.anchoring import AnchorState
from trace_node.ports.entries import StoredCheckpoint
from trace_node.services.project import Projector
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import create_store
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import Sm2NoteSigner
from trace_node.tlog.trust_root import SignedTrustRoot, sign_trust_root
from trace_node.tlog.trust_root_form import LogKey, TrustedKey

SIGNER = Sm2NoteSigner(name=ORIGIN, signer=key("log"))
STEP = timedelta(minutes=1)


def _trusted(name: str) -> TrustedKey:
    return TrustedKey(name=name, point=key(name).public.point)


def provable_trust_root() -> SignedTrustRoot:
    return sign_trust_root(
        bundles.trust_root_fields(
            owner=_trusted("owner"),
            origin=ORIGIN,
            log_keys=(LogKey(vkey=SIGNER.vkey, from_size=0, to_size=None),),
            device_authorities=(_trusted("authority"),),
            node_keys=(_trusted("node"),),
        ),
        owner=key("owner"),
    )


@dataclass
class Provable:
    """A plant with everything that makes its entries provable."""

    url: str
    plant: Plant
    seal: Seal
    projector: Projector
    anchors: list[Anchor]

    @property
    def reader(self):  # noqa: ANN201 (the store's own reader)
        return self.plant.store.reader()

    def settle(self, *, anchor: bool = True) -> StoredCheckpoint:
        """Project, seal, and anchor what is there."""
        while self.projector.project_once():
            pass
        sealed = self.seal.seal_once()
        assert sealed is not None
        if anchor:
            self._anchor(sealed)
        return sealed

    def _anchor(self, sealed: StoredCheckpoint) -> None:
        number = len(self.anchors) + 1
        before = self.anchors[-1].head if self.anchors else AnchoredHead(size=0, root=SM3.empty())
        anchor = Anchor(
            engine=bundles.CHAIN.engine,
            chain_id=bundles.CHAIN.chain_id,
            genesis_hash=bundles.CHAIN.genesis_hash,
            contract=bundles.CHAIN.registry,
            log_id=bundles.LOG_ID,
            transaction_hash=bytes([number]) * 32,
            block_number=number,
            block_hash=bytes([number + 100]) * 32,
            block_time=int(NOW.timestamp()) + number,
            previous=before,
            head=AnchoredHead(size=sealed.size, root=sealed.root),
        )
        requests = self.plant.store.anchor_requests()
        requests.mark(size=sealed.size, state=AnchorState.FINAL, anchor=anchor)
        self.anchors.append(anchor)


@contextmanager
def provable(folder: Path) -> Iterator[Provable]:
    """A plant over a new database: ``node.db`` in ``folder``, unless tests run on the other engine."""
    with (
        migrated_url(USUAL, folder) as url,
        closing(create_store(url, identity=IDENTITY)) as store,
        plant(store) as made,
    ):
        archive = FileArchive(folder / "archive")
        projector = Projector(
            store=store, writer=made.writer, book=made.book, signer=key("node"), clock=made.clock
        )
        seal = Seal(store=store, archive=archive, signers=[SIGNER], clock=made.clock)
        try:
            yield Provable(url=url, plant=made, seal=seal, projector=projector, anchors=[])
        finally:
            archive.close()


def minutes(run: Run, first: int, end: int, **more: object) -> list[bytes]:
    """Readings of a counter, one a minute; minute 60 is ``NOW``."""
    return [
        run.reading(f"{minute + 1}.00", at=minute_at(minute), **more)
        for minute in range(first, end)
    ]


def minute_at(minute: int) -> datetime:
    """The instant of a minute; minute 60 is ``NOW``."""
    return NOW - STEP * (60 - minute)
