"""Forward passes of stacked nets: transformers, recurrent nets, pictures, dense layers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """What the nets of a stack look like.

    Attributes:
        kind: gpt | encoder | vit | gru | gru_reader | resnet | convnet | mlp | series_gru |
            series_transformer.
        inputs: Size of the vocabulary, channels, or features.
        outputs: Classes, or values of a regression.
        width: Width of the hidden layers, channels of the first stage.
        depth: Blocks (for pictures: in each of two stages).
        length: Tokens, or the side of a picture.
    """

    kind: str
    inputs: int
    outputs: int
    width: int
    depth: int
    length: int


class Dropout:
    """Dropout with a rate of its own for each net; ``rates`` (nets,); None drops nothing."""

    def __init__(self, rates: Tensor | None) -> None:
        self.rates = rates

    def __call__(self, values: Tensor) -> Tensor:
        """Zero some of (nets, …) and scale the others up."""
        if self.rates is None:
            return values
        rates = self.rates.view(-1, *[1] * (values.dim() - 1))
        return values * ((torch.rand_like(values) >= rates) / (1 - rates))


@dataclass
class Pass:
    """One forward pass of a stack."""

    shape: Shape
    views: dict[str, Tensor]
    drop: Dropout
    statistics: dict[str, tuple[Tensor, Tensor]]
    training: bool

    def linear(self, name: str, x: Tensor) -> Tensor:
        """A layer on the last axis of (nets, …, features)."""
        flat = x.reshape(x.shape[0], -1, x.shape[-1])
        found = torch.baddbmm(self.views[f"{name}.b"], flat, self.views[f"{name}.w"])
        return found.view(*x.shape[:-1], -1)

    def norm(self, name: str, x: Tensor) -> Tensor:
        """Layer norm with each net's own gain and shift."""
        size = (x.shape[0], *[1] * (x.dim() - 2), x.shape[-1])
        gain, shift = (self.views[f"{name}.{end}"].view(size) for end in "gc")
        return torch.addcmul(shift, functional.layer_norm(x, x.shape[-1:]), gain)

    def embedded(self, codes: Tensor) -> Tensor:
        """(nets, batch, tokens) codes to (nets, batch, tokens, width)."""
        table = self.views["embed"]
        offset = torch.arange(len(table), device=codes.device).view(-1, 1, 1) * table.shape[1]
        return functional.embedding(codes + offset, table.reshape(-1, table.shape[-1]))

    # -- forms --------------------------------------------------------------------------------

    def transformer(self, inputs: Tensor) -> Tensor:
        """Blocks with layer norm before them; causal for language models, else with a mean."""
        kind = self.shape.kind
        if kind == "vit":
            inputs = _squares(inputs)
        x = self.embedded(inputs) if kind in ("gpt", "encoder") else self.linear("embed", inputs)
        x = self.drop(x + self.views["place"][:, None])
        for layer in range(self.shape.depth):
            x = x + self.drop(self._attention(layer, self.norm(f"n{layer}", x), kind == "gpt"))
            inner = functional.gelu(self.linear(f"up{layer}", self.norm(f"m{layer}", x)))
            x = x + self.drop(self.linear(f"down{layer}", inner))
        x = self.norm("n", x)
        return self.linear("head", x if kind == "gpt" else x.mean(dim=2))

    def _attention(self, layer: int, x: Tensor, causal: bool) -> Tensor:
        nets, batch, tokens, width = x.shape
        heads = max(1, width // 32)
        parts = self.linear(f"qkv{layer}", x).view(nets * batch, tokens, 3, heads, width // heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=causal)
        mixed = mixed.transpose(1, 2).reshape(nets, batch, tokens, width)
        return self.linear(f"mix{layer}", mixed)

    def recurrent(self, inputs: Tensor) -> Tensor:
        """GRU layers; a language model predicts at every token, others at the end."""
        series = self.shape.kind == "series_gru"
        x = inputs if series else self.embedded(inputs)
        width = self.shape.width
        for layer in range(self.shape.depth):
            gates = self.linear(f"x{layer}", x)
            hidden = gates.new_zeros(*gates.shape[:2], width)
            steps = []
            for now in gates.unbind(dim=2):
                before = self.linear(f"r{layer}", hidden)
                both = torch.sigmoid(now[..., : 2 * width] + before[..., : 2 * width])
                fresh = torch.tanh(
                    now[..., 2 * width :] + both[..., width:] * before[..., 2 * width :]
                )
                hidden = torch.lerp(fresh, hidden, both[..., :width])
                steps.append(hidden)
            x = self.drop(torch.stack(steps, dim=2))
        return self.linear("head", x if self.shape.kind == "gru" else x[:, :, -1])

    def pictures(self, inputs: Tensor) -> Tensor:
        """Two stages of 3 × 3 convolutions, a mean over places, and a linear layer."""
        x = self._convolved("stem", inputs)
        for stage in (0, 1):
            if stage:
                x = self._convolved("wider", _halved(x))
            for block in range(self.shape.depth):
                inner = self._convolved(f"a{stage}{block}", x)
                if self.shape.kind == "resnet":
                    x = x + self._convolved(f"b{stage}{block}", inner)
                else:
                    x = inner
        return self.linear("head", self.drop(x.mean(dim=(2, 3))))

    def _convolved(self, name: str, x: Tensor) -> Tensor:
        height, width = x.shape[2:4]
        around = functional.pad(x, (0, 0, 1, 1, 1, 1))
        columns = torch.cat(
            [around[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)],
            dim=-1,
        )
        found = self.linear(name, columns)
        if self.shape.kind == "resnet":
            found = self._batch_norm(f"{name}.n", found)
        return functional.relu(found)

    def _batch_norm(self, name: str, x: Tensor) -> Tensor:
        means, variances = self.statistics[name]
        if self.training:
            mean, variance = x.mean(dim=(1, 2, 3)), x.var(dim=(1, 2, 3), unbiased=False)
            with torch.no_grad():
                means.lerp_(mean, 0.1)
                variances.lerp_(variance, 0.1)
        else:
            mean, variance = means, variances
        size = (x.shape[0], 1, 1, 1, x.shape[-1])
        scale = self.views[f"{name}.g"].view(size) * torch.rsqrt(variance.view(size) + 1e-5)
        shift = self.views[f"{name}.c"].view(size) - mean.view(size) * scale
        return torch.addcmul(shift, x, scale)

    def dense(self, inputs: Tensor) -> Tensor:
        """Residual layers with layer norm."""
        x = self.linear("in", inputs)
        for layer in range(self.shape.depth):
            x = x + self.drop(functional.relu(self.linear(f"h{layer}", self.norm(f"n{layer}", x))))
        return self.linear("head", x)


def _squares(pictures: Tensor) -> Tensor:
    """Cut (nets, batch, side, side, channels) into squares of 4 × 4 (nets, batch, squares, …)."""
    nets, batch, side, _, channels = pictures.shape
    cut = pictures.reshape(nets, batch, side // 4, 4, side // 4, 4, channels)
    return cut.transpose(3, 4).reshape(nets, batch, (side // 4) ** 2, 16 * channels)


def _halved(x: Tensor) -> Tensor:
    """Means of 2 × 2 places."""
    nets, batch, height, width, channels = x.shape
    return x.view(nets, batch, height // 2, 2, width // 2, 2, channels).mean(dim=(3, 5))
