"""Accounting: from activity data and measurements to figures of emission, each recomputable.

Pure: no input or output but the data of the package, no clock, no float.
"""
