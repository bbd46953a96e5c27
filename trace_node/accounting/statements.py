"""Statements of accounting: one family with those of the market, read by the type they name.

The byte-exact specifications are docs/spec/accounting-statements.md, boundary.md and emission.md.
``CONTENTS`` are those that people write down; ``LOGGED`` are all that a log takes in.
"""

from types import MappingProxyType
from typing import Final, get_args

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY, ActivityEntry
from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.footprint.statements import FOOTPRINT_CONTENTS, OF_FOOTPRINTS
from trace_node.accounting.laboratory.record import LABORATORY_RECORD, LaboratoryRecord
from trace_node.accounting.records.approvals import (
    FACTOR_APPROVAL,
    TERM_APPROVAL,
    FactorApproval,
    TermApproval,
)
from trace_node.accounting.records.clean_energy import CLEAN_ENERGY, CleanEnergyEntry
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.records.emission_levels import EMISSION_LEVELS, EmissionLevels
from trace_node.accounting.records.emitter_status import EMITTER_STATUS, EmitterStatus
from trace_node.accounting.records.factor_entry import FACTOR_ENTRY, FactorEntry
from trace_node.accounting.records.gauge_readings import GAUGE_READINGS, GaugeReadings
from trace_node.accounting.records.measured import MEASURED_CONTENTS, OF_MEASUREMENT
from trace_node.accounting.records.releases import (
    FACTOR_RELEASE,
    METHOD_RELEASE,
    FactorRelease,
    MethodRelease,
)
from trace_node.accounting.records.report import REPORT, ReportMade
from trace_node.accounting.records.signer_trust import SIGNER_TRUST, SignerRole, SignerTrust
from trace_node.ids import OrganisationId
from trace_node.record.statement import Content, Statement, read_statement

CONTENTS: Final = MappingProxyType[str, type[Content]](
    {
        ACTIVITY_ENTRY: ActivityEntry,
        CLEAN_ENERGY: CleanEnergyEntry,
        EMISSION_LEVELS: EmissionLevels,
        EMITTER_STATUS: EmitterStatus,
        FACTOR_APPROVAL: FactorApproval,
        FACTOR_ENTRY: FactorEntry,
        FACTOR_RELEASE: FactorRelease,
        LABORATORY_RECORD: LaboratoryRecord,
        METHOD_RELEASE: MethodRelease,
        SIGNER_TRUST: SignerTrust,
        TERM_APPROVAL: TermApproval,
    }
)
LOGGED: Final = MappingProxyType[str, type[Content]](
    {
        **CONTENTS,
        **FOOTPRINT_CONTENTS,
        **MEASURED_CONTENTS,
        BOUNDARY: Boundary,
        EMISSION: Emission,
        GAUGE_READINGS: GaugeReadings,
        REPORT: ReportMade,
    }
)
_OWN: Final = (
    ActivityEntry
    | Boundary
    | CleanEnergyEntry
    | Emission
    | EmissionLevels
    | EmitterStatus
    | FactorApproval
    | FactorEntry
    | GaugeReadings
    | LaboratoryRecord
    | OF_FOOTPRINTS
    | OF_MEASUREMENT
    | ReportMade
    | TermApproval
)
OWN_KINDS: Final = frozenset(str(each.TYPE) for each in get_args(_OWN))
"""Types that an organisation states of itself."""
_MANAGED: Final = FactorRelease | MethodRelease | SignerTrust


def parse_accounting_statement(raw: bytes) -> Statement:
    """Read the bytes of a statement of accounting; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes; it was not parsed.
        CanonicalFormError: Not in canonical form.
        RecordVersionError: It is no statement of a known type.
        InputError: A member breaks its rule; the code is ``record.<field>``, or
            ``laboratory.percent`` of a percent that stands for a fraction.
    """
    return read_statement(raw, CONTENTS)


def accounted_for(content: Content) -> OrganisationId | None:
    """The organisation whose node signs it, unless an authority does; None for any node's key."""
    return content.organisation if isinstance(content, _OWN) else None


def is_managed(content: Content) -> bool:
    """Whether the management side alone states it: releases, and whose keys are trusted."""
    return isinstance(content, _MANAGED)


def trusted_role(content: Content) -> SignerRole | None:
    """As what a key has to be trusted to sign this without being a node's; None: as nothing."""
    if isinstance(content, FactorRelease | MethodRelease):
        return SignerRole.PUBLISHER
    return SignerRole.LABORATORY if isinstance(content, LaboratoryRecord) else None


def may_sign(content: Content, trust: SignerTrust) -> bool:
    """Whether a trusted key may sign this: a laboratory signs its own reports only."""
    if not trust.trusted or trust.role is not trusted_role(content):
        return False
    return not isinstance(content, LaboratoryRecord) or content.laboratory == trust.name
