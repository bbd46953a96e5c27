"""Product footprints (产品碳足迹): batches, their genealogy, and emission by life-cycle stage.

Every figure is a sum over logged stage emissions, supplier data and transport legs, each with its
share; what has no figure is a gap and stays one. Use and downstream transport stay outside the
gate, and nothing is netted: sinks, CCER and certificates have no place here.
"""
