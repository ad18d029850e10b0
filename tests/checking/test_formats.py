"""Adapters: the same space in every format gives the same facts, and trainings give theirs."""

# ruff: noqa: E501 - whole configs, a line each

from __future__ import annotations

from typing import Any

import pytest

from hpadvisor.checking.rules import load_rule_set
from hpadvisor.checking.subjects import Context, subjects_of
from hpadvisor.facts.configs.roles import optimizer_of, role_of
from hpadvisor.facts.configs.subjects import Subject
from hpadvisor.readers.documents import parse_document
from hpadvisor.readers.metrics import direction_of, split_of


def subjects(text: str, name: str) -> tuple[str, list[Subject]]:
    context = Context(load_rule_set().recogniser, cross_file=False)
    found = list(subjects_of(parse_document(text.encode(), name), context))
    assert len(found) == 1, f"{len(found)} documents recognised"
    return found[0]


# Each space searches lr from 1e-4 to 1e-1 on a log scale, and an optimizer of two.
SPACES = {
    ("wandb-sweep", "s.yaml"): (
        "method: random\nparameters:\n  lr: {distribution: log_uniform_values, min: 0.0001, max: 0.1}\n"
        "  optimizer: {values: [adam, sgd]}\n"
    ),
    ("katib", "k.yaml"): (
        "apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nspec:\n  algorithm: {algorithmName: random}\n"
        "  parameters:\n  - {name: lr, parameterType: double, feasibleSpace: {min: '0.0001', max: '0.1',"
        " distribution: logUniform}}\n"
        "  - {name: optimizer, parameterType: categorical, feasibleSpace: {list: [adam, sgd]}}\n"
    ),
    ("determined", "d.yaml"): (
        "searcher: {name: random, metric: loss}\nhyperparameters:\n"
        "  lr: {type: log, base: 10, minval: -4, maxval: -1}\n"
        "  optimizer: {type: categorical, vals: [adam, sgd]}\n  epochs: 3\n"
    ),
    ("nni-space", "n.json"): (
        '{"lr": {"_type": "loguniform", "_value": [0.0001, 0.1]},'
        ' "optimizer": {"_type": "choice", "_value": ["adam", "sgd"]}}'
    ),
    ("hydra-optuna", "o.yaml"): (
        "hydra:\n  sweeper:\n    n_trials: 20\n    params:\n      lr: tag(log, interval(1e-4, 0.1))\n"
        "      optimizer: choice(adam, sgd)\n"
    ),
    ("hydra-ax", "a.yaml"): (
        "hydra:\n  sweeper:\n    ax_config:\n      params:\n"
        "        lr: {type: range, bounds: [0.0001, 0.1], log_scale: true}\n"
        "        optimizer: {type: choice, values: [adam, sgd]}\n"
    ),
    ("hydra-nevergrad", "v.yaml"): (
        "hydra:\n  sweeper:\n    optim: {budget: 20}\n    params:\n"
        "      lr: {init: 0.01, lower: 0.0001, upper: 0.1, log: true}\n      optimizer: [adam, sgd]\n"
    ),
    ("ludwig-hyperopt", "l.yaml"): (
        "hyperopt:\n  parameters:\n    trainer.lr: {space: loguniform, lower: 0.0001, upper: 0.1}\n"
        "    optimizer: {space: choice, categories: [adam, sgd]}\n"
    ),
    ("azureml-sweep", "z.yaml"): (
        "sampling_algorithm: random\nsearch_space:\n"
        "  lr: {type: loguniform, min_value: -9.210340371976182, max_value: -2.302585092994046}\n"
        "  optimizer: {type: choice, values: [adam, sgd]}\n"
    ),
    ("gcp-hptuning", "g.yaml"): (
        "trainingInput:\n  hyperparameters:\n    goal: MINIMIZE\n    params:\n"
        "    - {parameterName: lr, type: DOUBLE, minValue: 0.0001, maxValue: 0.1,"
        " scaleType: UNIT_LOG_SCALE}\n"
        "    - {parameterName: optimizer, type: CATEGORICAL, categoricalValues: [adam, sgd]}\n"
    ),
    ("configspace", "c.yaml"): (
        "hyperparameters:\n  lr: {type: uniform_float, lower: 1e-4, upper: 0.1, log: true}\n"
        "  optimizer: {type: categorical, choices: [adam, sgd]}\n"
    ),
    ("mlcommons-tuning", "m.json"): (
        '{"lr": {"min": 1e-4, "max": 0.1, "scaling": "log"},'
        ' "optimizer": {"feasible_points": ["adam", "sgd"]}}'
    ),
    ("sigopt", "i.yaml"): (
        "metrics: [{name: loss, objective: minimize}]\nparameters:\n"
        "- {name: lr, type: double, bounds: {min: 0.0001, max: 0.1}, transformation: log}\n"
        "- {name: optimizer, type: categorical, categorical_values: [adam, sgd]}\n"
    ),
    ("ray-tune", "r.yaml"): (
        "exp:\n  run: PPO\n  config:\n    lr: tune.loguniform(1e-4, 1e-1)\n"
        "    optimizer: {grid_search: [adam, sgd]}\n"
    ),
    ("orion", "p.yaml"): "lr: orion~loguniform(1e-4, 0.1)\noptimizer: orion~choices(['adam', 'sgd'])\n",
    ("comet-optimizer", "t.json"): (
        '{"algorithm": "bayes", "spec": {"metric": "loss", "objective": "minimize"}, "parameters":'
        ' {"lr": {"type": "float", "scaling_type": "loguniform", "min": 0.0001, "max": 0.1},'
        ' "optimizer": {"type": "categorical", "values": ["adam", "sgd"]}}}'
    ),
    ("polyaxon", "y.yaml"): (
        "version: 1.1\nkind: operation\nmatrix:\n  kind: random\n  numRuns: 20\n  params:\n"
        "    lr: {kind: loguniform, value: '-9.210340371976182:-2.302585092994046'}\n"
        "    optimizer: {kind: pchoice, value: [[adam, 0.5], [sgd, 0.5]]}\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", SPACES, ids=lambda key: key[0])
def test_one_space_in_every_format(key: tuple[str, str]) -> None:
    form, name = key
    got, found = subjects(SPACES[key], name)
    assert got == form
    parameters = [s for s in found if s.each == "parameter" and s.get("parameter.varies")]
    rate, optimizer = parameters
    assert rate.get("parameter.role") == "learning_rate"
    assert rate.get("parameter.scale") == "log"
    assert rate.get("parameter.low") == pytest.approx(1e-4)
    assert rate.get("parameter.high") == pytest.approx(1e-1)
    assert rate.get("parameter.ratio") == pytest.approx(1000)
    assert optimizer.get("parameter.choices_count") == 2
    assert optimizer.get("space.optimizers_mixed") is True
    assert optimizer.get("space.dimensions") == 2


TRAININGS: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "axolotl", "a.yaml",
        "base_model: m\nadapter: qlora\ndatasets: [{path: d}]\nlearning_rate: 2e-4\nlora_r: 8\n"
        "lora_alpha: 16\noptimizer: paged_adamw_8bit\nmicro_batch_size: 2\n"
        "gradient_accumulation_steps: 4\n",
        {"kind": "lora", "optimizer": "adamw", "learning_rate": 2e-4, "lora_scale": 2,
         "effective_batch_size": 8},
    ),
    (
        "torchtune", "t.yaml",
        "model: {_component_: torchtune.models.llama3.lora_llama3_8b, lora_rank: 8, lora_alpha: 16}\n"
        "optimizer: {_component_: torch.optim.AdamW, lr: 3e-4}\nlr_scheduler: {num_warmup_steps: 100}\n",
        {"kind": "lora", "optimizer": "adamw", "learning_rate": 3e-4, "warmup_steps": 100},
    ),
    (
        "deepspeed", "d.json",
        '{"train_batch_size": 32, "train_micro_batch_size_per_gpu": 4,'
        ' "gradient_accumulation_steps": 2, "fp16": {"enabled": true, "loss_scale": 0},'
        ' "optimizer": {"type": "Adam", "params": {"lr": 1e-4, "weight_decay": 0.1}}}',
        {"optimizer": "adamw", "fp16": True, "loss_scale": 0, "batch_remainder": 0,
         "optimizer_is_torch_adam": False},
    ),
    (
        "fairseq", "f.yaml",
        "task: {_name: x}\ncriterion: {_name: y}\noptimization: {lr: [0.0005], max_update: 100}\n"
        "optimizer: {_name: adam, weight_decay: 0.1}\nlr_scheduler: {_name: inverse_sqrt, warmup_updates: 10}\n",
        {"optimizer": "adamw", "learning_rate": 5e-4, "rate_is_factor": True, "warmup_share": 0.1},
    ),
    (
        "lightning-cli", "l.yaml",
        "model: {class_path: a.B}\noptimizer: {class_path: torch.optim.Adam, init_args: {lr: 1e-3}}\n",
        {"optimizer": "adam", "optimizer_is_torch_adam": True, "learning_rate": 1e-3},
    ),
    (
        "generic", "g.toml", "[train]\nlr = 0.1\noptimizer = 'SGD'\nbatch_size = 128\n",
        {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 128},
    ),
    (
        "openmmlab-py", "o.py",
        "lr = 2e-4\noptim_wrapper = dict(optimizer=dict(type=AdamW, lr=lr), clip_grad=dict(max_norm=1))\n"
        "train_cfg = dict(max_epochs=3)\n",
        {"optimizer": "adamw", "learning_rate": 2e-4, "epochs": 3, "gradient_clipping": 1},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("form", "name", "text", "wanted"), TRAININGS, ids=lambda v: str(v)[:14])
def test_trainings(form: str, name: str, text: str, wanted: dict[str, Any]) -> None:
    got, found = subjects(text, name)
    assert got == form
    (training,) = (s for s in found if s.each == "training")
    facts = {key: training.get(f"training.{key}") for key in wanted}
    assert facts == pytest.approx(wanted)


def test_interpolated_values_are_unknown_and_not_wrong() -> None:
    _, found = subjects("optimizer: ${optim}\nlr: ${rate}\nseed: auto\nepochs: ???\n", "t.yaml")
    (training,) = (s for s in found if s.each == "training")
    assert [n for n in training.names() if n in ("training.learning_rate", "training.seed")] == []


def test_several_optimizers_are_several_trainings() -> None:
    text = "teacher: {optimizer: adam, lr: 0.5}\nstudent: {optimizer: sgd, lr: 0.1}\n"
    _, found = subjects(text, "t.yaml")
    pairs = [
        (s.get("training.optimizer"), s.get("training.learning_rate"))
        for s in found if s.each == "training"
    ]  # fmt: skip
    assert pairs == [("adam", 0.5), ("sgd", 0.1)]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("lr", "learning_rate"), ("optimizer.learning_rate", "learning_rate"),
        ("learningRate", "learning_rate"), ("critic_lr", "learning_rate"),
        ("min_lr", "min_learning_rate"),
        ("warmup_init_lr", None), ("lr_scheduler", "lr_schedule"),
        ("text_encoder_lr", "part_learning_rate"),
        ("lr_decay", "learning_rate_factor"), ("eta", None), ("weight-decay", "weight_decay"),
        ("adam_epsilon", "adam_epsilon"), ("clip_eps", "clip_range"), ("buffer_epsilon", None),
        ("first-layer-size", "architecture"), ("max_depth", "boosting"),
        ("model_parallel_size", None), ("hidden1_size", "architecture"), ("seed", "seed"),
        ("batch-size", "batch_size"), ("log_learning_rate", "log_learning_rate"),
    ],
)  # fmt: skip
def test_roles(name: str, role: str | None) -> None:
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("adamw_torch_fused", "adamw"), ("torch.optim.SGD", "sgd"), ("FusedAdam", "adam"),
     ("DAdaptAdam", "prodigy"), ("Ranger", None)],
)  # fmt: skip
def test_optimizers(name: str, wanted: str | None) -> None:
    assert optimizer_of(name) == wanted


@pytest.mark.parametrize(
    ("name", "direction", "split"),
    [("val/loss", "minimize", "validation"), ("test-multi_logloss", "minimize", "test"),
     ("training_f1_score", "maximize", "training"), ("Validation-accuracy", "maximize", "validation"),
     ("neg_mean_squared_error", None, None), ("eval/test_acc", "maximize", "validation"),
     ("metric_1", None, None)],
)  # fmt: skip
def test_metrics(name: str, direction: str | None, split: str | None) -> None:
    assert direction_of(name) == direction
    assert split_of(name) == split


LAZY = """\
from detectron2.config import LazyCall as L
from .common.train import train
base = 1e-4
optimizer = L(torch.optim.AdamW)(lr=base, weight_decay=0.1)
optimizer.lr = 2 * base
train.max_iter = 90_000
train["seed"] = 3
dataloader = L(build)(train=dict(total_batch_size=16))
"""


def test_lazy_configs_are_read_as_syntax() -> None:
    name, found = subjects(LAZY, "lazy.py")
    training = next(s for s in found if s.each == "training")
    assert name == "detectron2-lazy"
    assert {
        fact: training.get(f"training.{fact}")
        for fact in ("optimizer", "learning_rate", "weight_decay", "steps", "seed", "batch_size")
    } == {
        "optimizer": "adamw", "learning_rate": 2e-4, "weight_decay": 0.1,
        "steps": 90_000, "seed": 3, "batch_size": 16,
    }  # fmt: skip


def test_a_name_that_is_set_again_is_no_duplicate() -> None:
    text = "from a import dataloader\ndataloader = dataloader.train\nlr = 1e-3\nlr = pick(lr)\n"
    _, found = subjects(LAZY + text, "lazy.py")
    assert not any(s.get("entry.kind") == "duplicate-key" for s in found)


def test_a_yolov6_config_is_read_as_syntax() -> None:
    text = (
        "model = dict(type='YOLOv6s')\nsolver = dict(optim='SGD', lr_scheduler='Cosine', lr0=0.01,\n"
        "    momentum=0.937, weight_decay=0.0005, warmup_epochs=3.0)\ndata_aug = dict(hsv_h=0.015)\n"
    )
    name, found = subjects(text, "yolov6s.py")
    training = next(s for s in found if s.each == "training")
    assert name == "yolov6-py"
    assert training.get("training.learning_rate") == 0.01
    assert training.get("training.momentum") == 0.937


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"train_batch_size": 8, "optimizer": {"type": "AdamW", "params": {"lr": 1e-4}}}', "deepspeed"),
        ('{"model": "m", "train_batch_size": 8, "optimizer": "adamw", "learning_rate": 1e-4}', "generic"),
    ],
)  # fmt: skip
def test_keys_that_deepspeed_shares_do_not_make_a_deepspeed_config(
    text: str, expected: str
) -> None:
    assert subjects(text, "c.json")[0] == expected
