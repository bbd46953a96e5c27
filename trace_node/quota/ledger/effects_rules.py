"""What the events of RuleBook do."""

from collections.abc import Mapping
from dataclasses import replace

from trace_node.quota.ledger.effect import Change, Effect, Handler, Known, changed, wanted
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.rows import ProposalState, RuleProposalRow, Table
from trace_node.quota.ledger.rules_events import (
    DraftReleased,
    DraftReleaseProposed,
    RuleAdded,
    RuleProposalWithdrawn,
    RuleProposed,
    RuleVersion,
)


def _proposed(event: RuleProposed, _placed: PlacedEvent, _known: Known) -> Effect:
    row = RuleProposalRow(
        rule_id=event.rule_id,
        year=event.year,
        version=0,
        proposer=event.proposer,
        state=ProposalState.OPEN,
        content=event.content,
        evidence=bytes(32),
    )
    return changed(Table.RULE_PROPOSALS, event.proposal_id, row)


def _release_proposed(event: DraftReleaseProposed, _placed: PlacedEvent, _known: Known) -> Effect:
    row = RuleProposalRow(
        rule_id=event.rule_id,
        year=event.year,
        version=event.version,
        proposer=event.proposer,
        state=ProposalState.OPEN,
        content=None,
        evidence=event.evidence,
    )
    return changed(Table.RULE_PROPOSALS, event.proposal_id, row)


def _added(event: RuleAdded, _placed: PlacedEvent, known: Known) -> Effect:
    proposal = wanted(known, Table.RULE_PROPOSALS, event.proposal_id, RuleProposalRow)
    done = replace(proposal, state=ProposalState.APPROVED, version=event.version)
    changes = [Change(Table.RULE_PROPOSALS, event.proposal_id, done)]
    if proposal.content is not None:
        key = (event.rule_id, event.year, event.version)
        changes.append(Change(Table.RULES, key, proposal.content))
    return Effect(tuple(changes))


def _released(event: DraftReleased, _placed: PlacedEvent, known: Known) -> Effect:
    proposal = wanted(known, Table.RULE_PROPOSALS, event.proposal_id, RuleProposalRow)
    key = (event.rule_id, event.year, event.version)
    version = wanted(known, Table.RULES, key, RuleVersion)
    done = replace(proposal, state=ProposalState.APPROVED)
    return Effect(
        (
            Change(Table.RULE_PROPOSALS, event.proposal_id, done),
            Change(Table.RULES, key, replace(version, released=True)),
        )
    )


def _withdrawn(event: RuleProposalWithdrawn, _placed: PlacedEvent, known: Known) -> Effect:
    proposal = wanted(known, Table.RULE_PROPOSALS, event.proposal_id, RuleProposalRow)
    row = replace(proposal, state=ProposalState.WITHDRAWN)
    return changed(Table.RULE_PROPOSALS, event.proposal_id, row)


HANDLERS: Mapping[type, Handler] = {
    DraftReleaseProposed: _release_proposed,
    DraftReleased: _released,
    RuleAdded: _added,
    RuleProposalWithdrawn: _withdrawn,
    RuleProposed: _proposed,
}
