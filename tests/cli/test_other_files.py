"""Files that people have in hand beside configs: shell scripts, settings in lines, functions.

Each was a fault that was seen on public files of its kind; these are of our own making.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpadvisor.api import plan
from hpadvisor.at_hand import situation_of
from hpadvisor.cli.understood import shown
from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
from hpadvisor.errors import UserError
from hpadvisor.facts.situation.statements import Statement

KNOWLEDGE = load_knowledge(without=NOT_PLANNING)


def said(path: Path, text: str) -> dict[str, Any]:
    path.write_text(text, encoding="utf-8")
    statements = situation_of(path, KNOWLEDGE).statements
    return {one.path.removeprefix("training."): one.value for one in statements}


def test_the_flags_of_a_shell_script_are_read(tmp_path: Path) -> None:
    found = said(
        tmp_path / "go.sh",
        """#!/bin/bash
        export LR=3e-4   # tried 1e-3
        BATCH=12
        # python train.py --learning_rate 0.5
        echo --dropout 0.9
        torchrun --nproc_per_node 4 finetune.py \\
            --learning_rate $LR --per_device_train_batch_size ${BATCH} \\
            --num_train_epochs=7 --weight-decay 0.02 --lora_r 24 --bf16 True \\
            --output_dir "$OUT/run"
    """,
    )
    assert found["learning_rate"] == 3e-4
    assert found["batch_size"] == 12
    assert (found["epochs"], found["weight_decay"], found["lora_rank"]) == (7, 0.02, 24)
    assert "dropout" not in found


def test_of_several_commands_what_they_agree_on_is_believed(tmp_path: Path) -> None:
    found = said(
        tmp_path / "sweep.sh",
        """
        python -u run.py --task_name long_term_forecast --lr 1e-3 --batch_size 24 --epochs 8
        python -u run.py --task_name long_term_forecast --lr 3e-3 --batch_size 24 --epochs 8
    """,
    )
    assert "learning_rate" not in found
    assert (found["batch_size"], found["epochs"], found["kind"]) == (24, 8, "time-series")


def test_hydra_overrides_are_read_from_a_command(tmp_path: Path) -> None:
    found = said(
        tmp_path / "go.sbatch", "srun python main.py optim.lr=0.07 +trainer.max_epochs=11\n"
    )
    assert (found["learning_rate"], found["epochs"]) == (0.07, 11)


@pytest.mark.parametrize("text", ["echo done\n", "python train.py\n", "pip install --lr 3\n", ""])
def test_a_script_that_tells_nothing_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.sh"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError):
        situation_of(path, KNOWLEDGE)


def test_lines_of_settings_of_boosted_trees_are_read(tmp_path: Path) -> None:
    found = said(
        tmp_path / "train.conf",
        """# trees
        task = train
        objective = binary
        learning_rate = 0.07
        num_trees = 240
        num_leaves=45   # leaves
        feature_fraction = 0.7
    """,
    )
    assert found["kind"] == "gradient-boosting"
    assert (found["learning_rate"], found["n_estimators"], found["num_leaves"]) == (0.07, 240, 45)
    assert found["colsample"] == 0.7


def test_the_defaults_of_an_entry_function_are_read(tmp_path: Path) -> None:
    found = said(
        tmp_path / "finetune.py",
        """
import fire
from peft import LoraConfig, get_peft_model
def helper(learning_rate: float = 0.9): ...
def train(base: str = "", num_epochs: int = 6, *, learning_rate: float = 2.5e-4, lora_r: int = 12):
    model = get_peft_model(base, LoraConfig(r=lora_r))
if __name__ == "__main__":
    fire.Fire(train)
""",
    )
    assert (found["kind"], found["learning_rate"], found["epochs"]) == ("lora", 2.5e-4, 6)
    assert found["lora_rank"] == 12


def test_comments_and_texts_of_a_notebook_do_not_tell_the_kind(tmp_path: Path) -> None:
    import json

    code = (
        "from peft import get_peft_model\\nmodel = get_peft_model(base)\\nlr = 2e-4\\nepochs = 3"
    )
    code = code.replace("\\n", "\n") + "\n# a DPOTrainer would come next"
    cells = [
        {"cell_type": "markdown", "source": "We also support `DPOTrainer` and `GRPOTrainer`."},
        {"cell_type": "code", "source": code},
    ]
    found = said(tmp_path / "tune.ipynb", json.dumps({"cells": cells}))
    assert found["kind"] == "lora"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("from trl import GRPOTrainer, GRPOConfig\nargs = GRPOConfig(learning_rate=3e-6)",
         "preference-tuning"),
        ("from sentence_transformers import SentenceTransformer\nwarmup_ratio = 0.2\nepochs = 2\n"
         "model = SentenceTransformer('x')", "encoder-fine-tuning"),
        ("import models_mae\nlr = 0.002\nmodel = models_mae.build()", "contrastive-pretraining"),
        ("from models.yolo import Model\nlr0 = 0.02\nepochs = 40", "detection"),
        ("from models.yolo import ClassificationModel\nlr0 = 0.02\nepochs = 40\n"
         "model = ClassificationModel(3)", "vision-fine-tuning"),
        ("block_size = 128\ninit_from = 'gpt2-medium'\nlearning_rate = 4e-5\nmax_iters = 30\n"
         "batch_size = 2", "llm-fine-tuning"),
        ("block_size = 128\nmax_iters = 30000\nlr_decay_iters = 30000\nbatch_size = 2\n"
         "weight_decay = 0.3\ngradient_accumulation_steps = 3", "llm-pretraining"),
        ("h = {'A': dict(policy='Mlp', clip_range=0.3, gae_lambda=0.9, n_epochs=3,\n"
         "learning_rate=1e-3, gamma=0.9999)}", "ppo"),
    ],
)  # fmt: skip
def test_what_a_script_calls_tells_the_kind(text: str, kind: str, tmp_path: Path) -> None:
    assert said(tmp_path / "train_it.py", text)["kind"] == kind


def test_passes_over_a_rollout_are_no_epochs(tmp_path: Path) -> None:
    found = said(
        tmp_path / "agents.py",
        """
h = dict(A=dict(policy="Mlp", clip_range=0.3, gae_lambda=0.9, n_epochs=3, learning_rate=1e-3))
""",
    )
    assert found["ppo_epochs"] == 3
    assert "epochs" not in found


def test_a_rate_above_one_belongs_to_sgd(tmp_path: Path) -> None:
    found = said(
        tmp_path / "words.py",
        """
import argparse, torch
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=15)
parser.add_argument("--epochs", type=int, default=30)
args = parser.parse_args()
model = RNNModel(3)
if args.use_optimizer:
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
""",
    )
    assert found["learning_rate"] == 15
    assert found["optimizer"] == "sgd"
    assert found["kind"] == "rnn"


def test_of_two_networks_the_first_ones_rate_is_taken(tmp_path: Path) -> None:
    found = said(
        tmp_path / "agent.py",
        """
from dataclasses import dataclass
@dataclass
class Args:
    policy_lr: float = 2e-4
    q_lr: float = 2e-3
    gamma: float = 0.98
class SoftQNetwork: ...
q = SoftQNetwork()
""",
    )
    assert (found["kind"], found["learning_rate"], found["discount"]) == ("sac", 2e-4, 0.98)


def test_beta1_of_a_gan_is_read_and_stays_in_its_range(tmp_path: Path) -> None:
    path = tmp_path / "gan.py"
    path.write_text("""
import argparse, torch.optim as optim
p = argparse.ArgumentParser()
p.add_argument("--lr", default=0.0003)
p.add_argument("--beta1", default=0.5)
netD, netG = Discriminator(), Generator()
optimizerD = optim.Adam(netD.parameters())
""", encoding="utf-8")  # fmt: skip
    found = plan(path, statements=[Statement("budget.trainings", 30, "--trainings")]).to_dict()
    searched = {one["name"]: one for step in found["steps"] for one in step["parameters"]}
    assert 0.5 in searched["adam_beta1"]["choices"]
    assert searched["adam_beta1"]["default"] == 0.5


MEGATRON = """
trainer: {max_steps: 20000}
exp_manager: {name: x}
model:
  micro_batch_size: 3
  num_layers: 5
  restore_from_path: null
  optim: {name: fused_adam, lr: 2.0e-4, weight_decay: 0.07}
"""


def test_megatrons_adam_is_adamw(tmp_path: Path) -> None:
    found = said(tmp_path / "nemo.yaml", MEGATRON)
    assert (found["kind"], found["optimizer"]) == ("llm-pretraining", "adamw")
    other = said(tmp_path / "short.yaml", MEGATRON.replace("20000", "200"))
    assert other["optimizer"] == "adam"


def test_what_is_nearly_one_is_not_shown_as_one() -> None:
    assert [shown(value) for value in (0.9999, 1.0, 0.3333333, 3e-4)] == [
        "0.9999", "1", "0.333", "0.0003",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("python textual_inversion.py --placeholder_token 'x' --learning_rate 4e-4", None),
        ("accelerate launch train_dreambooth_lora_sd3.py --rank 8 --learning_rate 2e-4",
         "diffusion-lora"),
        ("python train_text_to_image.py --learning_rate 1.5e-5", "diffusion-fine-tuning"),
        ("python -m openrlhf.cli.train_dpo --adam.lr 6e-7", "preference-tuning"),
        ("python trl/scripts/sft.py --learning_rate 3e-5 --epochs 2", "llm-fine-tuning"),
        ("python sft.py --model_name_or_path org/qwen-x --use_peft --learning_rate 3e-4", "lora"),
        ("torchrun pretrain_gpt.py --num-layers 6 --lr 3e-4", "llm-pretraining"),
        ("fairseq-train data -a transformer_iwslt --lr 4e-4", "transformer-from-scratch"),
        ("python run_glue.py --model_name_or_path my-model --learning_rate 3e-5",
         "encoder-fine-tuning"),
        ("python run.py --model_name_or_path roberta-base --prefix --learning_rate 7e-3", None),
        ("torchrun train.py --model_name_or_path o/qwen-x --num_train_epochs 2 --lr 3e-5",
         "llm-fine-tuning"),
        ("torchrun train.py --model_name_or_path o/qwen-x --num_train_epochs 2 --data rm-static",
         None),
        ("torchrun tune.py --use_llm_lora 16 --lr 3e-5", "lora"),
        ("python -m apps.run --task MNLI --learning_rate 4e-6", "encoder-fine-tuning"),
        ("python main.py --arch resnet34 --lr 0.2", "vision-from-scratch"),
        ("python main.py --arch resnet34 --pretrained --lr 0.02", "vision-fine-tuning"),
    ],
)  # fmt: skip
def test_the_command_tells_the_kind(text: str, kind: str | None, tmp_path: Path) -> None:
    assert said(tmp_path / "go.sh", text + "\n").get("kind") == kind


def test_a_flag_that_one_call_of_a_program_lacks_is_nobodys(tmp_path: Path) -> None:
    found = said(
        tmp_path / "both.sh",
        """
        python sft.py --learning_rate 2e-5 --batch_size 6 --epochs 3
        python sft.py --learning_rate 2e-5 --batch_size 6 --epochs 3 --lora_r 12 --use_peft
        python test.py --batch_size 50
        python sft.py --evaluate --batch_size 70
    """,
    )
    assert (found["batch_size"], found["epochs"]) == (6, 3)
    assert "lora_rank" not in found


def test_commands_that_variables_hold_are_read(tmp_path: Path) -> None:
    found = said(
        tmp_path / "held.sh",
        """
LAUNCH="torchrun --nproc_per_node 2"
ARGS="
    --learning_rate 3e-5
    --eval.steps 9
    --optim.weight_decay 0.03
"
$LAUNCH train.py $ARGS
read -r -d '' more <<EOF
train.py \\
   --learning_rate 3e-5 --optim.weight_decay 0.03 --epochs 4
EOF
""",
    )
    assert (found["learning_rate"], found["weight_decay"]) == (3e-5, 0.03)
    assert "steps" not in found


def test_a_script_without_a_setting_tells_its_kind(tmp_path: Path) -> None:
    found = said(tmp_path / "align.py", "from trl import DPOTrainer\nDPOTrainer(load()).train()\n")
    assert found == {"kind": "preference-tuning"}
