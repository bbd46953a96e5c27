"""Makes reports and evidence packages of one node, and puts reports on record."""

from collections.abc import Callable
from dataclasses import dataclass

from trace_node.accounting.records.report import ReportMade
from trace_node.crypto.signer import Signer
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store
from trace_node.record.statement import Content
from trace_node.services.evidence_package import EvidencePackage, PackageRequest, make_package
from trace_node.services.form_log import LogTogether
from trace_node.services.prove import Vouched
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.report import ReportRequest, facts_of
from trace_node.services.report_files import ReportFiles, make_report
from trace_node.services.report_statement import report_with, statement_of
from trace_node.services.source_data import SourceData, SourceQuery, source_data


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedReport:
    """A report that was made and put on record.

    Attributes:
        files: Its files.
        logged: Where the log names them.
    """

    files: ReportFiles
    logged: LoggedStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDesk:
    """The verbs of reports.

    Attributes:
        store: The log.
        log: Signs a content with the key of the node and logs it.
        log_together: The same of those of a form, in one commit: all of them or none.
        signer: Key of the node.
        vouched: See ``prove.evidence_for``.
    """

    store: Store
    log: Callable[[Content], LoggedStatement]
    log_together: LogTogether
    signer: Signer
    vouched: Vouched | None = None

    def report(self, request: ReportRequest) -> LoggedReport:
        """Compute every figure again, write the files and log their digests.

        Raises:
            InputError: See ``report.facts_of`` and ``report_files.make_report``.
            StateError: No checkpoint covers the records yet.
            ConfigError: A library or a font is missing.
        """
        facts = facts_of(request, figures=figures_of_log(self.store), vouched=self.vouched)
        files = make_report(facts)
        return LoggedReport(files=files, logged=self.log(statement_of(request, facts, files)))

    def report_of(self, digest: bytes) -> tuple[int, ReportMade] | None:
        """The report in the log that names a file, and its leaf; None where none does."""
        return report_with(digest, store=self.store)

    def sources(self, query: SourceQuery) -> SourceData:
        """The data of the sources that are asked for.

        Raises:
            InputError: See ``source_data.source_data``.
        """
        return source_data(query, figures=figures_of_log(self.store))

    def package(self, request: PackageRequest) -> EvidencePackage:
        """All evidence of a span in one file.

        Raises:
            InputError: See ``evidence_package.make_package``.
            StateError: No checkpoint covers the records yet.
        """
        return make_package(
            request, figures=figures_of_log(self.store), signer=self.signer, vouched=self.vouched
        )
