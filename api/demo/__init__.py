"""The show of ``make run``: real processes, real sockets, and only what they really said."""
