"""The emission of a span up to now as JSON, for the command line and for HTTP."""

from api.inventory_json import figures_json
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.services.live_figures import LiveFigures


def live_json(found: LiveFigures) -> JsonObject:
    """A span up to now as JSON; decimals are texts."""
    sources: list[JsonValue] = [
        {"gas": gas, "purpose": purpose, "source": source, "value": f"{mass:f}"}
        for (purpose, source, gas), mass in found.masses().items()
    ]
    parts: list[JsonValue] = [
        {
            "findings": [*part.emission.findings],
            "flags": [flag.to_json() for flag in part.flags],
            "leaf": part.index,
            "method": part.emission.method,
            "period": part.emission.period.name,
            "standing": part.emission.standing.value,
        }
        for part in found.parts
    ]
    return {
        "demonstrations": list(found.demonstrations),
        "figures": figures_json(found.span_figures()),
        "from": found.begin.isoformat(),
        "gaps": [{"period": gap.period.name, "code": gap.error.reason} for gap in found.gaps],
        "parts": parts,
        "sources": sources,
        "standing": found.standing.value,
        "to": found.end.isoformat(),
        "until": found.until.isoformat(),
    }
