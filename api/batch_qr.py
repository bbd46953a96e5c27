"""QR codes of links."""

from io import BytesIO

import segno


def write_qr(text: str) -> bytes:
    """A QR code (二维码) as SVG, error correction M, with its quiet zone.

    Raises:
        ValueError: More than 2,331 bytes.
    """
    buffer = BytesIO()
    segno.make_qr(text, error="m").save(buffer, kind="svg", scale=4, border=4)
    return buffer.getvalue()
