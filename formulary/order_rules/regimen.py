"""What the rules of `check_regimen` say, told as the rules of the order form are. Pure."""

from __future__ import annotations

from formulary import rules
from formulary.findings import Code, Level
from formulary.order_rules.rule import ARTICLE, HOUSE, ISMP, Rule, Says

_STOP, _WARN = Level.STOP, Level.WARN
REGIMEN_CHECKS: tuple[Rule, ...] = (
    Rule(
        rules.step_products_fit,
        (
            Says(Code.OTHER_DRUG_OR_ROUTE, _STOP, "a step uses another drug or route"),
            Says(Code.PRODUCT_RETIRED, _STOP, "a product is no longer dispensed"),
        ),
        "Every step stays with the order’s drug and route, and uses a product that is still dispensed.",
    ),
    Rule(
        rules.within_documented_range,
        (
            Says(Code.BELOW_RANGE, _STOP, "the daily total is under the range"),
            Says(Code.ABOVE_RANGE, _STOP, "the daily total is over the range"),
            Says(
                Code.RANGE_NOT_ON_FILE,
                Level.NOT_CHECKED,
                "no range of the drug and route is in force",
            ),
        ),
        "The daily total of every step lies in the documented range; without one nothing is passed.",
        ARTICLE,
    ),
    Rule(
        rules.decimal_point_or_unit_slipped,
        (
            Says(Code.TENFOLD_SUSPECTED, _STOP, "the decimal point looks shifted"),
            Says(Code.UNIT_SUSPECTED, _STOP, "mg and mcg look exchanged"),
        ),
        "A dose outside the range that a shifted point or the other unit would bring into it names its "
        "likely meaning.",
        ISMP,
    ),
    Rule(
        rules.large_change_is_confirmed,
        (Says(Code.FIVEFOLD_CHANGE, _WARN),),
        "Five times or a fifth of the step before is read back; on the order form it is part of "
        "confirm_dose.",
        ISMP,
    ),
    Rule(
        rules.mcg_is_shown_in_mg,
        (Says(Code.UNIT_MCG, _WARN),),
        "A dose typed in mcg is shown in mg too.",
        ISMP,
    ),
    Rule(
        rules.dose_can_be_given,
        (
            Says(Code.NOT_REACHABLE, _STOP, "whole capsules do not make the dose"),
            Says(Code.NOT_MEASURABLE, _STOP, "the volume cannot be measured"),
        ),
        "Capsules are taken whole; a liquid is measured in steps of its increment.",
    ),
    Rule(
        rules.days_add_up,
        (Says(Code.DAYS_DO_NOT_ADD_UP, _STOP),),
        "Only the last step may be open, and needs a day; closed steps make up the days’ supply.",
    ),
    Rule(
        rules.timing_fits,
        (Says(Code.TIMING_DOES_NOT_FIT, _STOP),),
        "The time of day agrees with the number of doses a day.",
        HOUSE,
    ),
)
