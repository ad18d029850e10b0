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
    "learning_rate", "log_learning_rate", "min_learning_rate", "learning_rate_factor",
    "part_learning_rate", "scale_factor", "weight_decay", "adam_epsilon", "dropout", "batch_size",
    "optimizer", "seed", "momentum", "beta2", "one_minus_beta1", "one_minus_beta2", "epochs",
    "warmup", "label_smoothing", "gradient_clipping", "gradient_accumulation", "lora_rank",
    "lora_alpha", "lora_dropout", "buffer_size", "learning_starts", "regularization_strength",
    "kernel_width", "discount", "entropy_weight", "value_weight", "clip_range", "loss_weight",
    "loss", "metric_choice", "target_transform", "data_split", "reward_definition",
    "decision_threshold", "early_stopping", "lr_schedule", "activation", "initialization",
    "normalization", "pooling", "augmentation", "model", "architecture", "boosting",
    "classic_model", "data", "steps_of_environment", "target_update", "exploration",
    "temperature", "probability", "run_setting",
)  # fmt: skip
ODDITIES = (
    "duplicate-key", "octal-number", "sexagesimal-number", "text-number", "boolean-word",
    "unused-ignore", "bare-ignore", "metric-direction", "metric-default", "same-data",
    "repeated-data", "two-settings",
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
        ("is_trial", _B, "whether the file only tries the code: tests, fixtures, smoke runs"),
        ("is_record", _B, "whether the file is what a training wrote down: JSON among results"),
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
        ("lr_step", _F, "epochs between the drops of a step schedule"),
        ("lr_step_share", _F, "those epochs as a share of the training"),
        ("lora_scale", _F, "LoRA alpha divided by rank"),
        ("network_dim", _F, "rank of a diffusion adapter"),
        ("loss_scale", _F, "the loss scale; 0 is dynamic"),
        ("seed", _F, "the random seed"),
        ("trees", _F, "how many trees are boosted"),
        ("boosting_reach", _F, "the share of a perfect fit that boosted trees can come to"),
        ("boosting_percent", _I, "that share in percent"),
        ("stop_patience", _F, "epochs without a gain after which the training stops"),
        ("plateau_patience", _F, "epochs without a gain after which the rate falls"),
        ("watches_training", _T, "the score on training data that a callback watches"),
        ("stops_first", _B, "whether the training stops before the rate can fall"),
        ("best_at_end", _B, "whether the best checkpoint is loaded at the end"),
        ("eval_strategy", _T, "when the model is judged"),
        ("save_strategy", _T, "when checkpoints are saved"),
        ("strategies_differ", _B, "whether checkpoints are saved when the model is not judged"),
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
        ("grid_parts", _T, "the values of each parameter of the grid"),
        ("cap_below_grid", _B, "whether fewer trials are allowed than the grid has combinations"),
        ("startup", _I, "trials that the sampler draws before it learns"),
        ("startup_is_default", _B, "whether that number is the tool's default"),
        ("only_startup", _B, "whether no trial is left after them"),
        ("metric_is_loss", _B, "whether the objective is a loss, by its name"),
        ("metric_is_no_quality", _B, "whether the objective tells of time or progress only"),
        ("tree_mode", _T, "which way the config tree monitors the objective"),
        ("tree_mode_path", _T, "the file that says so"),
        ("unknown_word", _T, "a word that the engine does not know"),
        ("unknown_setting", _T, "the setting that has it"),
        ("allowed_words", _T, "the words that the engine knows there"),
        ("hyperband_brackets", _I, "how many of min_iter and max_iter are given"),
        ("texts_are_parsed", _B, "whether the program parses texts into numbers"),
        ("agents", _B, "whether reinforcement learning is tuned"),
        ("epochs", _T, "the searched length of the training"),
        ("rates_by_optimizer", _B, "whether learning rates carry an optimizer's name"),
        ("optimizer_parameter", _T, "the parameter that chooses the optimizer"),
        ("shared_rate", _T, "the first searched learning rate"),
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
        ("likely_role", _T, "the hyperparameter that it likely is"),
        ("acts_by_scale", _B, "whether it acts by its order of magnitude"),
        ("measures", _B, "whether it decides what a trial is measured by"),
        ("weighs_objective", _B, "whether it weighs a part of the objective itself"),
        ("from_zero", _B, "whether its range begins at 0"),
        ("tenth", _F, "a tenth of the high end"),
        ("relative_ratio", _F, "high end divided by low end, where only that is known"),
        ("smallest_choice", _F, "the lowest choice above 0"),
        ("text_choice", _T, "a listed or fixed number that the loader reads as text"),
        ("overflows", _B, "whether its exponents are beyond what a double holds"),
        ("huge", _F, "its high end, where exponents make it enormous"),
        ("whole_exponents", _B, "whether its negative exponents are whole numbers"),
        ("as_powers_low", _F, "the low end if the exponents were powers of ten"),
        ("as_powers_high", _F, "the high end if they were"),
        ("top", _F, "the highest value, of a range or a list"),
        ("bottom", _F, "the lowest value above 0, of a range or a list"),
        ("complement", _F, "1 minus the highest value"),
        ("span", _T, "its range in words"),
        ("whole_as_float", _B, "whether a whole-number parameter is drawn as a float"),
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
        ("metric", _T, "the metric that is monitored beside it"),
        ("better", _T, "which way that metric goes where it gets better: falls or rises"),
        ("turned", _T, "the word that says the other way"),
        ("other", _T, "the other entry that it contradicts or repeats"),
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
        "space.tree_mode": ("minimize", "maximize"),
        "parameter.likely_role": ROLES,
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
