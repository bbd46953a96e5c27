"""Errors of the cryptography package.

* ConfigError
  + NoProviderError      no installed library passes the known answers: refuse to run
  + KeyFileError         a key file is missing, unsafe, damaged, or the passphrase is wrong
* InputError
  + KeyFormatError       bytes that are no key of the algorithm
  + ParameterError       an argument outside the range of the algorithm
* IntegrityError
  + SignatureError       a signature does not check out; ``reason`` says why
  + DecryptionError      a ciphertext or its tag does not check out
* UnavailableError
  + ProviderFailureError a library broke down in the middle: nothing is known about the input
"""

from trace_node.errors import ConfigError, InputError, IntegrityError, UnavailableError


class NoProviderError(ConfigError):
    """No installed library gives the known answers of an algorithm, so nothing may use it."""

    code = "config.no_provider"


class KeyFileError(ConfigError):
    """A key file is missing, readable by others, damaged, or its passphrase is wrong."""

    code = "config.key_file"


class KeyFormatError(InputError):
    """The bytes are not a key of the algorithm."""

    code = "input.key"


class ParameterError(InputError):
    """An argument lies outside the range that the algorithm allows."""

    code = "input.parameter"


class SignatureError(IntegrityError):
    """A signature does not check out; the finer code names the rule that it breaks."""

    code = "integrity.signature"


class DecryptionError(IntegrityError):
    """A ciphertext, its associated data or its tag does not check out."""

    code = "integrity.decryption"


class ProviderFailureError(UnavailableError):
    """A library broke down (memory, internal state); it says nothing about what it was given."""

    code = "unavailable.crypto"
