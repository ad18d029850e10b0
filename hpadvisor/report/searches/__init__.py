"""An audit as text and JSON."""
