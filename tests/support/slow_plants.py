"""Plants accounted for a second time: the guidelines' equations in fractions, typed from their text.

Nothing here reads a method file, parses a formula or rounds to fifty digits; factors are typed from
the guidelines too. Each function takes the numbers of a random plant and returns the case that the
product is given together with the figures that it must come to.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st
from support.accounting import given, line

from trace_node.accounting.methods.words import Choice

F = Fraction
C_TO_CO2 = F(44, 12)
SAR, AR6_FOSSIL = 21, F("29.8")
amounts = st.decimals(min_value="0.001", max_value=10**6, places=3)
heats = st.decimals(min_value=10, max_value=30, places=2)
contents = st.decimals(min_value="0.02", max_value="0.03", places=4)
shares = st.decimals(min_value="0.001", max_value="0.999", places=4)


@dataclass(frozen=True, kw_only=True)
class Plant:
    """A case by its method, and what the slow equations give of it.

    Attributes:
        method: Id of the method.
        case: What ``support.accounting.run`` is given.
        figures: Figures by the ids of the method's totals.
    """

    method: str
    case: dict
    figures: dict[str, Fraction]


def half_up(value: Fraction, places: int) -> Fraction:
    return F((2 * value * 10**places + 1) // 2, 10**places)


@st.composite
def underground_mines(draw: st.DrawFn) -> Plant:
    """Fuel, ventilated and drained gas, post-mining gas, power: methods 2.1, 2.3, 2.5, 2.7, C2."""
    fuel, carbon, oxidised, vent, drain, flared, co2, coal, power = (
        *(draw(amounts), draw(shares), draw(shares)),
        *(draw(amounts) for _ in range(6)),
    )
    flared = min(flared, vent)
    case = {
        "words": {"mine": "high", "grid_region": "CN", "grid_year": "2022"},
        "present": (
            *("combustion", "underground_ch4", "underground_co2", "post_mining", "electricity"),
        ),
        "lines": {
            "fuels": (
                line(
                    "diesel",
                    {"fuel": "diesel", "state": "liquid"},
                    FC=given(fuel, "t"),
                    carbon=given(carbon, "tC/t", basis="as received"),
                    OF=given(oxidised, "1", choice=Choice.SUPPLIER),
                ),
            )
        },
        "Q_vent": given(vent, "1e4Nm3[CH4]"),
        "Q_drain": given(drain, "1e4Nm3[CH4]"),
        "Q_flared": given(flared, "1e4Nm3[CH4]"),
        "Q_used": given(0, "1e4Nm3[CH4]"),
        "Q_vent_co2": given(co2, "1e4Nm3[CO2]"),
        "Q_drain_co2": given(0, "1e4Nm3[CO2]"),
        "Q_used_co2": given(0, "1e4Nm3[CO2]"),
        "raw_coal": given(coal, "t"),
        "EL_bought": given(power, "MWh"),
        "EL_sold": given(0, "MWh"),
        "EL_nonfossil": given(0, "MWh"),
    }
    direct = F(fuel) * F(carbon) * F(oxidised) * C_TO_CO2 + F(co2) * F("19.7")
    direct += F(power) * F("0.5703")
    methane = (F(vent) + F(drain) - F(flared)) * F("7.17") + F(coal) * F("2.01") / 1000
    return Plant(
        method="cn.ndrc.coal.2014.underground",
        case=case,
        figures={"total": direct + SAR * methane, "iso14064": direct + AR6_FOSSIL * methane},
    )


@st.composite
def open_pits(draw: st.DrawFn) -> Plant:
    """Raw coal, slow oxidation by the coal left, a soil that gains carbon: methods 2.6 to 2.8."""
    coal, left, heat, content, burnt, area, gain = (
        *(draw(amounts), draw(amounts), draw(heats), draw(contents), draw(shares)),
        *(draw(amounts), draw(shares)),
    )
    case = {
        "words": {"grid_region": "CN", "grid_year": "2022"},
        "present": ("open_pit_ch4", "post_mining", "slow_oxidation", "soil_sink"),
        "lines": {
            "faces": (
                line(
                    "north",
                    G_left=given(left, "t"),
                    Q_slow=given(heat, "MJ/kg"),
                    C_slow=given(content, "kgC/MJ"),
                    m_slow=given(burnt, "1"),
                    k_recovery=given("0.8", "1"),
                ),
            ),
            "soils": (line("a", A_soil=given(area, "ha"), dSOC=given(gain, "tC/(ha*yr)")),),
        },
        "raw_coal": given(coal, "t"),
        "sink_days": given(365, "d"),
    }
    slow = F(left) * 1000 * F(heat) * F(content) * F(burnt) * C_TO_CO2 / 1000
    methane = F(coal) * (F("1.34") + F("0.34")) / 1000
    sinks = F(area) * F(gain) * C_TO_CO2
    gross = slow + SAR * methane
    figures = {"gross": gross, "net": gross - sinks, "iso14064": slow + AR6_FOSSIL * methane}
    return Plant(method="cn.ndrc.coal.2014.open_pit", case=case, figures=figures)


@st.composite
def clinker_lines(draw: st.DrawFn) -> Plant:
    """Portland and white clinker, carbide slag in place of limestone: methods 7.1."""
    portland, white, slag = draw(amounts), draw(amounts), draw(amounts)
    case = {
        "present": ("calcination", "substitutes"),
        "lines": {
            "clinkers": (
                line("a", {"clinker": "portland"}, AD_clinker=given(portland, "t")),
                line("b", {"clinker": "white_portland"}, AD_clinker=given(white, "t")),
            ),
            "substitutes": (line("a", {"material": "carbide_slag"}, m_alt=given(slag, "t")),),
        },
    }
    line_total = F(portland) * F("0.535") + F(white) * F("0.550") - F(slag) * F("0.480")
    return Plant(method="cn.ets.cement.2024.line", case=case, figures={"ets": line_total})


@st.composite
def steel_works(draw: st.DrawFn) -> Plant:
    """Coke and anthracite by their defaults, rounded where the guideline says: methods 5.1 (1)."""
    defaults = {"coke": ("28.435", "0.02942"), "anthracite": ("25.024", "0.02749")}
    masses = {fuel: draw(amounts) for fuel in defaults}
    case = {
        "present": ("combustion",),
        "lines": {
            "fuels": tuple(
                line(fuel, {"fuel": fuel}, FC=given(mass, "t")) for fuel, mass in masses.items()
            )
        },
    }
    total = sum(
        half_up(F(mass), 2) * F(defaults[fuel][0]) * F(defaults[fuel][1]) * C_TO_CO2
        for fuel, mass in masses.items()
    )
    figures = {"ets": half_up(total, 0)}
    return Plant(method="cn.ets.steel.2024.enterprise", case=case, figures=figures)


@st.composite
def chemical_plants(draw: st.DrawFn) -> Plant:
    """Coal and synthesis gas in, tar out: methods C9, the gas by its measured composition."""
    coal, content, gas, monoxide, dioxide, tar = (
        *(draw(amounts), draw(shares), draw(amounts)),
        *(draw(shares) / 3, draw(shares) / 3, draw(amounts)),
    )
    monoxide, dioxide = round(monoxide, 4), round(dioxide, 4)
    x = dict.fromkeys(
        ("CH4", "C2H4", "C2H6", "C3H6", "C3H8", "C4H8", "C4H10", "N2", "O2", "H2O"), Decimal(0)
    ) | {"CO": monoxide, "CO2": dioxide, "H2": 1 - monoxide - dioxide}
    case = {
        "words": {"grid_region": "CN", "grid_year": "2023"},
        "present": ("feedstock",),
        "lines": {
            "inputs": (
                line(
                    "coal", {"material": "coal"}, M_in=given(coal, "t"), C_in=given(content, "tC/t")
                ),
                line(
                    "gas",
                    {"material": "gas_by_composition"},
                    V_in=given(gas, "1e4Nm3[gas]"),
                    **{f"x_in_{name}": given(share, "1") for name, share in x.items()},
                ),
            ),
            "outputs": (
                line("tar", {"material": "tar"}, M_out=given(tar, "t"), C_out=given("0.9", "tC/t")),
            ),
        },
    }
    carbon = F(coal) * F(content) - F(tar) * F("0.9")
    carbon += F(gas) * 12 * (F(monoxide) + F(dioxide)) * 10 / F("22.4")
    return Plant(method="cn.ndrc.chemical.2013", case=case, figures={"total": carbon * C_TO_CO2})


@st.composite
def paper_mills(draw: st.DrawFn) -> Plant:
    """Waste water of a mill without recovery: methods C6."""
    water, inlet, share = draw(amounts), draw(amounts), draw(shares)
    outlet = round(inlet * share, 3)
    case = {
        "words": {"grid_region": "CN", "grid_year": "2023"},
        "present": ("wastewater",),
        "lines": {
            "wastewaters": (
                line(
                    "a",
                    W_water=given(water, "m3[water]"),
                    COD_in=given(inlet, "kgCOD/m3[water]"),
                    COD_out=given(outlet, "kgCOD/m3[water]"),
                    S_sludge=given(0, "kgCOD"),
                    R_CH4=given(0, "kgCH4"),
                ),
            )
        },
    }
    methane = F(water) * (F(inlet) - F(outlet)) * F("0.25") * F("0.5") / 1000
    return Plant(method="cn.ndrc.paper.2015", case=case, figures={"total": methane * SAR})
