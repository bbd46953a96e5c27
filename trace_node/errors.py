"""The root of every error the product raises, and its general kinds.

* TraceNodeError
  + InputError           what was handed in breaks a rule: nothing was stored
  |   + TooLargeError    over a stated bound, refused before it is parsed
  + ConflictError        well-formed, but contradicts what is already recorded
  + NotFoundError        no such thing here
  + AccessError          the caller may not do this
  + IntegrityError       stored or presented evidence does not check out
  + ConfigError          a setting or file of the operator is wrong
  + UnavailableError     something we depend on does not answer: try again later
  |   + BusyError        a bounded queue is full: try again after a stated time
  + StateError           refused because going on would lose or fork data

Packages derive their own errors from these kinds in their own ``errors`` module. ``code`` is
stable: the HTTP layer, the command line and the tests use it, never the text. Texts are templates
with named parameters, so that the edge can translate them (gettext) before filling the values in.
"""

from typing import ClassVar


class TraceNodeError(Exception):
    """Root of all errors of the product.

    Args:
        template: English message with ``{name}`` parameters; also the gettext message id.
        field: Name of the field, file or argument that is wrong; empty when there is none.
        remedy: What the reader can do about it; a template over the same parameters.
        code: Overrides the dotted code of the class for one finer case.
        params: Values of the templates' parameters.
    """

    code: ClassVar[str] = "error"

    def __init__(
        self,
        template: str,
        /,
        *,
        field: str = "",
        remedy: str = "",
        code: str | None = None,
        **params: object,
    ) -> None:
        self.template = template
        self.field = field
        self.remedy_template = remedy
        self.params: dict[str, object] = {"field": field, **params}
        self.reason = code or type(self).code
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The English message with its parameters filled in."""
        return self.template.format(**self.params)

    @property
    def remedy(self) -> str:
        """The English remedy with its parameters filled in; empty when none was given."""
        return self.remedy_template.format(**self.params)


class InputError(TraceNodeError):
    """What was handed in breaks a rule; nothing was stored."""

    code = "input"


class TooLargeError(InputError):
    """What was handed in is over a stated bound; it was not parsed."""

    code = "input.too_large"


class ConflictError(TraceNodeError):
    """Well-formed, but contradicts what is already recorded."""

    code = "conflict"


class NotFoundError(TraceNodeError):
    """There is no such thing here."""

    code = "not_found"


class AccessError(TraceNodeError):
    """The caller may not do this."""

    code = "access"


class IntegrityError(TraceNodeError):
    """Stored or presented evidence does not check out."""

    code = "integrity"


class ConfigError(TraceNodeError):
    """A setting or a file of the operator is wrong."""

    code = "config"


class UnavailableError(TraceNodeError):
    """Something this depends on does not answer; trying again later can help."""

    code = "unavailable"


class BusyError(UnavailableError):
    """A bounded queue is full.

    Args:
        template: See ``TraceNodeError``.
        retry_after: Seconds after which trying again is reasonable, at least 1.
    """

    code = "unavailable.busy"

    def __init__(
        self, template: str, /, *, retry_after: int = 1, field: str = "", **params: object
    ) -> None:
        super().__init__(
            template,
            field=field,
            remedy="try again in {retry_after} s",
            code=None,
            retry_after=retry_after,
            **params,
        )
        self.retry_after = retry_after


class StateError(TraceNodeError):
    """Refused because going on would lose, fork or overwrite data."""

    code = "state"
