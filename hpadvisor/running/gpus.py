"""Which GPUs there are to use, and which of them a worker takes."""

from __future__ import annotations

from collections.abc import Sequence

from hpadvisor.errors import UserError

VARIABLE = "CUDA_VISIBLE_DEVICES"
MOST = 1024


def read_gpus(text: str) -> list[str]:
    """Read ``0-7``, ``0,2,5`` or a mixture; names such as ``GPU-8f2a…`` or ``MIG-…`` stay.

    Raises:
        UserError: it is empty, a range runs backwards, or one stands twice.
    """
    found: list[str] = []
    for part in (part.strip() for part in text.split(",")):
        low, dash, high = part.partition("-")
        if dash and low.isdecimal() and high.isdecimal():
            if int(high) < int(low) or int(high) > MOST:
                raise UserError(f"'{part}' is no range of GPUs", path="--gpus", remedy="0-7")
            found += [str(number) for number in range(int(low), int(high) + 1)]
        elif part.isdecimal() or part.startswith(("GPU-", "MIG-")):
            found.append(part)
        else:
            raise UserError(f"'{part}' is no GPU", path="--gpus", remedy="Such as 0-7 or 0,2.")
    if len(set(found)) < len(found):
        raise UserError(f"'{text}' names a GPU twice", path="--gpus")
    return found


def shares(gpus: Sequence[str], each: int) -> list[list[str]]:
    """Deal GPUs to workers, ``each`` to one; those that are left over stay idle.

    Raises:
        UserError: there are fewer than one worker needs.
    """
    if len(gpus) < each:
        raise UserError(
            f"a trial needs {each} GPUs, and {len(gpus)} are named", path="--gpus-per-trial"
        )
    return [list(gpus[k : k + each]) for k in range(0, len(gpus) - each + 1, each)]
