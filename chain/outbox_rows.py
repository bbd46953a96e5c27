"""Tables of the outbox and the mapping between its rows and the values of the port."""

from typing import Any

from trace_node.ports.outbox import MinedIn, Submission, SubmissionState

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE chain (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  chain_id TEXT NOT NULL,
  genesis_hash BLOB NOT NULL CHECK (length(genesis_hash) = 32)
) STRICT;
CREATE TABLE submission (
  request_id TEXT PRIMARY KEY,
  signer BLOB NOT NULL CHECK (length(signer) = 20),
  nonce INTEGER NOT NULL CHECK (nonce >= 0),
  state TEXT NOT NULL,
  mined_hash BLOB,
  mined_block INTEGER,
  mined_block_hash BLOB,
  mined_succeeded INTEGER,
  contract BLOB,
  reorgs INTEGER NOT NULL,
  misses INTEGER NOT NULL,
  refusal TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  finished INTEGER NOT NULL,
  UNIQUE (signer, nonce)
) STRICT;
CREATE INDEX submission_unfinished ON submission (signer, nonce) WHERE finished = 0;
CREATE TABLE attempt (
  transaction_hash BLOB PRIMARY KEY CHECK (length(transaction_hash) = 32),
  request_id TEXT NOT NULL REFERENCES submission,
  kind TEXT NOT NULL,
  raw BLOB NOT NULL,
  sends INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX attempt_of ON attempt (request_id, at);
"""
COLUMNS = (
    "request_id, signer, nonce, state, mined_hash, mined_block, mined_block_hash, mined_succeeded,"
    " contract, reorgs, misses, refusal, sent_at"
)


def to_row(submission: Submission) -> tuple[object, ...]:
    """The values of ``COLUMNS`` and, last, of ``finished``."""
    mined = submission.mined
    return (
        submission.request_id,
        submission.signer,
        submission.nonce,
        submission.state.value,
        mined.transaction_hash if mined else None,
        mined.block_number if mined else None,
        mined.block_hash if mined else None,
        int(mined.succeeded) if mined else None,
        submission.contract,
        submission.reorgs,
        submission.misses,
        submission.refusal,
        submission.sent_at,
        int(submission.state.finished),
    )


def from_row(row: tuple[Any, ...]) -> Submission:
    """A submission from the values of ``COLUMNS``."""
    return Submission(
        request_id=row[0],
        signer=row[1],
        nonce=row[2],
        state=SubmissionState(row[3]),
        mined=None
        if row[4] is None
        else MinedIn(
            transaction_hash=row[4],
            block_number=row[5],
            block_hash=row[6],
            succeeded=bool(row[7]),
        ),
        contract=row[8],
        reorgs=row[9],
        misses=row[10],
        refusal=row[11],
        sent_at=row[12],
    )
