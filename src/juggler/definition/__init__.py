"""What a model is made of: properties, shapes, definitions; parsing and fingerprints."""
