"""Repositories of the PACT exchange: published footprints and partners."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from trace_node import canonical_json
from trace_node.accounting.pact.draft import parse_draft
from trace_node.accounting.pact.footprint import Footprint, Status
from trace_node.period import to_ms
from trace_node.ports.pact import Partner
from trace_node.store.columns import from_ms, optional_ms, optional_time
from trace_node.store.errors import sound_row
from trace_node.store.tables import PACT_FOOTPRINTS, PACT_GRANTS, PACT_PARTNERS


class SqlPublishedFootprints:
    """See ``trace_node.ports.pact.PublishedFootprints``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, footprint: Footprint) -> Footprint:
        """Keep one, and return it with its number."""
        draft = footprint.draft
        given = {"footprint": dict(draft.product)}
        if draft.stages:
            given["stages"] = list(draft.stages)  # type: ignore[assignment]
        if draft.proof is not None:
            given["proof"] = dict(draft.proof)
        made = self._connection.execute(
            insert(PACT_FOOTPRINTS).returning(PACT_FOOTPRINTS.c.number),
            {
                "id": footprint.id,
                "lineage": footprint.lineage,
                "preceding": "\n".join(footprint.preceding),
                "created": to_ms(footprint.created),
                "published_by": footprint.published_by,
                "status": footprint.status.value,
                "draft": canonical_json.encode_trusted(given),  # type: ignore[arg-type]
            },
        )
        found = self._one(PACT_FOOTPRINTS.c.number == made.scalar_one())
        if found is None:
            raise AssertionError(footprint.id)
        return found

    def get(self, footprint: str) -> Footprint | None:
        """The one with that id; None without."""
        return self._one(PACT_FOOTPRINTS.c.id == footprint.lower())

    def deprecate(self, footprint: str) -> None:
        """Set its status to deprecated."""
        self._connection.execute(
            update(PACT_FOOTPRINTS)
            .where(PACT_FOOTPRINTS.c.id == footprint)
            .values(status=Status.DEPRECATED.value)
        )

    def after(self, number: int, *, limit: int, partner: str | None = None) -> Sequence[Footprint]:
        """Footprints published after one, in order; those a partner may see, if one is named."""
        chosen = select(PACT_FOOTPRINTS).where(PACT_FOOTPRINTS.c.number > number)
        if partner is not None:
            chosen = chosen.join(
                PACT_GRANTS, PACT_GRANTS.c.lineage == PACT_FOOTPRINTS.c.lineage
            ).where(PACT_GRANTS.c.partner == partner)
        rows = self._connection.execute(chosen.order_by(PACT_FOOTPRINTS.c.number).limit(limit))
        return [_footprint(row) for row in rows]

    def share(self, lineage: str, partner: str) -> bool:
        """Let a partner see every version; False where it may already."""
        if partner in self.shared_with(lineage):
            return False
        self._connection.execute(insert(PACT_GRANTS), {"lineage": lineage, "partner": partner})
        return True

    def unshare(self, lineage: str, partner: str) -> bool:
        """Take that back; False where it may not."""
        done = self._connection.execute(
            delete(PACT_GRANTS).where(
                PACT_GRANTS.c.lineage == lineage, PACT_GRANTS.c.partner == partner
            )
        )
        return bool(done.rowcount)

    def shared_with(self, lineage: str) -> Sequence[str]:
        """The partners that may see it, by name."""
        chosen = select(PACT_GRANTS.c.partner).where(PACT_GRANTS.c.lineage == lineage)
        return list(self._connection.execute(chosen.order_by(PACT_GRANTS.c.partner)).scalars())

    def _one(self, condition: Any) -> Footprint | None:  # noqa: ANN401  # a SQL expression
        statement = select(PACT_FOOTPRINTS).where(condition)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _footprint(row)


class SqlPartners:
    """See ``trace_node.ports.pact.Partners``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, partner: Partner) -> None:
        """Keep one; it replaces the one of that name."""
        values = {
            "secret": partner.secret,
            "created": to_ms(partner.created),
            "revoked": optional_ms(partner.revoked),
            "address": partner.address,
            "client": partner.client,
            "answers_itself": int(partner.answers_itself),
        }
        done = self._connection.execute(
            update(PACT_PARTNERS).where(PACT_PARTNERS.c.name == partner.name).values(**values)
        )
        if not done.rowcount:
            self._connection.execute(insert(PACT_PARTNERS), {"name": partner.name, **values})

    def get(self, name: str) -> Partner | None:
        """The one of that name; None without."""
        statement = select(PACT_PARTNERS).where(PACT_PARTNERS.c.name == name)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _partner(row)

    def all(self) -> Sequence[Partner]:
        """All, by name."""
        rows = self._connection.execute(select(PACT_PARTNERS).order_by(PACT_PARTNERS.c.name))
        return [_partner(row) for row in rows]


def _footprint(row: Row[Any]) -> Footprint:
    with sound_row("pact_footprints", row.number):
        return Footprint(
            number=row.number,
            id=row.id,
            lineage=row.lineage,
            preceding=tuple(row.preceding.split("\n")) if row.preceding else (),
            created=from_ms(row.created),
            published_by=row.published_by,
            status=Status(row.status),
            draft=parse_draft(canonical_json.decode_object(bytes(row.draft), max_bytes=2**24)),
        )


def _partner(row: Row[Any]) -> Partner:
    return Partner(
        name=row.name,
        secret=bytes(row.secret),
        created=from_ms(row.created),
        revoked=optional_time(row.revoked),
        address=row.address,
        client=row.client,
        answers_itself=bool(row.answers_itself),
    )
