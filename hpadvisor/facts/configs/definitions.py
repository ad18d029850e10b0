"""The facts of configs: the file, each training in it, a search space and its parameters."""

from __future__ import annotations

from hpadvisor.facts.registry import FactDefinition, FactType

_B, _I, _F, _T, _L = (
    FactType.BOOL,
    FactType.INT,
    FactType.FLOAT,
    FactType.TEXT,
    FactType.TEXTS,
)

METHODS = (
    "grid", "random", "bayesian", "quasirandom", "evolution", "population", "hyperband", "single",
    "custom", "nas", "other",
)  # fmt: skip
ROLES = (
    "learning_rate", "log_learning_rate", "weight_decay", "adam_epsilon", "dropout", "batch_size",
    "optimizer", "seed", "momentum", "epochs", "warmup", "label_smoothing", "gradient_clipping",
    "lora_rank", "lora_alpha", "architecture",
)  # fmt: skip
ODDITIES = (
    "duplicate-key", "octal-number", "sexagesimal-number", "text-number", "boolean-word",
    "unused-ignore", "bare-ignore",
)  # fmt: skip


def _define(prefix: str, rows: tuple[tuple[str, FactType, str], ...]) -> list[FactDefinition]:
    return [FactDefinition(f"{prefix}.{name}", kind, meaning) for name, kind, meaning in rows]


_CONFIG = _define(
    "config",
    (
        ("format", _T, "the format of the file"),
        ("loader", _T, "what its loader makes of scalars"),
        ("family", _T, "search-space or training"),
        ("stands_alone", _B, "whether the file takes nothing from other files"),
        ("is_evaluation", _B, "whether the file only evaluates or infers"),
        ("path", _T, "the path of the file"),
    ),
)

_TRAINING = _define(
    "training",
    (
        ("learning_rate", _F, "the learning rate"),
        ("weight_decay", _F, "the weight decay"),
        ("momentum", _F, "the momentum"),
        ("batch_size", _F, "examples per step, over all devices where the format says so"),
        ("dropout", _F, "the dropout probability"),
        ("label_smoothing", _F, "the label smoothing"),
        ("gradient_clipping", _F, "the norm at which gradients are clipped"),
        ("warmup_steps", _F, "warmup in optimizer steps"),
        ("lora_rank", _F, "the rank of LoRA adapters"),
        ("lora_alpha", _F, "the alpha of LoRA adapters"),
        ("lora_dropout", _F, "the dropout of LoRA adapters"),
        ("lr_schedule", _T, "the schedule of the learning rate, in the file's words"),
        ("min_learning_rate", _F, "the learning rate at the end of the schedule"),
        ("schedule_max_learning_rate", _F, "the peak rate that the schedule states of its own"),
        (
            "schedule_rate_ratio",
            _F,
            "distance of that peak from the optimizer's rate, as a factor",
        ),
        ("min_learning_rate_share", _F, "the final rate as a share of the rate"),
        ("warmup_ratio", _F, "warmup as a share of the training"),
        ("warmup_share", _F, "warmup as a share of the training, computed"),
        ("warmup_twice", _B, "whether warmup is stated as steps and as a ratio"),
        ("warmup_absent", _B, "whether there is surely no warmup"),
        ("warmup_steps_stated", _B, "whether warmup steps are stated by a value not known here"),
        ("warmup_ratio_stated", _B, "whether a warmup ratio is stated by a value not known here"),
        ("lr_schedule_stated", _B, "whether a schedule is stated by a value not known here"),
        ("micro_batch_size", _F, "examples per device and step"),
        ("train_batch_size", _F, "examples per step over all devices"),
        ("gradient_accumulation", _F, "steps that are added up to one"),
        ("batch_remainder", _F, "rest of the total batch by device batch and accumulation"),
        ("batch_product", _F, "device batch × accumulation"),
        ("decay_steps", _F, "steps over which the rate decays"),
        ("decay_share", _F, "those steps as a share of the training"),
        ("lora_scale", _F, "LoRA alpha divided by rank"),
        ("network_dim", _F, "rank of a diffusion adapter"),
        ("loss_scale", _F, "the loss scale; 0 is dynamic"),
        ("seed", _F, "the random seed"),
        ("fp16", _B, "whether half precision is on"),
        ("bf16", _B, "whether bfloat16 is on"),
        ("fp16_and_bf16", _B, "whether both are on"),
        ("precision_name", _T, "the precision in the file's words"),
        ("optimizer_name", _T, "the optimizer in the file's words"),
        ("optimizer_assumed", _B, "whether the optimizer is the framework's default"),
        ("optimizer_is_torch_adam", _B, "whether it is surely torch's Adam, whose decay is L2"),
        ("rate_is_factor", _B, "whether the rate multiplies a schedule of its own scale (Noam)"),
        ("one_of_many", _B, "whether the file describes several optimizers"),
        ("same_rate_batch_ratio", _F, "factor between the batches of two configs with one rate"),
        ("other_config", _T, "the other config that it is compared with"),
    ),
)

_SPACE = _define(
    "space",
    (
        ("method", _T, "how trials are chosen"),
        ("metric", _T, "the objective"),
        ("metric_direction", _T, "which way the objective should go, by its name"),
        ("metric_split", _T, "the data of the objective, by its name"),
        ("direction", _T, "which way the search pushes the objective"),
        ("trials", _I, "trials of the search"),
        ("dimensions", _I, "parameters with something to choose"),
        ("trials_per_dimension", _F, "trials divided by dimensions"),
        ("grid_size", _I, "combinations of the grid"),
        ("grid_days", _F, "days for the grid at half an hour per trial"),
        ("early_termination", _B, "whether bad trials are stopped early"),
        ("parameters", _L, "names of the parameters"),
        ("roles", _L, "hyperparameters that are searched"),
        ("constant_roles", _L, "hyperparameters that are fixed in the space"),
        ("learning_rate_searched", _B, "whether the learning rate is searched"),
        ("architecture", _T, "the first searched parameter of the architecture"),
        ("batch_size", _T, "the searched batch size"),
        ("optimizers", _L, "optimizers among which the search chooses"),
        ("optimizers_mixed", _B, "whether they are of the SGD and of the Adam kind"),
        ("boosting", _B, "whether gradient boosting is tuned"),
        ("classic", _B, "whether a classic model is tuned, no network"),
        ("has_default", _B, "whether any parameter states a default"),
        ("missing_reference", _T, "a parameter that the trial asks for and the space lacks"),
    ),
)

_PARAMETER = _define(
    "parameter",
    (
        ("name", _T, "its name in the file"),
        ("role", _T, "the hyperparameter that it is"),
        ("type", _T, "float, int, categorical, constant, normal or grid"),
        ("scale", _T, "linear or log"),
        ("bounds", _T, "what its limits are: value, e or 10 (exponents)"),
        ("distribution", _T, "its distribution in the file's words"),
        ("varies", _B, "whether there is anything to choose"),
        ("low", _F, "the low end"),
        ("high", _F, "the high end"),
        ("written_low", _F, "the low end as written"),
        ("written_high", _F, "the high end as written"),
        ("ratio", _F, "high end divided by low end"),
        ("decades", _F, "decades between the ends"),
        ("upper_percent", _F, "share of even draws above the logarithmic middle, in percent"),
        ("middle", _F, "geometric middle of the range"),
        ("empty", _B, "whether the low end is above the high end"),
        ("choices_count", _I, "number of choices"),
        ("choices_repeated", _B, "whether a choice stands twice"),
        ("repeated_choice", _T, "the choice that stands twice"),
        ("choices_ratio", _F, "highest choice divided by lowest"),
        ("highest_choice", _F, "the highest choice"),
        ("lowest_choice", _F, "the lowest choice"),
        ("text_number", _T, "a number that the loader reads as text"),
        ("has_default", _B, "whether a default is stated"),
        ("log_kind", _T, "the format's word for a log scale"),
        ("missing_in", _T, "the config that does not know it"),
        ("suggestion", _T, "the nearest name that the config knows"),
    ),
)

_ENTRY = _define(
    "entry",
    (
        ("oddity", _T, "what is odd about the entry"),
        ("key", _T, "its key"),
        ("role", _T, "the hyperparameter that it is"),
        ("text", _T, "its text"),
        ("reads_as", _T, "what the loader makes of it"),
        ("numeric_role", _B, "whether it is a number by its meaning"),
        ("strict", _B, "whether the program takes what the loader makes of it"),
        ("conflict", _B, "whether the two values differ"),
        ("first_line", _I, "the line of the first of two"),
        ("first_text", _T, "the first of two values"),
    ),
)


def _with_choices(definition: FactDefinition) -> FactDefinition:
    choices = {
        "space.method": METHODS,
        "parameter.role": ROLES,
        "entry.role": ROLES,
        "entry.oddity": ODDITIES,
        "parameter.type": ("float", "int", "categorical", "constant", "normal", "grid", "unknown"),
        "parameter.scale": ("linear", "log", "reverse-log"),
        "parameter.bounds": ("value", "e", "10"),
        "space.direction": ("minimize", "maximize"),
        "space.metric_direction": ("minimize", "maximize"),
        "space.metric_split": ("test", "training", "validation"),
        "config.family": ("search-space", "training"),
    }.get(definition.name)
    if choices is None:
        return definition
    return FactDefinition(definition.name, definition.type, definition.meaning, choices=choices)


CONFIG_FACTS: tuple[FactDefinition, ...] = tuple(
    _with_choices(item) for item in (*_CONFIG, *_TRAINING, *_SPACE, *_PARAMETER, *_ENTRY)
)
"""Every fact that rules for configs may use, beside those of a situation."""
