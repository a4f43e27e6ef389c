"""Join neighbouring regions of a picture, the most alike first, until so many are left.

Agglomerative clustering of a region adjacency graph with Ward's criterion (Ward 1963; Haris et al.,
"Hybrid image segmentation using watersheds and fast region merging", 1998).
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import float64, int64
    from numpy.typing import NDArray


def neighbours(parts: NDArray[int64]) -> NDArray[int64]:
    """Pairs of regions that touch, each once.

    Args:
        parts: Number of the region of each pixel, shape (height, width), from 0.

    Returns:
        Shape (n, 2), the lower number first.
    """
    import numpy as np

    across = np.stack([parts[:, :-1].ravel(), parts[:, 1:].ravel()], axis=1)
    down = np.stack([parts[:-1].ravel(), parts[1:].ravel()], axis=1)
    pairs = np.concatenate([across, down])
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)


def merged(parts: NDArray[int64], colour: NDArray[float64], regions: int) -> NDArray[int64]:
    """The same picture in fewer regions.

    Args:
        parts: Number of the region of each pixel, shape (height, width), from 0, without gaps.
        colour: CIELAB, shape (height, width, 3).
        regions: How many to leave.

    Returns:
        Numbers from 0, the largest region first, shape (height, width). O(n log n) in regions.
    """
    import numpy as np

    size = np.bincount(parts.ravel()).astype(np.float64)
    sums = [np.bincount(parts.ravel(), colour[..., each].ravel()) for each in range(3)]
    clusters = _Clusters(size, np.stack(sums, axis=1) / size[:, None], neighbours(parts))
    clusters.join(regions)
    roots = np.array([clusters.root(number) for number in range(len(size))])
    _, compact = np.unique(roots, return_inverse=True)
    joined = compact[parts]
    order = np.argsort(-np.bincount(joined.ravel()), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    ranked: NDArray[int64] = rank[joined]
    return ranked


class _Clusters:
    """Regions that grow together; a joined one points to the one that took it."""

    def __init__(
        self, size: NDArray[float64], mean: NDArray[float64], pairs: NDArray[int64]
    ) -> None:
        self._size, self._mean = size, mean
        self._parent = list(range(len(size)))
        self._near: list[set[int]] = [set() for _ in size]
        for one, other in pairs.tolist():
            self._near[one].add(other)
            self._near[other].add(one)
        self._age = [0] * len(size)
        self._queue = [self._entry(one, other) for one, other in pairs.tolist()]
        heapq.heapify(self._queue)

    def root(self, number: int) -> int:
        while self._parent[number] != number:
            number = self._parent[number]
        return number

    def join(self, regions: int) -> None:
        """Join pairs, the cheapest first, until so many are left or none touches another."""
        left = len(self._size)
        while left > regions and self._queue:
            _, one, other, ages = heapq.heappop(self._queue)
            stale = ages != (self._age[one], self._age[other])
            if stale or self._parent[one] != one or self._parent[other] != other:
                continue
            self._take(one, other)
            left -= 1

    def _entry(self, one: int, other: int) -> tuple[float, int, int, tuple[int, int]]:
        apart = self._mean[one] - self._mean[other]
        weight = self._size[one] * self._size[other] / (self._size[one] + self._size[other])
        return float(weight * (apart @ apart)), one, other, (self._age[one], self._age[other])

    def _take(self, one: int, other: int) -> None:
        total = self._size[one] + self._size[other]
        weighted = self._mean[one] * self._size[one] + self._mean[other] * self._size[other]
        self._mean[one], self._size[one] = weighted / total, total
        self._parent[other] = one
        self._age[one] += 1
        for near in self._near[other]:
            self._near[near].discard(other)
            if near != one:
                self._near[near].add(one)
                self._near[one].add(near)
        for near in sorted(self._near[one]):
            low, high = min(one, near), max(one, near)
            heapq.heappush(self._queue, self._entry(low, high))
