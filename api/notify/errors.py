"""Errors of the channels.

* UnavailableError
  + ChannelError         an alert did not arrive
* ConfigError
  + ChannelConfigError   a channel is set up in a way that cannot work
"""

from typing import ClassVar

from trace_node.errors import ConfigError, UnavailableError


class ChannelError(UnavailableError):
    """An alert did not arrive; it is sent again."""

    code: ClassVar[str] = "board.channel"


class ChannelConfigError(ConfigError):
    """A channel is set up in a way that cannot work."""

    code: ClassVar[str] = "config.channel"
