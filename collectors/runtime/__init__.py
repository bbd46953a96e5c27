"""The collector process: point list, poller, recorder, spool, uploader; simulator and replay."""
