"""The types of statement that say what figures are worth, and what was measured beside them."""

from types import MappingProxyType
from typing import Final

from trace_node.accounting.records.accuracy import ACCURACY, Accuracy
from trace_node.accounting.records.measurement import MEASUREMENT, MeasurementRecord
from trace_node.accounting.records.measurement_plan import MEASUREMENT_PLAN, MeasurementPlan
from trace_node.accounting.records.uncertainty import UNCERTAINTY, Uncertainty
from trace_node.record.statement import Content

MEASURED_CONTENTS: Final = MappingProxyType[str, type[Content]](
    {
        ACCURACY: Accuracy,
        MEASUREMENT: MeasurementRecord,
        MEASUREMENT_PLAN: MeasurementPlan,
        UNCERTAINTY: Uncertainty,
    }
)
OF_MEASUREMENT: Final = Accuracy | MeasurementPlan | MeasurementRecord | Uncertainty
