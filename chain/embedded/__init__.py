"""The embedded chain: real EVM blocks in one SQLite file, made by one process, without set-up.

It gives tamper evidence against everybody but the operator of this machine; every proof anchored
here says "single operator". All of py-evm stays inside this package.

* ``provider.EmbeddedProvider`` serves web3.py inside this process.
* ``server.serve`` owns the file in a child process and answers JSON-RPC on a loopback port
  (``python -m chain.embedded``).
"""
