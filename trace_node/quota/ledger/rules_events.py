"""Events of RuleBook: versions of the numbers of rules (规则事件)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """A version of a rule's number.

    Attributes:
        number: Its number, in the unit of the rule.
        valid_from: First second since the epoch at which it holds.
        valid_to: First second at which it does not hold any more.
        digest: 32-byte digest of the rule's record.
        draft: It holds only after its release.
        released: It was released.
    """

    number: int
    valid_from: int
    valid_to: int
    digest: bytes
    draft: bool
    released: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReleaseProposed:
    """One regulator asked that a draft be used, with the digest of the evidence."""

    sequence: int
    proposal_id: int
    rule_id: bytes
    year: int
    version: int
    proposer: bytes
    evidence: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReleased:
    """A second one agreed: the draft holds."""

    sequence: int
    proposal_id: int
    rule_id: bytes
    year: int
    version: int
    approver: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAdded:
    """A second regulator agreed to a proposal: it is a version of the rule now."""

    sequence: int
    proposal_id: int
    rule_id: bytes
    year: int
    version: int
    approver: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleProposalWithdrawn:
    """A proposal was stopped."""

    sequence: int
    proposal_id: int
    officer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleProposed:
    """A regulator proposed a version of a rule."""

    sequence: int
    proposal_id: int
    rule_id: bytes
    year: int
    proposer: bytes
    content: RuleVersion


RuleEvent = DraftReleaseProposed | DraftReleased | RuleAdded | RuleProposalWithdrawn | RuleProposed
