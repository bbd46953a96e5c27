"""What is wrong with obligations, arrears, carry-over, and with the rules behind them."""

from typing import Final

from chain.refusals.row import Refusal

ROWS: Final = (
    Refusal(
        error="NotAdmissible(uint32 classId,uint32 year)",
        field="parts",
        template="{field}: no rule admits class {classId} for obligation year {year} in this way",
        remedy="take units of an admissible vintage or CCER",
    ),
    Refusal(
        error="UnknownObligation(uint64 obligation)",
        field="subject",
        template="{field}: there is no obligation {obligation}",
        remedy="check the number",
    ),
    Refusal(
        error="ObligationOpen(uint64 obligation,uint64 outstanding)",
        field="subject",
        template="{field}: obligation {obligation} still owes {outstanding} t",
        remedy="surrender from the provincial account first; what is left is then released",
    ),
    Refusal(
        error="ObligationOfAnother(uint64 obligation,uint64 organisation)",
        field="subject",
        template="{field}: obligation {obligation} is of organisation {organisation}",
        remedy="name an obligation of the account's own organisation",
    ),
    Refusal(
        error="ExceedsObligation(uint64 obligation,uint64 outstanding,uint64 quantity)",
        field="quantity",
        template="{field}: {quantity} t are handed in, obligation {obligation} owes"
        " {outstanding} t",
        remedy="hand in at most what is owed",
    ),
    Refusal(
        error="OffsetCapExceeded(uint64 obligation,uint64 cap,uint64 quantity)",
        field="quantity",
        template="{field}: offsets would come to {quantity} t, the cap of obligation {obligation}"
        " is {cap} t",
        remedy="offset less, or hand in allowances for the rest",
    ),
    Refusal(
        error="PeriodClosed(uint32 year)",
        field="year",
        template="{field}: the period of {year} is closed",
        remedy="what is still owed is paid by surrender",
    ),
    Refusal(
        error="UnknownArrear(uint64 arrear)",
        field="subject",
        template="{field}: there is no arrear {arrear}",
        remedy="check the number",
    ),
    Refusal(
        error="ArrearOfAnother(uint64 arrear,uint64 organisation)",
        field="subject",
        template="{field}: arrear {arrear} is of organisation {organisation}",
        remedy="name an arrear of the account's own organisation",
    ),
    Refusal(
        error="ExceedsArrear(uint64 arrear,uint64 open,uint64 quantity)",
        field="quantity",
        template="{field}: {quantity} t are paid, of arrear {arrear} {open} t are open",
        remedy="pay at most what is open",
    ),
    Refusal(
        error="NoCarryOver(uint64 organisation,uint32 year)",
        field="subject",
        template="{field}: no carry-over into {year} was confirmed for organisation {organisation}",
        remedy="apply for it; who missed a surrender carries nothing over",
    ),
    Refusal(
        error="CarryOverExceeded(uint64 organisation,uint32 year,uint64 limit,uint64 quantity)",
        field="quantity",
        template="{field}: carry-over of organisation {organisation} into {year} would come to"
        " {quantity} t, the limit is {limit} t",
        remedy="carry less over",
    ),
    Refusal(
        error="UnknownRecord(uint64 record)",
        field="record",
        template="{field}: there is no record {record}",
        remedy="check the number",
    ),
    Refusal(
        error="AlreadyConfirmed(uint64 record)",
        field="record",
        template="{field}: record {record} is confirmed already",
        remedy="nothing is to be done; a changed figure is a new record",
    ),
    Refusal(
        error="StaleRecord(uint64 record,uint64 confirmed)",
        field="record",
        template="{field}: record {record} is older than {confirmed}, which is confirmed",
        remedy="propose the figure again",
    ),
    Refusal(
        error="DeadlineNotPassed(uint32 year,uint64 deadline)",
        field="year",
        template="{field}: {year} is not closed before its deadline {deadline}",
        remedy="wait until then",
    ),
    Refusal(
        error="UnknownRule(bytes32 ruleId,uint32 year)",
        field="rule",
        template="{field}: rule {ruleId} has no number for {year}",
        remedy="let two regulators enter it: RuleBook.proposeRule",
    ),
    Refusal(
        error="RuleNotYetValid(bytes32 ruleId,uint32 year,uint64 validFrom)",
        field="rule",
        template="{field}: rule {ruleId} for {year} is valid from {validFrom}",
        remedy="wait until then, or let two regulators enter a version that is valid now",
    ),
    Refusal(
        error="RuleExpired(bytes32 ruleId,uint32 year,uint64 validTo)",
        field="rule",
        template="{field}: rule {ruleId} for {year} was valid until {validTo}",
        remedy="let two regulators enter a version that is valid now",
    ),
    Refusal(
        error="RuleIsDraft(bytes32 ruleId,uint32 year,uint32 version)",
        field="rule",
        template="{field}: version {version} of rule {ruleId} for {year} is a draft that nobody"
        " released",
        remedy="let two regulators release it with evidence: RuleBook.proposeRelease",
    ),
    Refusal(
        error="EmptyValidity(uint64 validFrom,uint64 validTo)",
        field="validTo",
        template="{field}: from {validFrom} to {validTo} the rule would never be valid",
        remedy="let it end after it begins",
    ),
    Refusal(
        error="ProposalNotOpen(uint64 proposalId)",
        field="proposalId",
        template="{field}: proposal {proposalId} is not open",
        remedy="propose it again",
    ),
    Refusal(
        error="UnknownVersion(bytes32 ruleId,uint32 year,uint32 version)",
        field="version",
        template="{field}: rule {ruleId} for {year} has no version {version}",
        remedy="check the number",
    ),
    Refusal(
        error="NothingToRelease(bytes32 ruleId,uint32 year,uint32 version)",
        field="version",
        template="{field}: version {version} of rule {ruleId} for {year} is no draft, or released",
        remedy="nothing is to be done",
    ),
    Refusal(
        error="SafeCastOverflowedUintDowncast(uint8 bits,uint256 value)",
        field="quantity",
        template="{field}: {value} does not fit into {bits} bits",
        remedy="correct the figure: a limit or cap would be beyond all bounds",
    ),
)
