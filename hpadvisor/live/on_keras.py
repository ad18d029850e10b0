"""The advisor in ``fit`` of Keras 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from keras.callbacks import Callback

from hpadvisor.live.advisor import Advisor, Options


class KerasCallback(Callback):
    """Judges each epoch: ``model.fit(..., callbacks=[KerasCallback()])``.

    Args:
        advisor: One that is there already; else the options make one, see :class:`Advisor`.
        options: What an :class:`Advisor` can be told.
    """

    def __init__(self, advisor: Advisor | None = None, **options: Unpack[Options]) -> None:
        super().__init__()
        self.advisor = advisor or Advisor(**options)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Take the planned length."""
        self.advisor.epochs = self.advisor.epochs or (self.params or {}).get("epochs")

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Take the logs of an epoch, counted from 0 by Keras."""
        self.advisor.log(logs, epoch=epoch + 1)
        if self.advisor.should_stop:
            self.model.stop_training = True

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Say the last verdict."""
        self.advisor.finish()
