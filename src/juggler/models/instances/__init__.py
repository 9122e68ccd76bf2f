"""Instances: values coerced and checked on the way in, tracked, and out again as plain data."""
