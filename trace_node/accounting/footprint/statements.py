"""The types of statement that batches and footprints are written in."""

from types import MappingProxyType
from typing import Final

from trace_node.accounting.footprint.batch_event import BATCH_EVENT, BatchEvent
from trace_node.accounting.footprint.record import FOOTPRINT, FootprintRecord
from trace_node.accounting.footprint.stage_emission import STAGE_EMISSION, StageEmission
from trace_node.accounting.footprint.supplier import SUPPLIER_FOOTPRINT, SupplierFootprint
from trace_node.record.statement import Content

FOOTPRINT_CONTENTS: Final = MappingProxyType[str, type[Content]](
    {
        BATCH_EVENT: BatchEvent,
        FOOTPRINT: FootprintRecord,
        STAGE_EMISSION: StageEmission,
        SUPPLIER_FOOTPRINT: SupplierFootprint,
    }
)
OF_FOOTPRINTS: Final = BatchEvent | FootprintRecord | StageEmission | SupplierFootprint
