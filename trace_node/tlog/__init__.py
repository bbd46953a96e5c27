"""The transparency log: tree, proofs, checkpoints, bundles and verdicts, without any I/O."""
