"""The command: ``python -m benchmarks.speed diagnose|check|startup|weight [options]``.

Each exits with 1 when one of its limits is missed; ``--help`` behind its name shows its options.
"""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

import hpadvisor
from benchmarks.speed import check, diagnose, startup, weight

COMMANDS = {"diagnose": diagnose.main, "check": check.main, "startup": startup.main,
            "weight": weight.main}  # fmt: skip


def main() -> int:
    """Run the benchmark that is named."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        print(__doc__)
        return 0 if name in ("-h", "--help") else 2
    # An installed package is always byte-compiled; a checkout may not be.
    compileall.compile_dir(str(Path(hpadvisor.__file__).parent), quiet=1)
    return COMMANDS[name](sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
