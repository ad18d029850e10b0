"""Readers: places of keys and values, loaders, and hostile input in bounded time."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hpadvisor.checking.running import check_text
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.errors import UserError
from hpadvisor.readers import json_nodes, python_nodes, toml_nodes, yaml_nodes
from hpadvisor.readers.documents import parse_document
from hpadvisor.readers.scalars import UNKNOWN, LoaderProfile, resolve
from hpadvisor.readers.scripts.source import UNKNOWN_TAG
from hpadvisor.readers.yaml_nodes import Node


def scalar(text: str) -> Node:
    return yaml_nodes.compose(f"k: {text}", "t")[0].pairs[0][1]


@pytest.mark.parametrize(
    ("text", "profile", "value"),
    [
        ("5e-5", "yaml11", "5e-5"),
        ("5e-5", "yaml11-floats", 5e-5),
        ("5e-5", "yaml12", 5e-5),
        ("5.0e-5", "yaml11", 5e-5),
        ("00143", "yaml11", 99),
        ("00143", "yaml12", 143),
        ("on", "yaml11", True),
        ("on", "yaml12", "on"),
        ("12:30", "yaml11", 750),
        ("12:30", "yaml12", "12:30"),
        ("'0.1'", "yaml11", "0.1"),
        ("${lr}", "yaml11", UNKNOWN),
        ("auto", "yaml11", UNKNOWN),
        ("???", "yaml12", UNKNOWN),
        ("!new:torch.optim.Adam", "yaml12", UNKNOWN),
        ("!!float 1e-3", "yaml11", 1e-3),
    ],
)
def test_loaders(text: str, profile: LoaderProfile, value: object) -> None:
    assert resolve(scalar(text), profile) == value


@given(st.from_regex(r"[-+]?[0-9._eE:x+-]{1,9}|on|off|yes|no|null|~|0o17|0b11", fullmatch=True))
def test_yaml11_is_what_pyyaml_reads(text: str) -> None:
    try:
        wanted = yaml.safe_load(f"k: {text}")["k"]
        node = scalar(text)
    except (yaml.YAMLError, ValueError, UserError, IndexError, TypeError, KeyError):
        return
    if node.kind != "scalar" or not isinstance(wanted, str | int | float | bool | None):
        return
    got = resolve(node, "yaml11")
    assert got is UNKNOWN or got == wanted or (got != got and wanted != wanted)  # noqa: PLR0124


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)


def plain(node: Node) -> object:
    if node.kind == "scalar":
        return node.text if node.quoted else yaml_nodes.plain_scalar(node.text)
    if node.kind == "sequence":
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.pairs}


@given(value=JSON_VALUES, indent=st.sampled_from([None, 0, 2]))
def test_json_is_what_json_reads(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=indent == 0)
    assert plain(json_nodes.compose(text, "t")[0]) == value


def test_json_takes_comments_and_trailing_commas() -> None:
    text = '// head\n{\n  "a": [1, 2,], # why\n  /* more */ "b": {"c": 1e-5,},\n}\n'
    root = json_nodes.compose(text, "t")[0]
    assert plain(root) == {"a": [1, 2], "b": {"c": 1e-5}}
    node = root.at(("b", "c"))
    assert (node.line, node.column, text[node.start : node.end]) == (4, 25, "1e-5")


@pytest.mark.parametrize(
    "text", ["{", '{"a" 1}', "[1 2]", '{"a": }', "{1}]", '{"a": tru}', "[,]", "[1,,2]"]
)
def test_json_that_is_none_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(UserError) as raised:
        json_nodes.compose("\n" + text, "t")
    assert raised.value.line == 2


def test_toml_places() -> None:
    text = (
        'top = 1\n[a.b]\n"lr" = 1_000.5 # x\nlist = [\n  1,\n  {k = "v"},\n]\n[[run]]\nseed = 1\n'
        "[[run]]\nseed = 2\nwhen = 1979-05-27 07:32:00\n"
    )
    root = toml_nodes.compose(text, "t")[0]
    for path, place, raw in (
        (("a", "b", "lr"), (3, 8), "1_000.5"),
        (("a", "b", "list", 1, "k"), (6, 8), '"v"'),
        (("run", 1, "seed"), (11, 8), "2"),
    ):
        node = root.at(path)
        assert (node.line, node.column) == place
        assert text[node.start : node.end] == raw


def test_python_configs_are_read_and_not_run(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    text = (
        f"open({str(trap)!r}, 'w')\nimport os\nrate = 1e-3\n"
        "optim_wrapper = dict(type='é', optimizer=dict(type=torch.optim.AdamW, lr=rate))\n"
        "train_cfg = dict(max_epochs=2 * 3, workers=os.cpu_count())\n"
    )
    root = python_nodes.compose(text, "t")[0]
    node = root.at(("optim_wrapper", "optimizer", "lr"))
    assert (node.text, node.line, node.column) == ("0.001", 3, 8)
    assert root.at(("optim_wrapper", "optimizer", "type")).text == "torch.optim.AdamW"
    assert root.at(("train_cfg", "max_epochs")).text == "6"
    assert root.at(("train_cfg", "workers")).tag == UNKNOWN_TAG
    assert not trap.exists()


HOSTILE = {
    "deep flow": b"[" * 100_000,
    "deep block": b"".join(b" " * n + b"a:\n" for n in range(400)),
    "aliases": b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30)
    ),
    "merges": b"a0: &a0 {x: 1}\n"
    + b"".join(
        b"a%d: &a%d {<<: [%s]}\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9))
        for n in range(1, 30)
    ),
    "self alias": b"a: &a [*a]\n",
    "huge scalar": b"lr: " + b"9" * 2_000_000 + b"\n",
    "huge text": b"lr: '" + b"x" * 3_900_000 + b"'\n",
    "too large": b"a: 1\n" * 2_000_000,
    "zero": b"lr: 0.1\n\0\n",
    "latin": b"name: \xe9\n",
    "many keys": b"".join(b"k%d: 1\n" % n for n in range(60_000)),
    "one key often": b"lr: 0.1\n" * 30_000,
    "empty": b"",
    "tags": b"!!python/object/apply:os.system ['true']\n",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", ["yaml", "json", "toml", "py"])
def test_hostile_input_ends_in_a_result_or_one_error(name: str, suffix: str) -> None:
    try:
        result = check_text(HOSTILE[name], f"t.{suffix}", CheckSettings(persona="pedantic"))
    except UserError as error:
        message, count = str(error), 0
    else:
        message, count = "", len(result.findings)
    assert "\n" not in message
    assert count <= 500


SEEDS = [
    b"method: bayes\nmetric: {name: val_loss, goal: maximize}\n"
    b"parameters:\n  lr: {min: 1e-5, max: 1}\n",
    b'{"lr": {"_type": "uniform", "_value": [0.1, 1]},'
    b' "opt": {"_type": "choice", "_value": ["a"]}}\n',
    b"[optimizer]\nlr = 1e-3\n[[run]]\nseed = [1, 2]\n",
    b"optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))\n",
    b"base_model: m\nadapter: lora\ndatasets: [{path: d}]\nlearning_rate: 0.1 "
    b"# hpadvisor: ignore[X]\n",
    b"defaults:\n  - a: b\nhydra:\n  sweeper:\n    params:\n"
    b"      lr: interval(0.1, 1)\n    n_trials: 3\n",
]


@given(seed=st.integers(0, 2**32), suffix=st.sampled_from(["yaml", "json", "toml", "py"]))
def test_mutated_configs_raise_nothing_but_user_errors(seed: int, suffix: str) -> None:
    source = random.Random(seed)  # noqa: S311
    data = bytearray(source.choice(SEEDS))
    for _ in range(source.randint(1, 8)):
        at = source.randrange(len(data) + 1)
        piece = source.choice(
            [
                b"\t",
                b"{",
                b"]",
                b": ",
                b"- ",
                b"&a ",
                b"*a",
                b"#",
                b"'",
                b'"',
                b"\xc3\xa9",
                b"\r\n",
                b"0",
                b"!x ",
                b"|\n",
            ]
        )
        data[at : at + source.randint(0, 3)] = piece
    try:
        parse_document(bytes(data), f"t.{suffix}")
        check_text(bytes(data), f"t.{suffix}", CheckSettings(persona="pedantic"))
    except UserError:
        pass


@pytest.mark.parametrize("text", [r'{"learnin\g_rate": 1}', r'{"path": "C:\data"}'])
def test_a_backslash_that_escapes_nothing_is_no_json(text: str) -> None:
    with pytest.raises(UserError, match="a backslash that escapes nothing"):
        json_nodes.compose(text, "config.json")


def test_escapes_in_texts_of_json_are_read() -> None:
    root = json_nodes.compose(r"""{"a\u0062": "x\n\"", 'it\'s': 1}""", "config.json")[0]
    assert [key.text for key, _ in root.pairs] == ["ab", r"it\'s"]
    assert root.pairs[0][1].text == 'x\n"'
