"""Errors of bundles and trust roots.

* TraceNodeError
  + InputError
  |   + BundleFormatError      not a bundle of this version in its one form
  |   + TrustRootFormatError   not a trust root of this version in its one form
  + IntegrityError
      + BundleDigestError      the file digest is another
      + TrustRootError         the trust root is not its owner's, not in force or not the successor
      + EvidenceError          a record, key or signature does not fit what it should prove
"""

from trace_node.errors import InputError, IntegrityError


class BundleFormatError(InputError):
    """The bytes are not a bundle of this version in its one form."""

    code = "bundle.form"


class TrustRootFormatError(InputError):
    """The bytes are not a trust root of this version in its one form."""

    code = "trust_root.form"


class BundleDigestError(IntegrityError):
    """The digest in the file is not the digest of the file."""

    code = "bundle.digest"


class TrustRootError(IntegrityError):
    """The trust root is not its owner's, not in force, or not the successor of the one before."""

    code = "trust_root"


class EvidenceError(IntegrityError):
    """A record, key or signature does not fit what it should prove."""

    code = "evidence"
