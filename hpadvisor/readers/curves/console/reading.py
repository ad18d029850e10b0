"""Reading of console logs, whole or as they grow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import numpy as np

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.console import formats, positional
from hpadvisor.readers.curves.console.assembly import Gathered, table_of_log
from hpadvisor.readers.curves.console.cleaning import plain_line, plain_text, records_of
from hpadvisor.readers.curves.console.echoes import settings_of
from hpadvisor.readers.curves.console.plans import Item, Place, Plan, RecordPlan, of_part
from hpadvisor.readers.curves.console.rows import Rows
from hpadvisor.readers.curves.console.scanning import NUMBER, Block, blocks_of
from hpadvisor.readers.curves.console.understanding import plan_of
from hpadvisor.readers.curves.tables import Table

PIECE_CHARACTERS: Final = 1 << 21
"""How much text is read at once."""

MAX_PLANS: Final = 20_000
MAX_HEADERS: Final = 10_000
ROWS_OF_PARTS: Final = 40
"""So many lines may stand below a line that names the columns as parts."""
_OF_USE: Final = re.compile(r"[=:]|loss|acc|epoch|step|iter|lr|\|", re.IGNORECASE)


class ConsoleReader:
    """Reads a console log piece by piece.

    Attributes:
        source: For messages.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._line = 0
        self._plans: dict[bytes, Plan | str] = {}
        self._gathered = Gathered(source)
        self._groups: dict[bytes, list[int]] = {}
        self._headers: list[tuple[float, positional.Header]] = []
        self._parts: list[tuple[float, list[str]]] = []
        self._cells: list[tuple[Block, positional.Cells]] = []

    def feed(self, lines: Iterable[str]) -> None:
        """Read more lines.

        Args:
            lines: Each with its end, but for the last.
        """
        piece: list[str] = []
        size = 0
        for line in lines:
            piece.append(line)
            size += len(line)
            if size >= PIECE_CHARACTERS:
                self._read("".join(piece))
                piece, size = [], 0
        if piece:
            self._read("".join(piece))

    def _read(self, text: str) -> None:
        plain = plain_text(text).removesuffix("\n")
        for block in blocks_of(plain, self._line):
            self._block(block)
        self._tables()
        self._line += plain.count("\n") + 1

    def _block(self, block: Block) -> None:
        plan = self._plans.get(block.shape)
        if plan is None:
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            plan = self._plans[block.shape] = _plan(block.sample)
        if self._parts and self._under_parts(block):
            return
        if isinstance(plan, str):
            if plan:
                self._gathered.left_out[plan] = self._gathered.left_out.get(plan, 0) + len(
                    block.lines
                )
            return
        single = len(plan.records) == 1 and plan.records[0].kept
        if single and len(records_of(block.sample)) > 1:
            self._apart(block)
        else:
            self._take(block, plan)

    def _apart(self, block: Block) -> None:
        """Lines into which several records were run are read part by part."""
        for place, line in zip(block.lines.tolist(), block.texts, strict=True):
            parts = records_of(line)
            for inner in blocks_of("\n".join(parts), place, 1e-3):
                plan = _plan(inner.sample)
                if not isinstance(plan, str):
                    self._take(inner, plan)

    def _under_parts(self, block: Block) -> bool:
        """Read rows of a table whose columns are parts; False where the lines are none."""
        starts = np.asarray([place for place, _ in self._parts])
        above = np.searchsorted(starts, block.lines) - 1
        near = (above >= 0) & (block.lines - starts[np.maximum(above, 0)] <= ROWS_OF_PARTS)
        parts = self._parts[int(above[0])][1]
        alike = all(self._parts[place][1] == parts for place in np.unique(above).tolist())
        record = positional.row_of_parts(parts, plain_line(block.sample)) if near.all() else None
        if record is None or not alike:
            return False
        self._gathered.groups.append(Rows(record, block.lines, block.values))
        return True

    def _take(self, block: Block, plan: Plan) -> None:
        gathered = self._gathered
        for number, record in enumerate(plan.records):
            if record.kept or record.places:
                gathered.groups.append(Rows(record, block.lines + 1e-6 * number, block.values))
        if plan.heading is not None:
            gathered.headings += [(place, plan.heading) for place in block.lines.tolist()]
        if plan.best:
            gathered.bests += block.lines.tolist()
        if plan.scored:
            return
        for name, told in settings_of(plan, block.values[0], int(block.lines[0]) + 1).items():
            gathered.told.setdefault(name, told)
        self._maybe_table(block, plan)

    def _maybe_table(self, block: Block, plan: Plan) -> None:
        """Keep what may be the header or a row of a table by position."""
        line = plain_line(block.sample)
        parts = positional.parts_of(line) if plan.words else None
        if parts is not None:
            self._parts += [(place, parts) for place in block.lines.tolist()]
            self._parts = sorted(self._parts)[-MAX_HEADERS:]
            return
        if len(plan.words) >= positional.FEWEST_NAMES and len(self._headers) < MAX_HEADERS:
            header = positional.header_of(line)
            if header is not None:
                self._headers += [(place, header) for place in block.lines.tolist()]
                return
        if block.values.shape[1] >= 2 and not plan.settings:
            cells = positional.cells_of(line)
            if cells is None:
                return
            known = positional.headerless(cells)
            record = None if known is None else positional.row_of(known, cells)
            if record is not None:
                self._gathered.groups.append(Rows(record, block.lines, block.values))
            else:
                self._cells.append((block, cells))

    def _tables(self) -> None:
        """Read the rows of this piece under the headers above them."""
        cells, self._cells = self._cells, []
        if not self._headers or not cells:
            return
        self._headers.sort(key=lambda one: one[0])
        starts = np.asarray([place for place, _ in self._headers])
        kinds: dict[tuple[tuple[str, ...], str], positional.Header] = {}
        keys = []
        for _, header in self._headers:
            key = (tuple(header.names), header.part)
            kinds.setdefault(key, header)
            keys.append(key)
        for block, row in cells:
            above = np.searchsorted(starts, block.lines) - 1
            for key, header in kinds.items():
                here = np.asarray([place >= 0 and keys[place] == key for place in above.tolist()])
                if not here.any():
                    continue
                record = positional.row_of(header, row)
                if record is not None:
                    self._gathered.groups.append(
                        Rows(record, block.lines[here], block.values[here])
                    )
        self._headers = self._headers[-200:]

    def table(self) -> Table:
        """The table of what was read.

        Raises:
            UserError: no line names a loss or score with a number.
        """
        table = table_of_log(self._gathered)
        if table is None:
            raise UserError(
                "no losses found",
                path=self.source,
                remedy="Give a log with lines such as 'epoch 3 loss=0.42 val_loss=0.5'.",
            )
        return table

    @property
    def scored_lines(self) -> int:
        """How many records with a loss or a metric were read."""
        return sum(len(group.order) for group in self._gathered.groups if group.plan.kept)


def _plan(sample: str) -> Plan | str:
    """What a line means; a text says why such lines are left out, empty for lines of no use."""
    for text, why in formats.LEFT_OUT:
        if text in sample:
            return why
    for known in formats.LINES:
        if known.contains in sample:
            plan = _known(known, sample)
            if plan is not None:
                return plan
    line = plain_line(sample)
    if "Class" in sample and "mAP@" in sample:  # its names hold numbers: "mAP@.5:.95"
        return Plan([RecordPlan()], words=line.split())
    plan = plan_of(line)
    _marked(plan, sample)
    if formats.STARRED.match(line) and _sums_up(plan):
        _give(plan, "val")
    return plan


def _marked(plan: Plan, sample: str) -> None:
    """What a text within the line says of its numbers."""
    for text, part in formats.PARTS:
        if text in sample:
            _give(plan, part)
    if formats.AVERAGED in sample:
        _means(plan)


def _means(plan: Plan) -> None:
    """Take the numbers in brackets where a line tells means."""
    for record in plan.records:
        for item in record.items:
            if item.mean is not None:
                item.slot, item.mean = item.mean, None


def _sums_up(plan: Plan) -> bool:
    """Whether a line is nothing but scores without a place and a part."""
    if len(plan.records) != 1 or plan.records[0].places:
        return False
    items = plan.records[0].items
    return len(items) >= 2 and all(item.score and not item.part for item in items)


def _give(plan: Plan, part: str) -> None:
    plan.records = [of_part(record, part) for record in plan.records]


def _known(known: formats.Line, sample: str) -> Plan | None:
    """A line of a declared pattern."""
    match = known.pattern.search(sample)
    if match is None:
        return None
    slots = {number.start(): slot for slot, number in enumerate(NUMBER.finditer(sample))}
    record = RecordPlan()
    for group in match.re.groupindex:
        slot = slots.get(match.start(group), slots.get(match.start(group) - 1))
        if slot is None:
            continue
        if group in ("epoch", "step"):
            record.places[group] = Place(slot)
        elif group in known.names:
            name = known.names[group]
            label = f"{known.part}_{name}" if known.part else name
            record.items.append(Item(label, known.part, slot, score=group != "lr"))
    return Plan([record])


def looks_like_console(lines: list[str]) -> bool:
    """Whether at least two of the lines name a loss or score with a number."""
    reader = ConsoleReader("")
    reader.feed(f"{line}\n" for line in lines)
    return reader.scored_lines >= (2 if len(lines) >= 4 else 1)


def read_console(lines: Iterable[str], source: str) -> Table:
    """Read a console log; each line is a record, neighbours of one place are joined.

    Raises:
        UserError: no line names a loss or score with a number.
    """
    reader = ConsoleReader(source)
    reader.feed(lines)
    return reader.table()
