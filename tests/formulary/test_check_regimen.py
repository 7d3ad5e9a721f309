from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulary.lines import MAX_LINE_BYTES, answer
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import FORBIDDEN, ON, line

CHECKOUT = Path(__file__).parents[2]
Ask = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="module")
def command() -> Iterator[subprocess.Popen[bytes]]:
    """The command as a pharmacy's script would run it: one process, an empty environment."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "check_regimen"],
        cwd=CHECKOUT,
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0


@pytest.fixture
def ask(command: subprocess.Popen[bytes]) -> Ask:
    """One line in, its answer out: the answer comes before the next line is written."""

    def asked(text: bytes) -> dict[str, Any]:
        assert command.stdin is not None
        assert command.stdout is not None
        command.stdin.write(text + b"\n")
        command.stdin.flush()
        found = json.loads(command.stdout.readline(), parse_float=pytest.fail)
        assert isinstance(found, dict)
        for finding in found["findings"]:
            assert set(finding) == {"code", "level", "step", "text"}
            assert not FORBIDDEN.search(finding["text"])
        return found

    return asked


def test_the_example_of_the_issue_comes_out_ok(ask: Ask) -> None:
    found = ask(line(("1.5", 14), ("4.5", None)))
    assert list(found.items()) == [
        ("id", "a"),
        ("outcome", "ok"),
        ("daily_mg", ["1.5", "4.5"]),
        ("quantity", "242"),
        ("quantity_unit", "capsule"),
        ("days_supply", 90),
        ("findings", []),
    ]


def test_several_products_are_counted_apart_too(ask: Ask) -> None:
    second = {
        "product": "LDN-CAP-4.5", "dose": "4.5", "unit": "mg", "times_per_day": 1, "days": None,
    }  # fmt: skip
    found = ask(line(("1.5", 14), second))
    assert found["outcome"] == "ok"
    assert found["quantity"] == "90"
    assert found["quantities"] == {"LDN-CAP-1.5": "14", "LDN-CAP-4.5": "76"}


def test_capsules_and_liquid_have_no_common_quantity(ask: Ask) -> None:
    second = {
        "product": "LDN-LIQ-1", "dose": "4.5", "unit": "mg", "times_per_day": 1, "days": None,
    }  # fmt: skip
    found = ask(line(("1.5", 14), second))
    assert found["outcome"] == "ok"
    assert (found["quantity"], found["quantity_unit"]) == (None, None)
    assert found["quantities"] == {"LDN-CAP-1.5": "14", "LDN-LIQ-1": "342"}


@pytest.mark.parametrize(
    ("text", "outcome", "code"),
    [
        (line(("5.5", None), product="LDN-CAP-0.5"), "stop", "above_range"),
        (line(("45", None)), "stop", "tenfold_suspected"),
        (line(("1500", None)), "stop", "unit_suspected"),
        (line(("2", None)), "stop", "not_reachable"),
        (line(("4.55", None), product="LDN-LIQ-1"), "stop", "not_measurable"),
        (line(("1.5", 14), ("3", 14)), "stop", "days_do_not_add_up"),
        (line(("1.5", None), ("3", 14)), "stop", "days_do_not_add_up"),
        (line(("0.5", 14), ("5", None), product="LDN-CAP-0.5"), "warn", "fivefold_change"),
        (
            line({"dose": "1500", "unit": "mcg", "times_per_day": 1, "days": None}),
            "warn",
            "unit_mcg",
        ),
    ],
)
def test_what_is_wrong_is_named(ask: Ask, text: bytes, outcome: str, code: str) -> None:
    found = ask(text)
    assert found["outcome"] == outcome
    assert code in [finding["code"] for finding in found["findings"]]


def test_a_stop_still_tells_what_can_be_computed(ask: Ask) -> None:
    found = ask(line(("6", None), days_supply=30))
    assert (found["outcome"], found["daily_mg"], found["quantity"]) == ("stop", ["6"], "120")
    found = ask(line(("2", None)))
    assert (found["daily_mg"], found["quantity"], found["quantity_unit"]) == (
        ["2"],
        None,
        "capsule",
    )


def test_numbers_have_no_thousands_comma(ask: Ask) -> None:
    found = ask(line(("4.5", None), product="LDN-CAP-0.5", days_supply=365))
    assert found["quantity"] == "3285"
    step = {"dose": "4500", "unit": "mcg", "times_per_day": 1, "days": None}
    assert ask(line(step))["findings"][0]["text"] == "4500 mcg = 4.5 mg"


@pytest.mark.parametrize(
    ("dose", "spelling"),
    [(".5", "0.5"), ("5.", "5"), ("5.0", "5"), ("4.50", "4.5"), ("00005", "5"), ("4,5", "4.5")],
)
def test_a_misspelt_dose_is_invalid_and_answered_with_the_right_spelling(
    ask: Ask, dose: str, spelling: str
) -> None:
    found = ask(line(("1.5", 14), (dose, None)))
    assert (found["id"], found["outcome"]) == ("a", "invalid")
    (finding,) = found["findings"]
    assert (finding["code"], finding["level"], finding["step"]) == ("dose_not_read", "invalid", 2)
    assert f"as {spelling}: " in finding["text"]


STEP: dict[str, object] = {"dose": "4.5", "unit": "mg", "times_per_day": 1, "days": None}
# What stands for a value that is refused; `...` leaves the key out.
WRONG_IN_STEP: dict[str, list[object]] = {
    "dose": [
        ..., "0", "-1", "1e3", "NaN", "", "４.５", "1234567", "0.0001", "4\x005", 4.5, 5, True, [], {}, None,
    ],
    "unit": [..., "g", "MG", "µg", "", None, 1, "mL"],
    "times_per_day": [..., 0, 25, True, "1", 1.0, None, -1, 10**30],
    "days": [..., 0, 366, True, False, "14", 14.0, [], -1],
    "product": ["LDN-CAP-2", "", None, 1, ["LDN-CAP-1"]],
    "sig": ["x"],
}  # fmt: skip
WRONG_IN_LINE: dict[str, list[object]] = {
    "id": [..., None, True, 1.5, [], {}],
    "product": [..., "ldn-cap-1.5", None, 1.5, {}, "\x00"],
    "steps": [..., [], {}, None, "steps", [STEP] * 21, [[]], [None]],
    "days_supply": [..., 0, 366, True, "90", 90.0, None, -90, 10**50],
    "note": ["x"],
    "<b>": [1],
}


def changed(key: str, value: object) -> dict[str, object]:
    return {k: v for k, v in (STEP | {key: value}).items() if v is not ...}


@pytest.mark.parametrize(
    "text",
    [
        *(line(changed(key, value)) for key, values in WRONG_IN_STEP.items() for value in values),
        *(line(STEP, **{key: value}) for key, values in WRONG_IN_LINE.items() for value in values),
    ],
)
def test_what_is_no_regimen_is_invalid(ask: Ask, text: bytes) -> None:
    found = ask(text)
    assert found["outcome"] == "invalid"
    assert found["findings"]
    assert {finding["level"] for finding in found["findings"]} == {"invalid"}
    assert found["daily_mg"] is found["quantity"] is found["days_supply"] is None


@pytest.mark.parametrize(
    "text",
    [
        b"", b" ", b"\r", b"\x00", b"\xff\xfe", b"\xc3(", b"nonsense", b"null", b"[]", b'"a"', b"4.5",
        b"NaN", b"{", b"{}", b'{"id":"a"}{"id":"b"}', b"\xef\xbb\xbf" + line(("4.5", None)),
        line(("4.5", None)) + b",", b"[" * 90_000, b'{"a":' * 15_000, b"9" * 90_000,
        b'{"id":' + b"9" * 5_000 + b"}", b'{"id":NaN}', b"x" * (MAX_LINE_BYTES + 1), b"x" * 3_000_000,
        b'{"id":"a","product":"LDN-CAP-1.5","days_supply":Infinity,"steps":[]}',
        b'{"id":1' + b',"a":1' * 14_000 + b"}", b"\xed\xa0\x80", b'{"id":"\t"}',
    ],
)  # fmt: skip
def test_whatever_a_line_holds_it_is_answered_and_the_run_goes_on(ask: Ask, text: bytes) -> None:
    assert ask(text)["outcome"] == "invalid"
    assert ask(line(("4.5", None)))["outcome"] == "ok"


def test_a_key_given_twice_is_ambiguous(ask: Ask) -> None:
    plain = line(("4.5", None))
    found = ask(plain.replace(b'"days_supply": 90', b'"days_supply": 30, "days_supply": 90'))
    assert (found["id"], found["outcome"]) == ("a", "invalid")
    found = ask(plain.replace(b'"dose": "4.5"', b'"dose": "45", "dose": "4.5"'))
    assert (found["id"], found["outcome"]) == ("a", "invalid")
    found = ask(plain.replace(b'"id": "a"', b'"id": "b", "id": "a"'))
    assert (found["id"], found["outcome"]) == (None, "invalid")


@pytest.mark.parametrize(
    "identity", ["", "a" * 1000, 7, -1, 10**40, "é\n\x00", "\ud800", "</script>"]
)
def test_a_usable_id_is_echoed_also_on_a_refused_line(ask: Ask, identity: object) -> None:
    assert ask(line(("4.5", None), id=identity))["id"] == identity
    assert ask(line(("4,5", None), id=identity))["id"] == identity


def test_every_problem_of_a_line_is_named_at_its_step(ask: Ask) -> None:
    found = ask(line((".5", 0), ("4,5", None), days_supply=0))
    assert [(f["code"], f["step"]) for f in found["findings"]] == [
        ("value_not_read", None),
        ("dose_not_read", 1),
        ("value_not_read", 1),
        ("dose_not_read", 2),
    ]


def test_an_unknown_product_is_answered_with_the_known_ones(ask: Ask) -> None:
    (finding,) = ask(line(("4.5", None), product="LDN-CAP-2"))["findings"]
    for code in shipped_formulary().products:
        assert code in finding["text"]


def test_the_last_line_needs_no_line_end_and_no_input_is_no_answer() -> None:
    def run(text: bytes) -> list[bytes]:
        arguments = [sys.executable, "manage.py", "check_regimen"]
        done = subprocess.run(
            arguments, cwd=CHECKOUT, env={}, input=text, capture_output=True, check=True, timeout=60
        )
        assert done.stderr == b""
        return done.stdout.splitlines()

    assert run(b"") == []
    assert len(run(b"\n\n" + line(("4.5", None)))) == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_answered(text: bytes) -> None:
    assert answer(text, shipped_formulary(), on=ON)["outcome"] == "invalid"


@given(st.sampled_from(["id", "product", "days_supply", "steps"]), json_values)
def test_any_value_of_a_key_is_answered(key: str, value: object) -> None:
    found = answer(line(("4.5", None), **{key: value}), shipped_formulary(), on=ON)
    json.dumps(found)
    assert found["outcome"] in ("invalid", "ok", "stop")


@given(st.sampled_from([*STEP, "product", "x"]), json_values)
def test_any_value_in_a_step_is_answered(key: str, value: object) -> None:
    found = answer(line(STEP | {key: value}), shipped_formulary(), on=ON)
    assert found["outcome"] in ("invalid", "ok", "stop", "warn")
