"""A Gaussian process of scores, fitted without any library but numpy."""

from __future__ import annotations

import math

import numpy as np

from hpadvisor.search.arrays import Array


class GaussianProcess:
    """A Gaussian process of scores with mean 0 and variance 1, its kernel Matérn 5/2.

    A length for each feature, the variance of the signal and that of the noise are those that are
    most likely under log-normal priors: lengths around 1, the signal around 1, the noise around
    .01.
    """

    def __init__(self, features: Array, scores: Array) -> None:
        """Fit the lengths and variances by sign-based steps along the gradient (Rprop)."""
        self.features, self.scores = features, scores
        count = features.shape[1]
        self.prior = np.array([0.0] * (count + 1) + [math.log(0.01)])
        self.spread = np.array([1.0] * (count + 1) + [1.5])
        logs, best = self.prior, self.prior
        step, before = np.full(count + 2, 0.2), np.zeros(count + 2)
        least = math.inf
        for _ in range(30):
            loss, slope = self._loss(logs)
            if loss < least:
                least, best = loss, logs
            turned = slope * before
            step = np.clip(
                step * np.where(turned > 0, 1.3, np.where(turned < 0, 0.5, 1)), 1e-3, 0.8
            )
            before = np.where(turned < 0, 0, slope)
            logs = logs - np.sign(before) * step
        self.logs = best
        self._condition()

    def add(self, features: Array) -> None:
        """Take points for known whose score is still to come: as what they are expected to be."""
        expected, _ = self.predict(features)
        self.features = np.concatenate([self.features, features])
        self.scores = np.concatenate([self.scores, expected])
        self._condition()

    def predict(self, features: Array) -> tuple[Array, Array]:
        """Return mean and standard deviation of the noiseless score of some points."""
        kernel, _ = self._kernel(self.logs, features, self.features)
        explained = ((kernel @ self.root.T) ** 2).sum(axis=1)
        variance = np.maximum(np.exp(self.logs[-2]) - explained, 1e-10)
        return np.asarray(kernel @ self.weights), np.sqrt(variance)

    def _condition(self) -> None:
        kernel, _ = self._kernel(self.logs, self.features, self.features)
        noise = np.exp(self.logs[-1]) + 1e-6
        self.root = np.linalg.inv(np.linalg.cholesky(kernel + noise * np.eye(len(kernel))))
        self.weights = self.root.T @ (self.root @ self.scores)

    def _kernel(self, logs: Array, left: Array, right: Array) -> tuple[Array, Array]:
        """Return the kernel, and its fall by half of the squared distance."""
        left, right = left / np.exp(logs[:-2]), right / np.exp(logs[:-2])
        squared = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2 * left @ right.T
        distance = np.sqrt(5 * np.maximum(squared, 0))
        falling = np.exp(logs[-2] - distance)
        return falling * (1 + distance + distance**2 / 3), 5 / 3 * falling * (1 + distance)

    def _loss(self, logs: Array) -> tuple[float, Array]:
        """Return the negative log posterior of the lengths and variances, and its gradient."""
        kernel, fall = self._kernel(logs, self.features, self.features)
        noise = np.exp(logs[-1])
        try:
            lower = np.linalg.cholesky(kernel + (noise + 1e-6) * np.eye(len(kernel)))
        except np.linalg.LinAlgError:
            return math.inf, np.zeros(len(logs))
        root = np.linalg.inv(lower)
        weights = root.T @ (root @ self.scores)
        pull = root.T @ root - np.outer(weights, weights)
        scaled = self.features / np.exp(logs[:-2])
        weighted = pull * fall
        lengths = (weighted.sum(axis=1)[:, None] * scaled**2).sum(axis=0)
        lengths -= (scaled * (weighted @ scaled)).sum(axis=0)
        slope = np.concatenate([lengths, [(pull * kernel).sum() / 2, np.trace(pull) * noise / 2]])
        apart = (logs - self.prior) / self.spread
        loss = self.scores @ weights / 2 + np.log(np.diag(lower)).sum() + apart @ apart / 2
        return float(loss), slope + apart / self.spread


def log_improvement(mean: Array, deviation: Array, best: float) -> Array:
    """Return the logarithm of the expected improvement over a score, also where it is tiny."""
    above = np.maximum((mean - best) / deviation, -30.0)
    density = np.exp(-(above**2) / 2) / math.sqrt(2 * math.pi)
    gain = density + above * np.array([math.erfc(-z / math.sqrt(2)) / 2 for z in above])
    # Far below, both terms cancel: there the first term of the asymptotic series is taken.
    far = -(above**2) / 2 - math.log(2 * math.pi) / 2 - 2 * np.log(np.maximum(-above, 1.0))
    near = np.log(np.maximum(gain, 1e-300))
    return np.asarray(np.where(above < -5, far, near) + np.log(deviation))
