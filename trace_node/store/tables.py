"""Every table of the store as a plain Core table: repositories build their statements on these."""

from sqlalchemy import Table
from sqlmodel import SQLModel

from trace_node.store.tables_accounting import (
    FigureItemRow,
    FigureRow,
    FigureTotalRow,
    ResultRow,
)
from trace_node.store.tables_board import (
    BoardAlertRow,
    BoardAttemptRow,
    UsagePlanLineRow,
    UsagePlanRow,
)
from trace_node.store.tables_evidence import ConflictRow, FindingRow
from trace_node.store.tables_footprint import (
    FootprintBatchRow,
    FootprintSourceRow,
    FootprintUnitRow,
    FootprintUseRow,
    SupplierDocumentRow,
)
from trace_node.store.tables_ledger import (
    LedgerBlockRow,
    LedgerEventRow,
    LedgerHeadRow,
    LedgerIdentityRow,
    LedgerImageRow,
    LedgerPostingRow,
    LedgerStopRow,
)
from trace_node.store.tables_ledger_books import (
    LedgerAccountRow,
    LedgerBalanceRow,
    LedgerClassRow,
    LedgerCounterpartyRow,
    LedgerKeyRow,
    LedgerLotRow,
    LedgerOfficeRow,
    LedgerOrderPartRow,
    LedgerOrderRow,
    LedgerOrganisationRow,
    LedgerRuleProposalRow,
    LedgerRuleRow,
    LedgerStateRow,
)
from trace_node.store.tables_ledger_claims import (
    LedgerArrearRow,
    LedgerCarryOverRow,
    LedgerClaimRow,
    LedgerObligationRow,
    LedgerRecordRow,
    LedgerYearRow,
)
from trace_node.store.tables_log import (
    ContextRow,
    DeliveryRow,
    DeliverySpanRow,
    EntryRow,
    HashTileRow,
    LogIdentityRow,
    StreamRow,
    TreeStateRow,
)
from trace_node.store.tables_market import (
    DisclosureRow,
    OpeningRow,
    RegistryFileRow,
    RegistryReferenceRow,
)
from trace_node.store.tables_orders import OrderBookRow
from trace_node.store.tables_pact import (
    PactFootprintRow,
    PactGrantRow,
    PactOutboxRow,
    PactPartnerRow,
    PactReceivedRow,
)
from trace_node.store.tables_periods import (
    ChainStateRow,
    DeviceTailRow,
    IncrementRow,
    PeriodTotalRow,
    SeriesStateRow,
)
from trace_node.store.tables_readings import MeterEventRow, ProjectionCursorRow, ReadingRow
from trace_node.store.tables_registry import (
    DeviceRow,
    EnrolledKeyRow,
    MeteringPointRow,
    MeterRegisterRow,
    RevokedKeyRow,
)
from trace_node.store.tables_seal import AnchorRequestRow, AnchorRow, CheckpointRow
from trace_node.store.tables_statements import EmissionStatementRow, QuotaBasisRow, StatementRow

METADATA = SQLModel.metadata


def _table(row: type[SQLModel]) -> Table:
    return METADATA.tables[str(row.__tablename__)]


LOG_IDENTITY = _table(LogIdentityRow)
TREE_STATE = _table(TreeStateRow)
ENTRIES = _table(EntryRow)
STREAMS = _table(StreamRow)
CONTEXTS = _table(ContextRow)
DELIVERIES = _table(DeliveryRow)
DELIVERY_SPANS = _table(DeliverySpanRow)
HASH_TILES = _table(HashTileRow)
CHECKPOINTS = _table(CheckpointRow)
ANCHORS = _table(AnchorRow)
ANCHOR_REQUESTS = _table(AnchorRequestRow)
ENROLLED_KEYS = _table(EnrolledKeyRow)
DEVICES = _table(DeviceRow)
METER_REGISTERS = _table(MeterRegisterRow)
REVOKED_KEYS = _table(RevokedKeyRow)
METERING_POINTS = _table(MeteringPointRow)
CONFLICTS = _table(ConflictRow)
FINDINGS = _table(FindingRow)
PROJECTION_CURSORS = _table(ProjectionCursorRow)
READINGS = _table(ReadingRow)
METER_EVENTS = _table(MeterEventRow)
CHAIN_STATES = _table(ChainStateRow)
DEVICE_TAILS = _table(DeviceTailRow)
SERIES_STATES = _table(SeriesStateRow)
INCREMENTS = _table(IncrementRow)
PERIOD_TOTALS = _table(PeriodTotalRow)
ORDER_BOOK = _table(OrderBookRow)
STATEMENTS = _table(StatementRow)
EMISSION_STATEMENTS = _table(EmissionStatementRow)
QUOTA_BASES = _table(QuotaBasisRow)
ACCOUNTED_FIGURES = _table(FigureRow)
ACCOUNTED_TOTALS = _table(FigureTotalRow)
ACCOUNTED_ITEMS = _table(FigureItemRow)
ACCOUNTED_RESULTS = _table(ResultRow)
FOOTPRINT_BATCHES = _table(FootprintBatchRow)
FOOTPRINT_USES = _table(FootprintUseRow)
FOOTPRINT_UNITS = _table(FootprintUnitRow)
FOOTPRINT_SOURCES = _table(FootprintSourceRow)
SUPPLIER_DOCUMENTS = _table(SupplierDocumentRow)
BOARD_ALERTS = _table(BoardAlertRow)
BOARD_ATTEMPTS = _table(BoardAttemptRow)
USAGE_PLANS = _table(UsagePlanRow)
USAGE_PLAN_LINES = _table(UsagePlanLineRow)
REGISTRY_FILES = _table(RegistryFileRow)
REGISTRY_REFERENCES = _table(RegistryReferenceRow)
OPENINGS = _table(OpeningRow)
DISCLOSURES = _table(DisclosureRow)
PACT_FOOTPRINTS = _table(PactFootprintRow)
PACT_PARTNERS = _table(PactPartnerRow)
PACT_GRANTS = _table(PactGrantRow)
PACT_RECEIVED = _table(PactReceivedRow)
PACT_OUTBOX = _table(PactOutboxRow)
LEDGER_IDENTITY = _table(LedgerIdentityRow)
LEDGER_HEAD = _table(LedgerHeadRow)
LEDGER_STOPS = _table(LedgerStopRow)
LEDGER_BLOCKS = _table(LedgerBlockRow)
LEDGER_EVENTS = _table(LedgerEventRow)
LEDGER_POSTINGS = _table(LedgerPostingRow)
LEDGER_IMAGES = _table(LedgerImageRow)
LEDGER_STATE = _table(LedgerStateRow)
LEDGER_ORGANISATIONS = _table(LedgerOrganisationRow)
LEDGER_ACCOUNTS = _table(LedgerAccountRow)
LEDGER_KEYS = _table(LedgerKeyRow)
LEDGER_OFFICES = _table(LedgerOfficeRow)
LEDGER_RULE_PROPOSALS = _table(LedgerRuleProposalRow)
LEDGER_RULES = _table(LedgerRuleRow)
LEDGER_CLASSES = _table(LedgerClassRow)
LEDGER_LOTS = _table(LedgerLotRow)
LEDGER_BALANCES = _table(LedgerBalanceRow)
LEDGER_COUNTERPARTIES = _table(LedgerCounterpartyRow)
LEDGER_ORDERS = _table(LedgerOrderRow)
LEDGER_ORDER_PARTS = _table(LedgerOrderPartRow)
LEDGER_RECORDS = _table(LedgerRecordRow)
LEDGER_OBLIGATIONS = _table(LedgerObligationRow)
LEDGER_CLAIMS = _table(LedgerClaimRow)
LEDGER_CARRY_OVERS = _table(LedgerCarryOverRow)
LEDGER_ARREARS = _table(LedgerArrearRow)
LEDGER_YEARS = _table(LedgerYearRow)
