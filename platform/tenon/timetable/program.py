"""Linear programs in whole numbers: put together row by row, solved, and their bounds proved.

A program is: the highest objective @ x + constant with lower <= rows @ x <= upper and
0 <= x <= most, all data whole numbers. ``certify`` turns any prices of the rows, however rough,
into a bound that holds without trust in the solver that found them. Knows nothing of timetables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.linear_solver.python import model_builder_helper
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FREE = np.iinfo(np.int64).max
"""Stands for no limit where a row has none."""

SHIFT = 20
"""Prices are rounded to multiples of 2**-SHIFT before they prove anything."""

HIGHEST = 2.0**34
"""Prices are cut to this before they prove anything, so that sums of a column stay exact."""

SMALL = 5_000
"""Columns up to which the simplex method is used for a bound; above, a first-order method."""


@dataclass(slots=True)
class Program:
    """A linear program while it is put together.

    Attributes:
        constant: added to the objective.
        objective: of each column, blocks in the order of ``columns``.
        most: of each column.
        whole: of each column, whether it must be a whole number.
    """

    constant: int = 0
    objective: list[Ints] = field(default_factory=list)
    most: list[Ints] = field(default_factory=list)
    whole: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    lower: list[Ints] = field(default_factory=list)
    upper: list[Ints] = field(default_factory=list)
    width: int = 0
    height: int = 0
    _row: list[Ints] = field(default_factory=list)
    _column: list[Ints] = field(default_factory=list)
    _factor: list[Ints] = field(default_factory=list)

    def columns(self, objective: Ints, most: Ints | int = 1, *, whole: bool = False) -> Ints:
        """Add a block of columns; return their numbers."""
        count = len(objective)
        self.objective.append(objective.astype(np.int64))
        self.most.append(np.broadcast_to(np.asarray(most, np.int64), (count,)))
        self.whole.append(np.full(count, whole))
        self.width += count
        return np.arange(self.width - count, self.width)

    def rows(self, count: int, *, lower: Ints | int = -FREE, upper: Ints | int = FREE) -> Ints:
        """Add a block of rows without entries; return their numbers."""
        self.lower.append(np.broadcast_to(np.asarray(lower, np.int64), (count,)))
        self.upper.append(np.broadcast_to(np.asarray(upper, np.int64), (count,)))
        self.height += count
        return np.arange(self.height - count, self.height)

    def entries(self, row: Ints, column: Ints, factor: int = 1) -> None:
        """Set ``factor`` at each (row, column); entries given twice add up."""
        self._row.append(row)
        self._column.append(column)
        self._factor.append(np.full(len(row), factor, np.int64))

    def at_most(self, label: Ints, column: Ints, limit: Ints) -> None:
        """Add a row for each label that asks something: its columns add up to at most its limit.

        Args:
            label: of each entry, 0 or more.
            column: of each entry, each of them with ``most`` 1.
            limit: by label.
        """
        labels, place, count = np.unique(label, return_inverse=True, return_counts=True)
        asks = count > limit[labels]
        number = np.full(len(labels), -1, np.int64)
        number[asks] = self.rows(int(asks.sum()), upper=limit[labels][asks])
        inside = asks[place]
        self.entries(number[place][inside], column[inside])

    def built(self) -> Built:
        """Return it in the form that solvers read."""
        matrix = csr_array(
            (
                _joined(self._factor).astype(np.float64),
                (_joined(self._row), _joined(self._column)),
            ),
            shape=(self.height, self.width),
        )
        matrix.sum_duplicates()
        return Built(
            self.constant,
            _joined(self.objective),
            _joined(self.most),
            np.concatenate([*self.whole, np.empty(0, np.bool_)]),
            _joined(self.lower),
            _joined(self.upper),
            matrix,
        )


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([*parts, np.empty(0, np.int64)])


@dataclass(frozen=True, slots=True)
class Built:
    """A program that is complete; ``matrix`` has rows by columns."""

    constant: int
    objective: Ints
    most: Ints
    whole: npt.NDArray[np.bool_]
    lower: Ints
    upper: Ints
    matrix: csr_array

    def limits(self) -> tuple[Floats, Floats]:
        """Return the lower and upper limits of the rows, infinite where there are none."""
        lower, upper = self.lower.astype(np.float64), self.upper.astype(np.float64)
        lower[self.lower == -FREE] = -np.inf
        upper[self.upper == FREE] = np.inf
        return lower, upper


def best_whole(built: Built, seconds: float) -> tuple[Floats | None, bool]:
    """Return the best columns found in the time, None if none, and whether none are better."""
    if not built.matrix.shape[1]:
        return np.empty(0), True
    lower, upper = built.limits()
    found = milp(
        -built.objective.astype(np.float64),
        constraints=LinearConstraint(built.matrix, lower, upper) if len(lower) else (),
        bounds=Bounds(0, built.most.astype(np.float64)),
        integrality=built.whole.astype(np.int64),
        options={"time_limit": max(0.01, seconds), "mip_rel_gap": 0.0},
    )
    return found.x, found.status == 0


def prices(built: Built, seconds: float) -> Floats | None:
    """Return prices of the rows at or near the optimum of the program without whole numbers."""
    if not built.matrix.shape[0] or not built.matrix.shape[1]:
        return np.zeros(built.matrix.shape[0])
    lower, upper = built.limits()
    model: Any = (
        model_builder_helper.ModelBuilderHelper()
    )  # its stubs name array types of their own
    model.fill_model_from_sparse_data(
        np.zeros(len(built.most)),
        built.most.astype(np.float64),
        -built.objective.astype(np.float64),
        lower,
        upper,
        built.matrix,
    )
    solver = model_builder_helper.ModelSolverHelper("glop" if len(built.most) <= SMALL else "pdlp")
    solver.set_time_limit_in_seconds(max(0.01, seconds))
    solver.solve(model)
    if not solver.has_solution():
        return None
    found: Floats = -np.asarray(solver.dual_values())
    return found if len(found) == len(lower) and np.isfinite(found).all() else None


def certify(built: Built, price: Floats) -> int:
    """Return a number that no x of the program exceeds, proved by the prices of its rows.

    For any y with one sign per limit, objective @ x = y @ (rows @ x) + (objective - y @ rows) @ x;
    the first part is at most y * upper where y > 0 and y * lower where y < 0, the second at most
    the sum of its positive coefficients times ``most``. y is the prices, rounded to multiples of
    2**-SHIFT and 0 where a row has no such limit; the sums are of whole numbers, so nothing is lost
    to rounding. With whole x and whole data the objective is whole: the bound is rounded down.
    """
    scaled = np.rint(np.clip(price, -HIGHEST, HIGHEST) * 2.0**SHIFT).astype(np.int64)
    scaled[(scaled > 0) & (built.upper == FREE)] = 0
    scaled[(scaled < 0) & (built.lower == -FREE)] = 0
    charged = [0] * len(built.most)
    if len(scaled):
        charged = _products(built, scaled)
    found = built.constant << SHIFT
    limits = np.where(scaled > 0, built.upper, np.where(scaled < 0, built.lower, 0))
    for one, limit in zip(scaled.tolist(), limits.tolist(), strict=True):
        found += one * limit
    for worth, cost, most in zip(
        built.objective.tolist(), charged, built.most.tolist(), strict=True
    ):
        found += max(0, (worth << SHIFT) - cost) * most
    return found >> SHIFT


def _products(built: Built, scaled: Ints) -> list[int]:
    """Return scaled @ rows in whole numbers: each at most 2**61 as columns have few entries."""
    matrix = built.matrix.tocoo()
    exact = np.zeros(len(built.most), np.int64)
    factor = matrix.data.astype(np.int64)
    entries = np.bincount(matrix.col, minlength=len(built.most)).max() if len(factor) else 0
    largest = int(np.abs(scaled).max()) * int(np.abs(factor).max() if len(factor) else 0)
    if largest * int(entries) >= 2**62:
        raise OverflowError(f"prices up to {largest / 2.0**SHIFT:g} are beyond whole numbers")
    np.add.at(exact, matrix.col, factor * scaled[matrix.row])
    return exact.tolist()


def raised(built: Built, price: Floats, group: Ints) -> Floats:
    """Return prices at which no bound is worse, the first rows raised as far as that pays.

    Args:
        built: whose first rows say of each group with several columns that at most one is taken.
        price: of the rows.
        group: of each of the first columns.
    """
    groups, place, count = np.unique(group, return_inverse=True, return_counts=True)
    several = count > 1
    rows = int(several.sum())
    found = price.copy()
    found[:rows] = 0.0
    best = np.zeros(len(groups))
    np.maximum.at(best, place, reduced(built, found)[: len(group)])
    found[:rows] = best[several]
    return found


def reduced(built: Built, price: Floats) -> Floats:
    """Return what each column is worth after the prices of its rows are paid."""
    found: Floats = built.objective - built.matrix.T @ price
    return found
