"""For tests of juggler and of what is built on it; nothing here runs in a service."""
