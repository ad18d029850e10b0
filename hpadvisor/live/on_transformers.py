"""The advisor in a Trainer of Hugging Face transformers (and TRL, and others built on it)."""

from __future__ import annotations

from typing import Any, Unpack

from transformers import TrainerCallback

from hpadvisor.live.advisor import Advisor, Options


class HuggingFaceCallback(TrainerCallback):
    """Judges what a Trainer logs: ``Trainer(..., callbacks=[HuggingFaceCallback()])``.

    Args:
        advisor: One that is there already; else the options make one, see :class:`Advisor`.
        options: What an :class:`Advisor` can be told.
    """

    def __init__(self, advisor: Advisor | None = None, **options: Unpack[Options]) -> None:
        self.advisor = advisor or Advisor(**options)
        self.advisor.format = "trainer_state"

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take the planned length; only the main process speaks."""
        self.advisor.steps = self.advisor.steps or float(state.max_steps) or None
        self.advisor.epochs = self.advisor.epochs or float(state.num_train_epochs) or None
        if not state.is_world_process_zero:
            self.advisor.be_silent()

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Take a record of the log; its closing summary is none."""
        if not logs or "train_runtime" in logs:
            return
        self.advisor.log(logs, step=state.global_step, epoch=state.epoch)
        if self.advisor.should_stop:  # losses are gathered, so all processes decide the same
            control.should_training_stop = True

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Say the last verdict."""
        self.advisor.finish()
