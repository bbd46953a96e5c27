"""What a measurement record says of its model: how it was trained, and how well it fits."""

from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.records.emission_parts import read_figure, read_word
from trace_node.accounting.records.measurement_parts import read_list
from trace_node.canonical_json import JsonObject
from trace_node.period import Period
from trace_node.record.fields import read_bytes, read_choice, read_name, require_keys
from trace_node.record.statement_fields import read_period
from trace_node.record.writing import write_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOf:
    """The model behind the third measurement (数学模型).

    Attributes:
        form: Its form.
        inputs: Activity data that it explains emission by, in order.
        target: The approach whose CO2 it was trained with.
        first: First period of the training rows.
        last: Last one.
        digest: SM3 of the training rows.
        coefficients: The constant in tonnes, then one for each input; twelve digits.
        rmse: Root of the mean square of the residuals, t.
        scatter: Residual standard deviation, t.
        beyond: Inputs outside the range that it was trained in.
    """

    form: str
    inputs: tuple[str, ...]
    target: Approach
    first: Period
    last: Period
    digest: bytes
    coefficients: tuple[Decimal, ...]
    rmse: Decimal
    scatter: Decimal
    beyond: tuple[str, ...]

    @classmethod
    def read(cls, fields: JsonObject) -> "ModelOf":
        """Read its members."""
        require_keys(
            fields,
            frozenset(
                {
                    *("beyond", "coefficients", "digest", "first", "form", "inputs", "last"),
                    *("rmse", "scatter", "target"),
                }
            ),
        )
        return cls(
            form=read_word(fields, "form"),
            inputs=read_list(fields, "inputs", read_name),
            target=Approach(read_choice(fields, "target", frozenset(Approach))),
            first=read_period(fields, "first"),
            last=read_period(fields, "last"),
            digest=read_bytes(fields, "digest"),
            coefficients=read_list(fields, "coefficients", read_figure),
            rmse=read_figure(fields, "rmse"),
            scatter=read_figure(fields, "scatter"),
            beyond=read_list(fields, "beyond", read_name),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "beyond": list(self.beyond),
            "coefficients": [f"{each:f}" for each in self.coefficients],
            "digest": write_bytes(self.digest),
            "first": self.first.name,
            "form": self.form,
            "inputs": list(self.inputs),
            "last": self.last.name,
            "rmse": f"{self.rmse:f}",
            "scatter": f"{self.scatter:f}",
            "target": self.target.value,
        }
