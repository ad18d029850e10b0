"""Which hyperparameter a name in a config means, and which algorithm an optimizer's name means."""

from __future__ import annotations

import re
from functools import lru_cache

_compiled = lru_cache(maxsize=None)(re.compile)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\s\-/.:]+")

_NEVER_LEARNING_RATE = re.compile(
    r"(?:^|_)(?:min|end|final|eta_min|warm_?up\w*|text_encoder|bias|decay|sched\w*|factor|mult\w*"
    r"|scale\w*|drop|finetune_ratio|ratio|weight|lower|minimum|start|stop|diff|layer_decay|lrf"
    r"|use|log_\w*every|reduce|patience|gamma|policy|cycle|swa|ema|group|percent)(?:_|$)"
    r"|sched|_steps?$|_epochs?$|_type$|_name$|_mode$|_style$"
)
# Patterns are compiled when they are first asked: most names are told by the first few.
_ROLES: tuple[tuple[str, str], ...] = (
    ("log_learning_rate", r"(?:log|exp)_?(?:10_?)?(?:lr|learning_rate)|(?:lr|learning_rate)_(?:log|exp(?:onent)?)"),  # noqa: E501
    ("learning_rate", r"(?:\w+_)?(?:lr|learning_?rate)(?:0|_init|_g|_d)?|base_lr|eta0|step_size_init"),  # noqa: E501
    ("weight_decay", r"(?:\w+_)?weight_?decay|wd|l2(?:_reg\w*|_lambda|_weight|_penalty)?"),
    ("adam_epsilon", r"(?:adam\w*|opt\w*)_?(?:eps|epsilon)"),
    ("dropout", r"(?:\w+_)?drop_?out(?:_?\w*)?(?:_rate|_prob|_p)?\d*|drop_rate|drop_?prob|resid_pdrop|\w+_pdrop"),  # noqa: E501
    ("batch_size", r"(?:\w+_)?batch_?size\w*|bs|train_batch|micro_batch"),
    ("optimizer", r"(?:\w+_)?optimi[sz]er(?:_?(?:name|type|class|_target_))?|optim|opt|solver|optimizer_type"),  # noqa: E501
    ("seed", r"(?:\w+_)?seed|random_state"),
    ("momentum", r"(?:\w+_)?momentum|beta_?1|mom"),
    ("epochs", r"(?:\w+_)?(?:num_)?epochs?|max_steps|num_train_epochs|n_epochs|epoch_num|training_steps"),  # noqa: E501
    ("warmup", r"(?:\w+_)?warm_?up\w*"),
    ("label_smoothing", r"label_smooth\w*"),
    ("gradient_clipping", r"(?:max_)?grad(?:ient)?_?(?:norm|clip\w*)|clip_grad\w*|gradient_clip\w*"),  # noqa: E501
    ("lora_rank", r"lora_(?:r|rank|dim)"),
    ("lora_alpha", r"lora_alpha"),
        (
            "architecture",
            r"(?:num|n)_?(?:\w+_)?(?:layers?|blocks?|heads?|filters?|units|neurons|channels|convs?)"
            r"|(?:\w+_)?(?:hidden|embed(?:ding)?|emb|model|latent|ffn?|ff|feedforward|dense|fc|conv|mlp|gru|lstm|rnn)\w*_?(?:size|dim|dims|units|width|channels|features|layers)\d*"
            r"|hidden\d*|d_model|d_ff|layers?\d+(?:_?\w*size|_units|_dense_size)?|\w+_layer_size|units\d*|width|depth|num_layers_?\w*"
            r"|layers|(?:conv|dense|fc)\d+_size|hidden\d+_size|conv_size|n_hidden|dim|channels|growth_rate",
        ),
)  # fmt: skip
_BOOSTING = re.compile(
    r"num_?leaves|n_estimators|num_round\w*|min_child_weight|colsample\w*|subsample|feature_fraction"
    r"|bagging_\w+|boosting\w*|reg_lambda|reg_alpha|lambda_l[12]|max_bin|gamma_xgb"
)
BOOSTING_TEXT = re.compile(r"xgboost|lightgbm|catboost|gradient.?boosting|xgb\b|lgbm|lgb\b", re.I)
CLASSIC_TEXT = re.compile(
    r"sklearn|scikit|svm|svc|random_?forest|kneighbors|logistic.?regression", re.I
)


@lru_cache(maxsize=8192)
def normal(name: str) -> str:
    """Return a name in lower snake case: ``first-layer-size`` → ``first_layer_size``."""
    return _SEPARATORS.sub("_", _CAMEL.sub("_", name)).strip("_").lower().replace("__", "_")


@lru_cache(maxsize=8192)
def role_of(name: str) -> str | None:
    """Return the canonical hyperparameter that a (dotted) name means, or None.

    Args:
        name: ``model.optimizer.lr``, ``first-layer-size``, ``learningRate``.
    """
    whole = normal(name)
    leaf = normal(name.replace("/", ".").rsplit(".", 1)[-1])
    if re.search(r"sched|anneal|parallel|_to_search$", whole):
        return None
    for role, pattern in _ROLES:
        if _compiled(pattern).fullmatch(leaf):
            if role == "learning_rate" and _NEVER_LEARNING_RATE.search(leaf):
                return None
            return role
    if leaf in ("eps", "epsilon") and re.search(r"adam|optim", whole):
        return "adam_epsilon"
    return None


def is_boosting_name(name: str) -> bool:
    """Return whether a name belongs to gradient boosting."""
    return _BOOSTING.fullmatch(normal(name.rsplit(".", 1)[-1])) is not None


_OPTIMIZERS: tuple[tuple[str, str], ...] = (
    ("prodigy", r"prodigy|dadapt\w*|d_adapt\w*"),
    ("adamw", r"\w*adamw\w*|\w*adam_w\w*"),
    ("nadam", r"nadamw?"),
    ("radam", r"radam\w*"),
    ("adafactor", r"\w*adafactor\w*"),
    ("adamax", r"adamax"),
    ("adam", r"(?:\w+_)?(?:fused)?adam(?:_?(?:8bit|fused|torch|bnb\w*))?|fused_adam|cpu_adam|amsgrad"),  # noqa: E501
    ("lamb", r"\w*lamb"),
    ("lars", r"\w*lars\w*"),
    ("lion", r"\w*lion\w*"),
    ("muon", r"\w*muon\w*"),
    ("sgd", r"sgd\w*|(?:\w+_)?sgd|nesterov\w*|momentum|gradient_?descent\w*"),
    ("rmsprop", r"rms_?prop\w*"),
    ("adagrad", r"adagrad\w*"),
    ("adadelta", r"adadelta"),
)  # fmt: skip
ADAM_FAMILY = frozenset({"adam", "adamw", "nadam", "radam", "adamax"})
SGD_FAMILY = frozenset({"sgd"})


@lru_cache(maxsize=1024)
def optimizer_of(text: str, own: tuple[tuple[str, str], ...] = ()) -> str | None:
    """Return the algorithm that an optimizer's name means, or None where it is not known.

    Args:
        text: ``torch.optim.AdamW``, ``adamw_torch_fused``, ``SGD``.
        own: The framework's own meanings of names, before the usual ones.
    """
    leaf = normal(text.rsplit(".", 1)[-1].rsplit(":", 1)[-1].rsplit("/", 1)[-1])
    for word, name in own:
        if leaf == word:
            return name
    joined = leaf.replace("_", "")
    for name, pattern in _OPTIMIZERS:
        if _compiled(pattern).fullmatch(leaf) or _compiled(pattern).fullmatch(joined):
            return name
    return None
