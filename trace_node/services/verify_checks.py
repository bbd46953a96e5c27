"""The checks of each bundle format, in the order in which they are made.

This is the list that ``docs/spec/verdict.md`` prints and that ``verify`` follows step by step: the
comment ``# (7)`` there is check 7 here. Numbers and names are fixed for a version of a format.
"""

from trace_node.tlog.verdict import CheckKind, Scope

_LOG = (
    CheckKind(
        number=1,
        name="file.form",
        title="The file has the one form of its version",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=2,
        name="file.digest",
        title="The file's digest covers every byte of it",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=3,
        name="trust_root",
        title="The trust root is signed by its owner and in force",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=4,
        name="checkpoint.origin",
        title="The checkpoint is of the log and the hash that the trust root names",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=5,
        name="checkpoint.signature",
        title="The checkpoint is signed by the log's key for its size",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=6,
        name="checkpoint.witnesses",
        title="The quorum of witnesses that the trust root demands has cosigned",
        scope=Scope.SIGNED,
        needed=False,  # not done where no witness is demanded; a quorum that is not met has failed
    ),
)
_ANCHOR = (
    CheckKind(
        number=13,
        name="anchor.binding",
        title="The anchor is of this checkpoint, on the chain that the trust root names",
        scope=Scope.ANCHORED,
    ),
    CheckKind(
        number=14,
        name="anchor.live",
        title="The chain, asked now, holds this anchor",
        scope=Scope.ANCHORED,
        needed=False,  # one of 14 and 15 is enough, see Verdict.anchored
    ),
    CheckKind(
        number=15,
        name="anchor.sealed",
        title="A block header sealed by the validators proves this anchor",
        scope=Scope.ANCHORED,
        needed=False,
    ),
)

PROOF_CHECKS = (
    *_LOG,
    CheckKind(
        number=7,
        name="inclusion",
        title="The leaf is in the tree of the checkpoint, at the stated index",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=8,
        name="collector",
        title="The collector's key was registered for this log by a device authority",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=9,
        name="delivery.signature",
        title="The delivery is for this log and signed by that key",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=10,
        name="delivery.inclusion",
        title="The leaf is among the records that the delivery signs",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=11,
        name="record",
        title="The leaf is a record of a device, made while the key was valid",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=12,
        name="context",
        title="The context is the one that leaf and delivery name, and of the same collector",
        scope=Scope.SIGNED,
    ),
    *_ANCHOR,
)

PERIOD_CHECKS = (
    *_LOG,
    CheckKind(
        number=7,
        name="inclusion",
        title="Every leaf is in the tree of the checkpoint, at its stated index",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=8,
        name="collector",
        title="Every collector's key was registered for this log by a device authority",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=9,
        name="delivery.signature",
        title="Every delivery is for this log and signed by such a key",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=10,
        name="delivery.inclusion",
        title="Every record is among the records that its delivery signs",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=11,
        name="record",
        title="Every record is of a named device, made while the key was valid",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=12,
        name="context",
        title="Every context is the one that records and delivery name",
        scope=Scope.SIGNED,
    ),
    *_ANCHOR,
    CheckKind(
        number=16,
        name="node.records",
        title="What the node received and found is signed by its key",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=17,
        name="device.registration",
        title="Every device's description is signed by a device authority or the node",
        scope=Scope.SIGNED,
        needed=False,  # without it the plan is unknown; nothing rests on it but expected numbers
    ),
    CheckKind(
        number=18,
        name="completeness",
        title="No record of the named devices in the period is left out",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=19,
        name="history",
        title="The anchors that first covered the records are signed by the log and on the chain",
        scope=Scope.ANCHORED,
        needed=False,  # only the time-of-knowledge table rests on it
    ),
)

EMISSION_CHECKS = (
    *_LOG,
    CheckKind(
        number=7,
        name="inclusion",
        title="Every leaf is in the tree of the checkpoint, at its stated index",
        scope=Scope.SIGNED,
    ),
    *_ANCHOR,
    CheckKind(
        number=20,
        name="emission.signatures",
        title="Every statement, the emission among them, is signed by a key of the trust root",
        scope=Scope.SIGNED,
    ),
    CheckKind(
        number=21,
        name="emission.recomputed",
        title="The figure, computed again from leaves, factors and method, has the same digits",
        scope=Scope.SIGNED,
    ),
)

STATEMENT_CHECKS = (
    *_LOG,
    CheckKind(
        number=7,
        name="inclusion",
        title="Every leaf is in the tree of the checkpoint, at its stated index",
        scope=Scope.SIGNED,
    ),
    *_ANCHOR,
    CheckKind(
        number=22,
        name="statement.signatures",
        title="Every statement is signed by a key of the trust root, or by one that it trusts",
        scope=Scope.SIGNED,
    ),
)
