"""The public page of a batch: one HTML file without scripts, in the reader's language."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from html import escape
from typing import Final

from api.footprint_words import flag_text, gap_text, side_text, stage_text
from api.i18n import translations
from trace_node.accounting.footprint.footprint import Footprint, SideTotal, StageValue

_SHOWN: Final = Decimal("0.001")
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;"
    "max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{padding:.35rem .5rem;border-bottom:1px solid #ccc;text-align:left}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".gap{background:#fff3cd}img{width:10rem;height:10rem}"
)


def page_of(
    found: Footprint,
    *,
    language: str,
    origin: str,
    is_on_record: bool,
    paths: Callable[[str], str],
) -> bytes:
    """The page.

    Args:
        found: The footprint.
        language: ``zh_CN`` or ``en``.
        origin: Origin of the log.
        is_on_record: Whether a footprint of the batch is a leaf of the log.
        paths: Path of what stands beside the page: ``qr``, ``record`` and ``proof``.
    """
    page = _Page(found, language)
    return "\n".join(page.lines(origin=origin, is_on_record=is_on_record, paths=paths)).encode()


class _Page:
    def __init__(self, found: Footprint, language: str) -> None:
        self._found = found
        self._language = language

    def _text(self, template: str, **params: str) -> str:
        text = translations(self._language).gettext(template)
        return escape(text.format(**params))

    def lines(
        self, *, origin: str, is_on_record: bool, paths: Callable[[str], str]
    ) -> Iterator[str]:
        """The page, line by line."""
        found, tag = self._found, self._language.replace("_", "-")
        title = self._text("Carbon footprint of batch {batch}", batch=found.batch.name)
        yield f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
        yield f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        about = self._text(
            "{product}, {mass} t, of {organisation}; figures in kgCO2e per tonne, {gwp_set}",
            product=found.batch.product,
            mass=f"{found.batch.mass:f}",
            organisation=found.batch.organisation,
            gwp_set=found.gwp_set,
        )
        yield f"<p>{about}</p>"
        yield from self._table()
        yield from self._gaps()
        yield from self._flags()
        yield from self._quality()
        yield from self._proof(origin, paths if is_on_record else None)
        alt = self._text("QR code of this page")
        yield f'<p><img src="{escape(paths("qr"))}" alt="{alt}"></p></body></html>'

    def _table(self) -> Iterator[str]:
        stage, value = self._text("Stage"), self._text("Value")
        spread = self._text("Standard uncertainty")
        yield f'<table><tr><th>{stage}</th><th class="n">{value}</th>'
        yield f'<th class="n">{spread}</th></tr>'
        for total in (self._found.gate, self._found.downstream):
            for each in self._found.stages:
                if each.side is total.side:
                    yield self._row(escape(stage_text(each.stage, self._language)), each)
            name = escape(side_text(total.side, self._language))
            yield self._row(f"<strong>{name}</strong>", total)
        yield "</table>"
        text = (
            "Use and transport behind the gate are shown apart and are not part of the footprint."
        )
        yield f"<p>{self._text(text)}</p>"

    def _row(self, name: str, each: StageValue | SideTotal) -> str:
        kind = "" if each.is_complete else ' class="gap"'
        note = "" if each.is_complete else f" ({self._text('incomplete')})"
        value, u = _number(each.value), _number(each.u)
        return (
            f'<tr{kind}><td>{name}{note}</td><td class="n">{value}</td><td class="n">{u}</td></tr>'
        )

    def _gaps(self) -> Iterator[str]:
        if not self._found.gaps:
            yield f"<p>{self._text('Nothing is missing.')}</p>"
            return
        yield f"<h2>{self._text('What is missing')}</h2><ul>"
        for gap in self._found.gaps:
            stage = escape(stage_text(gap.stage, self._language))
            why = escape(gap_text(gap.code, self._language))
            yield f'<li class="gap">{stage}: {why}</li>'
        yield "</ul>"

    def _flags(self) -> Iterator[str]:
        if self._found.flags:
            yield f"<h2>{self._text('To be looked at twice')}</h2><ul>"
            for flag in self._found.flags:
                why = escape(flag_text(flag.code, self._language))
                yield f'<li class="gap">{why}: {escape(flag.subject)}</li>'
            yield "</ul>"

    def _quality(self) -> Iterator[str]:
        found = self._found
        if found.primary_share is not None:
            share = _percent(found.primary_share)
            yield f"<p>{self._text('Primary data: {share}', share=share)}</p>"
        if found.coverage is not None:
            share = _percent(found.coverage)
            yield f"<p>{self._text('Coverage: {share}', share=share)}</p>"

    def _proof(self, origin: str, paths: Callable[[str], str] | None) -> Iterator[str]:
        yield f"<h2>{self._text('Check it yourself')}</h2>"
        text = self._text(
            "The figures rest on {count} leaves of the log {origin}; each was verified just now.",
            count=str(len(self._found.links)),
            origin=origin,
        )
        yield f"<p>{text}</p>"
        if paths is None:
            yield f"<p>{self._text('The footprint is not on record yet.')}</p>"
            return
        record, proof = escape(paths("record")), escape(paths("proof"))
        yield f'<p><a href="{record}">{self._text("The footprint on record")}</a></p>'
        yield f'<p><a href="{proof}">{self._text("Proof that the record is in the log")}</a></p>'


def _number(value: Decimal | None) -> str:
    """Three decimals; a gap is a question mark, never a zero."""
    return "?" if value is None else f"{value.quantize(_SHOWN):f}"


def _percent(share: Decimal) -> str:
    """A fraction for people, in percent with one decimal."""
    return f"{share * 100:.1f} %"
