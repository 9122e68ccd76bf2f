"""What the demo promises, each promise a check over HTTP."""
