"""One transaction per use case, and the only place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Connection

from trace_node.store.accounting import SqlAccountedFigures
from trace_node.store.board import SqlAlerts, SqlUsagePlans
from trace_node.store.checkpoints import SqlCheckpoints
from trace_node.store.database import Database
from trace_node.store.deliveries import SqlDeliveries
from trace_node.store.enrolments import SqlEnrolments
from trace_node.store.entries import SqlEntries, SqlStreams
from trace_node.store.evidence import SqlEvidence
from trace_node.store.footprint import SqlFootprints
from trace_node.store.market import SqlDisclosures, SqlImportedFiles, SqlOpenings
from trace_node.store.pact import SqlPartners, SqlPublishedFootprints
from trace_node.store.pact_events import SqlPactEvents
from trace_node.store.projections import SqlProjections
from trace_node.store.statements import SqlStatements


class SqlUnitOfWork:
    """The repositories over one connection; see ``trace_node.ports.store.UnitOfWork``."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def entries(self) -> SqlEntries:
        """Entries and the tree."""
        return SqlEntries(self.connection)

    @cached_property
    def streams(self) -> SqlStreams:
        """Device streams."""
        return SqlStreams(self.connection)

    @cached_property
    def deliveries(self) -> SqlDeliveries:
        """Contexts and deliveries."""
        return SqlDeliveries(self.connection)

    @cached_property
    def checkpoints(self) -> SqlCheckpoints:
        """Checkpoints and hash tiles."""
        return SqlCheckpoints(self.connection)

    @cached_property
    def enrolments(self) -> SqlEnrolments:
        """Keys and meters."""
        return SqlEnrolments(self.connection)

    @cached_property
    def evidence(self) -> SqlEvidence:
        """Conflicts and findings."""
        return SqlEvidence(self.connection)

    @cached_property
    def projections(self) -> SqlProjections:
        """What is derived from the entries."""
        return SqlProjections(self.connection)

    @cached_property
    def statements(self) -> SqlStatements:
        """Statements in the log."""
        return SqlStatements(self.connection)

    @cached_property
    def footprints(self) -> SqlFootprints:
        """Batches and what made and used them."""
        return SqlFootprints(self.connection)

    @cached_property
    def accounting(self) -> SqlAccountedFigures:
        """Computed emissions in the log."""
        return SqlAccountedFigures(self.connection)

    @cached_property
    def alerts(self) -> SqlAlerts:
        """Alerts and their delivery."""
        return SqlAlerts(self.connection)

    @cached_property
    def plans(self) -> SqlUsagePlans:
        """Plans for the use of allowances."""
        return SqlUsagePlans(self.connection)

    @cached_property
    def imported_files(self) -> SqlImportedFiles:
        """Imported registry statements."""
        return SqlImportedFiles(self.connection)

    @cached_property
    def openings(self) -> SqlOpenings:
        """Openings of commitments."""
        return SqlOpenings(self.connection)

    @cached_property
    def disclosures(self) -> SqlDisclosures:
        """What was published."""
        return SqlDisclosures(self.connection)

    @cached_property
    def published(self) -> SqlPublishedFootprints:
        """Published product footprints."""
        return SqlPublishedFootprints(self.connection)

    @cached_property
    def partners(self) -> SqlPartners:
        """Partners of the PACT exchange."""
        return SqlPartners(self.connection)

    @cached_property
    def pact_events(self) -> SqlPactEvents:
        """Events of the PACT exchange."""
        return SqlPactEvents(self.connection)


@contextmanager
def writing(database: Database) -> Iterator[SqlUnitOfWork]:
    """A unit of work that commits when its block ends and rolls back when it raises."""
    with database.writing() as connection:
        yield SqlUnitOfWork(connection)
        connection.commit()


@contextmanager
def reading(database: Database) -> Iterator[SqlUnitOfWork]:
    """A read-only unit of work over one snapshot."""
    with database.reading() as connection:
        yield SqlUnitOfWork(connection)
