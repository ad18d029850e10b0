"""A file's documents to subjects with facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hpadvisor.errors import UserError
from hpadvisor.facts.configs.contradictions import contradiction_subjects
from hpadvisor.facts.configs.oddities import oddity_subjects
from hpadvisor.facts.configs.subjects import Subject, first_key_place, place_of_entry
from hpadvisor.readers.configs.formats import Recognised, Recogniser
from hpadvisor.readers.documents import Document, read_document
from hpadvisor.readers.scalars import UNKNOWN
from hpadvisor.readers.yaml_nodes import Node

if TYPE_CHECKING:
    from hpadvisor.checking.hydra import HydraTrees
    from hpadvisor.facts.configs.parameter import Parameter

_INCLUDES = (
    "defaults",
    "_base_",
    "_BASE_",
    "__include__",
    "base_config",
    "inherit_from",
    "parent",
)
_EVALUATION = re.compile(
    r"(?:^|[/_.-])(?:eval|evaluation|infer|inference|predict|test|export|generat\w*)(?:[/_.-]|$)"
)

_TRIAL_FOLDER = re.compile(
    r"(?:unit|integration|smoke)?[_-]?tests?|e2e|ci|debug(?:ging)?|smoke|dummy|toy|mocks?"
    r"|sanity(?:[_-]?checks?)?"
)
_FIXTURE_FOLDER = re.compile(
    r"(?:tests?[_-]?)?(?:fixtures?|testdata)|tests?[_-](?:data|configs?|inputs?|cases|assets)"
)
_RECORD_FOLDER = re.compile(
    r"(?:\w+[_-])?(?:results?|artifacts?|outputs?)|mlruns|wandb|checkpoints?(?:-\d+)?"
)
_TRIAL_NAME = re.compile(
    r"(?:^|[_.-])(?:smoke|debug|dummy|toy|sanity|unit_?test)(?:[_.-]|$)|^test_.*\.py$|_test\.py$"
)
_NEAR_FOLDERS = 3


def is_trial(path: str) -> bool:
    """Whether a file is there to try the code (tests, fixtures, smoke runs), not to train a model.

    Only the nearest folders count: those far above belong to the user, not to the project. Folders
    of fixtures are never a user's own and count at any depth.
    """
    place = Path(path.lower())
    folders = place.parent.parts
    return (
        _TRIAL_NAME.search(place.name) is not None
        or any(_TRIAL_FOLDER.fullmatch(part) for part in folders[-_NEAR_FOLDERS:])
        or any(_FIXTURE_FOLDER.fullmatch(part) for part in folders)
    )


def is_record(path: str) -> bool:
    """Whether a file is what a training wrote down (JSON among results), not what one starts from.

    A setting in it is past: nobody can change it there.
    """
    place = Path(path.lower())
    near = place.parent.parts[-_NEAR_FOLDERS:]
    return place.suffix == ".json" and any(_RECORD_FOLDER.fullmatch(part) for part in near)


def is_history(root: Node) -> bool:
    """Whether JSON is the record of a training: a history, or a list of losses."""
    if root.kind != "mapping":
        return False
    return any(
        (node := root.get(name)) is not None and node.kind == "sequence"
        for name in ("log_history", "train_loss", "training_loss", "val_loss")
    )


@dataclass(slots=True)
class Context:
    """What is shared between the files of a run."""

    recogniser: Recogniser
    cross_file: bool = True
    calls: bool = False
    _hydra: HydraTrees | None = None

    @property
    def hydra(self) -> HydraTrees:
        """The Hydra trees read so far."""
        if self._hydra is None:
            from hpadvisor.checking.hydra import HydraTrees

            self._hydra = HydraTrees()
        return self._hydra


def subjects_of(document: Document, context: Context) -> Iterator[tuple[str, list[Subject]]]:
    """Yield the format and the subjects of each recognised document of a file."""
    for root in _roots(document, context):
        if document.syntax == "json" and is_history(root):
            continue
        found = context.recogniser.recognise(root, document)
        if found is None:
            continue
        whole = _document(found, document)
        subjects = [whole]
        if found.format.search is not None:
            from hpadvisor.facts.configs.spaces import space_subjects

            extra = _other_space(found, document, context)
            subjects += space_subjects(found, document.text, whole, extra)
            _references(found, whole)
            if context.cross_file and document.syntax == "yaml":
                context.hydra.tree_mode(document.path, found, whole)
        if context.cross_file and _drives_hydra(found, document):
            context.hydra.missing_names(document.path, found, subjects)
        trainings = _trainings(found, document, whole)
        if context.cross_file and found.format.id == "hydra" and found.tree.find("defaults"):
            context.hydra.complete(document.path, found, trainings)
        subjects += trainings
        subjects += oddity_subjects(found, whole)
        subjects += contradiction_subjects(found, whole)
        yield found.format.id, subjects


def _roots(document: Document, context: Context) -> list[Node]:
    """Return the roots of a document, with the calls of a script where they are asked for."""
    if not context.calls or document.syntax != "python":
        return document.roots
    from hpadvisor.readers.scripts.calls import read_calls

    try:
        return [*document.roots, *read_calls(document.text, document.path)]
    except UserError:
        return document.roots  # a script that no space was looked for in may be of another Python


def _drives_hydra(found: Recognised, document: Document) -> bool:
    """Whether the parameters of a search are overrides of a Hydra config."""
    if found.format.search is None:
        return False
    if found.format.search.options.get("overrides"):
        return True
    # W&B passes parameters as name=value, Hydra's way, where its command asks for it.
    return found.format.id == "wandb-sweep" and "${args_no_hyphens}" in document.text


def _trainings(found: Recognised, document: Document, whole: Subject) -> list[Subject]:
    if found.format.training is None:
        return []
    from hpadvisor.facts.configs.trainings import training_subjects

    return training_subjects(found, document.text, document.path, whole)


def _document(found: Recognised, document: Document) -> Subject:
    subject = Subject("document", first_key_place(found.tree))
    form = found.format
    subject.state("config.format", form.id)
    subject.state("config.loader", found.tree.profile)
    subject.state("config.family", "search-space" if form.search else "training")
    keys = found.tree.keys()
    subject.state("config.stands_alone", not any(name in keys for name in _INCLUDES))
    subject.state("config.is_evaluation", _EVALUATION.search(document.path.lower()) is not None)
    subject.state("config.is_trial", is_trial(document.path))
    subject.state("config.is_record", is_record(document.path))
    subject.state("config.path", document.path)
    return subject


def _other_space(found: Recognised, document: Document, context: Context) -> list[Parameter]:
    """Read the search space that an experiment names as a file of its own."""
    search = found.format.search
    paths = () if search is None else search.options.get("file", ())
    if not paths:
        return []
    from hpadvisor.facts.configs.parameters import read_parameters

    for path in paths if context.cross_file else ():
        name = found.tree.value(path)
        if not isinstance(name, str) or name.startswith(("<", "/")):
            continue
        try:
            other = read_document(Path(document.path).parent / name)
        except (UserError, ValueError):
            continue
        for root in other.roots:
            space = context.recogniser.recognise(root, other)
            if space is not None and space.format.search is not None:
                return read_parameters(space.tree, space.format.search, strict=False)
    return []


def _references(found: Recognised, whole: Subject) -> None:
    """State the first parameter that a Katib trial refers to and the experiment lacks."""
    search = found.format.search
    path = None if search is None else search.options.get("references")
    if path is None or search is None:
        return
    names = whole.get("space.parameters")
    if not names:
        return
    for entry in found.tree.find_all(f"{path}.*.reference"):
        value = found.tree.resolve(entry.node) if entry.node.kind == "scalar" else UNKNOWN
        if isinstance(value, str) and value not in names and "${" not in value:
            whole.state("space.missing_reference", value, place_of_entry(entry))
            return
