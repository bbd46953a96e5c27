"""Errors of forecasts and ratings."""

from trace_node.errors import InputError


class OutlookError(InputError):
    """What is asked cannot be foretold or rated from what there is."""

    code = "outlook"
