"""HTTP interface, command line and the composition root."""
