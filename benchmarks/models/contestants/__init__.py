"""The libraries whose instances are measured, one file each."""
