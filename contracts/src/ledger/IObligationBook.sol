// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBook} from "./IBook.sol";
import {IRuleBook, IRuleErrors} from "./IRuleBook.sol";

/// @title What the obligations refuse; part of the allowance registry too, whose orders meet them.
interface IObligationErrors {
    error UnknownObligation(uint64 obligation);
    /// @notice The obligation is of another organisation than the account.
    error ObligationOfAnother(uint64 obligation, uint64 organisation);
    /// @notice More is handed in than is still owed.
    error ExceedsObligation(uint64 obligation, uint64 outstanding, uint64 quantity);
    /// @notice A provincial account releases what is left once the obligation is met.
    error ObligationOpen(uint64 obligation, uint64 outstanding);
    /// @notice CCER units above the cap, which is floor(basis points x obligation / 10,000).
    error OffsetCapExceeded(uint64 obligation, uint64 cap, uint64 quantity);
    /// @notice The period of this obligation year is closed.
    error PeriodClosed(uint32 year);
    error UnknownArrear(uint64 arrear);
    /// @notice The arrear is of another organisation than the account.
    error ArrearOfAnother(uint64 arrear, uint64 organisation);
    error ExceedsArrear(uint64 arrear, uint64 open, uint64 quantity);
    /// @notice No carry-over into this year was confirmed for the organisation.
    error NoCarryOver(uint64 organisation, uint32 year);
    error CarryOverExceeded(uint64 organisation, uint32 year, uint64 limit, uint64 quantity);
}

/// @title Who owes how much: obligations, the cap of CCER, arrears, carry-over limits, closed periods.
/// @notice An obligation is the verified emission figure of one organisation, year and sector. A
///         verifier enters it with the digest of its leaf, a regulator confirms it; it is revised by
///         a new record only. What is handed in is entered by the allowance registry, and by nothing
///         else. Whatever is still owed after the period is closed stays owed.
interface IObligationBook is IBook, IRuleErrors, IObligationErrors {
    struct Obligation {
        uint64 organisation;
        uint32 year;
        uint16 sector;
        /// Rule under which the cap of the valid record was computed.
        uint32 capVersion;
        /// The newest confirmed record.
        uint64 record;
        uint64 tonnes;
        uint64 surrendered;
        uint64 cap;
        /// CCER units frozen, pending or used for it.
        uint64 offsetReserved;
        /// Of these, used.
        uint64 offsetUsed;
    }

    struct Record {
        uint64 organisation;
        uint32 year;
        uint16 sector;
        bool confirmed;
        uint64 tonnes;
        address verifier;
        bytes32 leaf;
    }

    struct CarryOver {
        uint64 organisation;
        uint32 year;
        bool confirmed;
        uint64 netSold;
        uint64 holding;
        address officer;
        bytes32 leaf;
    }

    struct CarryOverLimit {
        uint64 claim;
        uint64 limit;
        uint64 used;
    }

    struct Arrear {
        uint64 organisation;
        uint32 classId;
        uint64 open;
    }

    event RecordProposed(uint64 sequence, uint64 indexed record, Record content);
    /// @notice `excess`: CCER units above the new cap; they are released, or do not count.
    event RecordConfirmed(
        uint64 sequence,
        uint64 indexed record,
        uint64 indexed obligation,
        address regulator,
        uint64 cap,
        uint32 capVersion,
        uint64 excess
    );
    /// @notice `late`: after the deadline of the year's rule.
    event Surrendered(
        uint64 sequence,
        uint64 indexed obligation,
        uint64 quantity,
        uint64 total,
        uint32 deadlineVersion,
        bool late
    );
    event SurrenderRestored(
        uint64 sequence, uint64 indexed obligation, uint64 quantity, uint64 total
    );
    event OffsetReserved(uint64 sequence, uint64 indexed obligation, uint64 quantity, uint64 total);
    event OffsetReleased(
        uint64 sequence, uint64 indexed obligation, uint64 quantity, uint64 total, uint64 used
    );
    event OffsetUsed(uint64 sequence, uint64 indexed obligation, uint64 quantity, uint64 used);
    event ArrearOpened(
        uint64 sequence,
        uint64 indexed arrear,
        uint64 indexed organisation,
        uint32 classId,
        uint64 quantity
    );
    event ArrearSettled(uint64 sequence, uint64 indexed arrear, uint64 quantity, uint64 open);
    event CarryOverProposed(uint64 sequence, uint64 indexed claim, CarryOver content);
    event CarryOverConfirmed(
        uint64 sequence,
        uint64 indexed claim,
        uint64 limit,
        uint32 baseVersion,
        uint32 multiplierVersion,
        address regulator
    );
    event CarryOverUsed(
        uint64 sequence,
        uint64 indexed organisation,
        uint32 indexed year,
        uint64 quantity,
        uint64 used
    );
    event CarryOverRestored(
        uint64 sequence,
        uint64 indexed organisation,
        uint32 indexed year,
        uint64 quantity,
        uint64 used
    );
    event PeriodCloseProposed(uint64 sequence, uint32 indexed year, address regulator);
    event PeriodEnded(uint64 sequence, uint32 indexed year, address regulator);

    error UnknownRecord(uint64 record);
    error AlreadyConfirmed(uint64 record);
    /// @notice A newer record of this obligation is confirmed already.
    error StaleRecord(uint64 record, uint64 confirmed);
    /// @notice The deadline of the year has not passed.
    error DeadlineNotPassed(uint32 year, uint64 deadline);
    error UnknownOrganisation(uint64 organisation);
    error AmountTooLarge(uint256 amount);

    /// @notice Enters a verified figure. VERIFIER.
    function proposeRecord(
        uint64 organisation,
        uint32 year,
        uint16 sector,
        uint64 tonnes,
        bytes32 leaf
    ) external returns (uint64 record);

    /// @notice Makes a figure the obligation, or its revision. REGULATOR.
    function confirmRecord(uint64 record) external returns (uint64 obligation);

    /// @notice Enters what a carry-over is computed from: net sold and held at the day. REGISTRY.
    function proposeCarryOver(
        uint64 organisation,
        uint32 year,
        uint64 netSold,
        uint64 holding,
        bytes32 leaf
    ) external returns (uint64 claim);

    /// @notice Sets the limit min(floor(base + multiplier x net sold), held). REGULATOR. Without this
    ///         an organisation carries nothing over, which is the case of one that missed a surrender.
    function confirmCarryOver(uint64 claim) external;

    /// @notice Closes a year after its deadline; takes a call each of two REGULATORs.
    function closePeriod(uint32 year) external;

    /// @notice Enters a surrender. Allowance registry.
    function surrender(uint64 obligation, uint64 organisation, uint64 quantity) external;
    /// @notice Takes a surrender back that the registry has not made. Allowance registry.
    function restoreSurrender(uint64 obligation, uint64 quantity) external;
    /// @notice Sets CCER units aside, up to the cap. Allowance registry.
    function reserveOffset(uint64 obligation, uint64 organisation, uint64 quantity) external;
    /// @notice Releases CCER units, of which `used` were used. Allowance registry.
    function releaseOffset(uint64 obligation, uint64 quantity, uint64 used) external;
    /// @notice Uses CCER units that were set aside, up to the cap. Allowance registry.
    function useOffset(uint64 obligation, uint64 quantity) external;
    /// @notice Opens an arrear. Allowance registry.
    function openArrear(uint64 organisation, uint32 classId, uint64 quantity)
        external
        returns (uint64 arrear);
    /// @notice Pays an arrear off, wholly or partly. Allowance registry.
    function settleArrear(uint64 arrear, uint64 organisation, uint64 quantity) external;
    /// @notice Uses up a carry-over limit. Allowance registry.
    function useCarryOver(uint64 organisation, uint32 year, uint64 quantity) external;

    /// @notice Gives back what a conversion used up that the registry has not made. Allowance registry.
    function restoreCarryOver(uint64 organisation, uint32 year, uint64 quantity) external;

    function rules() external view returns (IRuleBook);
    function obligationId(uint64 organisation, uint32 year, uint16 sector)
        external
        view
        returns (uint64);
    function obligationOf(uint64 obligation) external view returns (Obligation memory);
    /// @notice What is still owed: tonnes - surrendered - min(used offsets, cap).
    function outstanding(uint64 obligation) external view returns (uint64);
    /// @notice Reverts when a provincial account may not release yet: when the obligation that is named
    ///         is not of its enterprise, or not met. Any other account may.
    function requireReleasable(uint64 obligation, uint64 account) external view;
    /// @notice Reverts when more is set aside for an obligation than its cap; gives its year.
    function yearWithinCap(uint64 obligation) external view returns (uint32);
    function recordOf(uint64 record) external view returns (Record memory);
    /// @notice The year of an obligation; reverts when there is none.
    function yearOf(uint64 obligation) external view returns (uint32);
    /// @notice The class that an arrear is owed in; reverts when there is none.
    function classOfArrear(uint64 arrear) external view returns (uint32);
    function arrearOf(uint64 arrear) external view returns (Arrear memory);
    function carryOver(uint64 claim) external view returns (CarryOver memory);
    function carryOverLimit(uint64 organisation, uint32 year)
        external
        view
        returns (CarryOverLimit memory);
    function periodClosed(uint32 year) external view returns (bool);
}
