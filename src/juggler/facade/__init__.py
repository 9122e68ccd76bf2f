"""The public face of models: methods that reach their store, one line each."""
