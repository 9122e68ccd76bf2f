"""Validation over values: frozen rules, pure checks, runs that fill a report.  Knows no model."""
