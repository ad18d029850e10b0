"""Console logs: lines to shapes, shapes to plans, plans to records, records to a table."""

from hpadvisor.readers.curves.console.reading import (
    ConsoleReader,
    looks_like_console,
    read_console,
)

__all__ = ["ConsoleReader", "looks_like_console", "read_console"]
