from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from typing import Any

import pytest

from formulary.dosing import Quantity, Regimen, Step, Timing, quantity
from tests.formulary.helpers import CAPSULE, LIQUID, product, regimen, step


@pytest.mark.parametrize(
    ("steps", "code", "supply", "total", "unit"),
    [
        ("1.5x14 4.5x-", "LDN-CAP-1.5", 90, "242", "capsule"),
        ("4.5x-", "LDN-CAP-4.5", 90, "90", "capsule"),
        ("4.5x90", "LDN-CAP-4.5", 90, "90", "capsule"),
        ("1.5x7 3x7 4.5x-", "LDN-CAP-1.5", 30, "69", "capsule"),
        ("0.5*3x-", "LDN-CAP-0.5", 10, "30", "capsule"),
        ("1.5x14@LDN-CAP-1.5 4.5x-@LDN-CAP-4.5", "LDN-CAP-1.5", 90, "90", "capsule"),
        ("4.5x-", "LDN-LIQ-1", 30, "135", "mL"),
        ("0.5x7 1x7 1.5x7 2x-", "LDN-LIQ-1", 28, "35", "mL"),
        ("0.1x-", "LDN-LIQ-1", 1, "0.1", "mL"),
        ("2.3*2x-", "LDN-LIQ-1", 365, "1679", "mL"),
        ("5x-", "LDN-CAP-0.5", 1, "10", "capsule"),
    ],
)
def test_the_quantity_lasts_the_whole_supply(
    steps: str, code: str, supply: int, total: str, unit: str
) -> None:
    assert quantity(regimen(steps, code, supply)) == Quantity(Decimal(total), unit)


def test_each_product_is_counted_apart() -> None:
    found = regimen("1.5x14 4.5x-@LDN-CAP-4.5")
    assert found.quantities() == {"LDN-CAP-1.5": Decimal(14), "LDN-CAP-4.5": Decimal(76)}


def test_capsules_and_ml_are_never_summed() -> None:
    found = regimen("1.5x14 4.5x-@LDN-LIQ-1")
    assert found.quantities() == {"LDN-CAP-1.5": Decimal(14), "LDN-LIQ-1": Decimal(342)}
    assert quantity(found) is None


@pytest.mark.parametrize(
    "steps",
    ["1.5x14 3x14", "1.5x90 3x-", "1.5x89 3x2", "1.5x- 3x14", "1.5x- 3x-", "1.5x91", "2x-"],
)
def test_no_quantity_is_made_up(steps: str) -> None:
    assert quantity(regimen(steps)) is None


def test_the_open_step_takes_what_is_left() -> None:
    assert regimen("1.5x14 3x14 4.5x-").step_days == (14, 14, 62)
    assert regimen("1.5x89 3x-").step_days == (89, 1)
    assert regimen("1.5x90 3x-").step_days is None


def test_daily_totals_are_dose_times_a_day() -> None:
    assert regimen("0.5*3x7 1.5x7 2.25*2x-").daily_mg == (
        Decimal("1.5"),
        Decimal("1.5"),
        Decimal("4.5"),
    )


def test_quantities_are_said_with_their_unit() -> None:
    assert Quantity(Decimal(1242), "capsule").text(comma=True) == "1,242 capsules"
    assert Quantity(Decimal(1), "capsule").text() == "1 capsule"
    assert Quantity(Decimal("3.5"), "mL").text() == "3.5 mL"


@pytest.mark.parametrize("value", [4.5, 4, "4.5", True])
def test_a_dose_is_a_decimal(value: Any) -> None:
    with pytest.raises(TypeError):
        Step(product(CAPSULE), value, 1, 14)
    with pytest.raises(TypeError):
        replace(product(CAPSULE), strength_mg=value)


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_dose_is_more_than_nothing_and_ends(value: str) -> None:
    with pytest.raises(ValueError):
        Step(product(CAPSULE), Decimal(value), 1, 14)


@pytest.mark.parametrize(("times", "days"), [(0, 14), (25, 14), (1, 0), (1, 366), (-1, 14)])
def test_counts_keep_their_limits(times: int, days: int) -> None:
    with pytest.raises(ValueError):
        Step(product(CAPSULE), Decimal(1), times, days)


@pytest.mark.parametrize(("times", "days"), [(True, 14), (1, True), (1.0, 14), (1, "14")])
def test_counts_are_whole_numbers(times: int, days: int) -> None:
    with pytest.raises(TypeError):
        Step(product(CAPSULE), Decimal(1), times, days)


def test_a_regimen_has_one_to_twenty_steps() -> None:
    one = step("1.5x1", product(CAPSULE))
    assert len(Regimen(product(CAPSULE), (one,) * 20, 20).steps) == 20
    for count in (0, 21):
        with pytest.raises(ValueError):
            Regimen(product(CAPSULE), (one,) * count, 20)
    with pytest.raises(TypeError):
        Regimen(product(CAPSULE), [one], 20)  # type: ignore[arg-type]
    for supply in (0, 366):
        with pytest.raises(ValueError):
            Regimen(product(CAPSULE), (one,), supply)


def test_values_cannot_be_changed_after_the_check() -> None:
    found = regimen("4.5x-")
    with pytest.raises(FrozenInstanceError):
        found.days_supply = 1  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        found.steps[0].dose_mg = Decimal(45)  # type: ignore[misc]


def test_products_name_strength_and_concentration_without_a_slash() -> None:
    assert product(CAPSULE).label == "naltrexone 1.5 mg capsule"
    assert product(LIQUID).label == "naltrexone 1 mg per mL oral liquid"


def test_a_time_of_day_fits_its_count() -> None:
    assert Timing.ANY.fits(24)
    assert Timing.BEDTIME.fits(1)
    assert not Timing.BEDTIME.fits(2)
    assert Timing.MORNING_AND_BEDTIME.fits(2)
    assert not Timing.MORNING_AND_BEDTIME.fits(1)
