"""How long a test waits for what has to come."""

#: Seconds that anything may take: only what never comes takes as long, on any machine.
PATIENCE = 600
