"""The memory connector and the layer above it, beside the JavaScript original on Node."""
