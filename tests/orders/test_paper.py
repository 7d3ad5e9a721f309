"""The prescription as a PDF: what it says, to whom, and that it is the same as the order's page."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pypdf import PdfReader

from formulary.models import Reason
from orders.models import Countersignature, Order
from orders.paper import PaperFailed, build, setting
from orders.paper.sheet import address_of, qr_of, sheet_of
from orders.services import claims, review
from orders.services.drafts import cancel
from tests.conftest import Cast
from tests.factories import PatientFactory, draft_of, draft_step, reason, signed_order
from tests.orders.pages import sign_in

pytestmark = pytest.mark.django_db
# dose, product, days
Steps = list[tuple[str, str, int | None]]
TITRATION: Steps = [
    ("1.5", "LDN-CAP-1.5", 14),
    ("3", "LDN-CAP-3", 14),
    ("4.5", "LDN-CAP-4.5", None),
]
LIQUID: Steps = [("4.5", "LDN-LIQ-1", None)]


def paper(order: Order) -> Order:
    return Order.objects.for_paper().get(pk=order.pk)


def plain(text: str) -> str:
    """Words alone: where a line ends on paper or on the screen says nothing."""
    return re.sub(r"\s+", "", text.replace("\u00ad", ""))


def text_of(pdf: bytes) -> str:
    return plain("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def titration(cast: Cast, steps: Steps = TITRATION, **more: object) -> Order:
    given = {
        "days_supply": 90, "treatment_status": "new_start", "allergies": "listed",
        "allergies_text": "penicillin, sulfa", "medicines": "metformin 500 mg",
        "note": "Ships to a neighbour.", "bill_to": "practice", "avoid": "lactose",
        "steps": tuple(draft_step(dose, product, days=days) for dose, product, days in steps),
    }  # fmt: skip
    return signed_order(cast.ada, **(given | more))


# --- the same as on the screen ------------------------------------------------------------------
def texts_of(html: str) -> list[str]:
    """What the order's page says of the prescription: facts, directions, doses, rows of the table."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", html, re.DOTALL)
    rows = [part for pair in found for part in pair]
    rows += re.findall(r'class="directions">(.*?)</p>', html, re.DOTALL)
    table = html.split('dose-chart-table">')[1].partition("</table>")[0]
    rows += re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", table, re.DOTALL)
    parts = [part for row in rows for part in re.split(r"<[^>]+>|\n", row)]
    return [part for part in map(_worded, parts) if part not in SCREEN_ONLY and "×" not in part]


def _worded(text: str) -> str:
    """A daily total is read back in a sentence on the screen, in a column of words on paper."""
    words = re.sub(r"\(\S+\smg\)\sa\sday$", "", unescape(text).strip()).removeprefix("for ")
    return re.sub(r"^Step \d+$", "", words.strip())


# Said on the screen alone: how a sum is worked out; and headings of rows that paper has in a table.
SCREEN_ONLY = {"", "Worked out", "Days’ supply", "Name"}


@pytest.mark.parametrize("steps", [TITRATION, LIQUID])
def test_the_paper_says_what_the_orders_page_says(cast: Cast, steps: Steps) -> None:
    order = titration(cast, steps=steps, refills=3)
    html = sign_in(cast.ada).get(f"/orders/{order.reference}/").content.decode()
    said = text_of(build(paper(order)))
    texts = texts_of(html.split("<main")[1].split("</main>")[0])
    assert len(texts) > 60
    assert [text for text in texts if plain(text) not in said] == []


def test_every_required_element_stands_on_it(cast: Cast) -> None:
    order = titration(cast, refills=2)
    said = text_of(build(paper(order)))
    signature, patient = order.signature, order.patient
    for part in (
        order.reference, patient.family_name.upper(), patient.given_name, "Nov 22, 1980", "Female",
        patient.address, "Sampleton, NC 27514", patient.phone, patient.reference,
        "penicillin, sulfa", "New start", "metformin 500 mg", "naltrexone 1.5 mg capsule, by mouth",
        "naltrexone 3 mg capsule, by mouth", "Take one 1.5 mg capsule by mouth at bedtime for 14 days",
        "14 capsules of 1.5 mg, 14 capsules of 3 mg and 62 capsules of 4.5 mg", "90 days",
        "Each refill", "90 capsules", "Take one 4.5 mg capsule by mouth at bedtime for 90 days.",
        "Refills 2", "Psoriasis, ICD-10-CM L40.0", "Strength is not marketed", "At the practice, NC",
        "Ship to Patient's address", "Bill to Practice", "Routine", "Ships to a neighbour.", "lactose",
        order.practice.name, order.practice.address, order.practice.phone, signature.printed_name,
        signature.npi, signature.licence, signature.meaning, signature.sha256, "Written", "effective",
        "holds until", f"{signature.signed_at:%H:%M:%S} UTC", "four and one half milligrams",
        "No opioid in the last 30 days", "None of those asked", "Off-label for every skin use",
        "not reviewed by FDA", "Page 1 of", address_of(order),
    ):  # fmt: skip
        assert plain(part) in said, part
    assert f"{patient.family_name.upper()}, {patient.given_name} · born".replace(" ", "") in said


def test_a_liquid_names_its_plan_of_fills(cast: Cast) -> None:
    order = titration(cast, steps=LIQUID, days_supply=90)
    said = text_of(build(paper(order)))
    for part in ("405 mL", "4 fills of 25, 25, 25 and 15 days", "4.5 mL (4.5 mg)", "1 mg per mL"):
        assert plain(part) in said


# --- what kind of file it is --------------------------------------------------------------------
def test_the_file_is_tagged_and_says_its_language_and_title(cast: Cast) -> None:
    order = titration(cast)
    reader = PdfReader(io.BytesIO(build(paper(order))))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"].lower() == "en-us"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == f"Prescription {order.reference}"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert reader.pages[0].mediabox[2:] == [612, 792]
    for page in reader.pages:
        said = plain(page.extract_text())
        assert order.reference in said
        assert plain("born Nov 22, 1980") in said


def test_the_same_order_gives_the_same_bytes_in_this_process_and_in_another(cast: Cast) -> None:
    order = paper(titration(cast))
    first = build(order)
    assert build(paper(order)) == first
    program = (
        "import json, sys, django; django.setup();"
        "from orders.paper.setting import set_type;"
        "sys.stdout.buffer.write(set_type(json.load(sys.stdin)))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(sheet_of(order)).encode(),
        capture_output=True,
        check=True,
        timeout=60,
        cwd=Path(settings.BASE_DIR),
    )
    assert other.stdout == first


def test_the_code_opens_the_orders_page(cast: Cast) -> None:
    order = titration(cast)
    assert address_of(order) == f"{settings.PUBLIC_URL}/orders/{order.reference}/"
    assert sheet_of(paper(order))["qr"] == qr_of(address_of(order))
    assert qr_of(address_of(order)) != qr_of("https://example.org/")
    url = f"/orders/{order.reference}/"
    assert sign_in(cast.ada).get(url).status_code == 200
    assert sign_in(cast.phil).get(url)["Location"] == f"/queue/{order.reference}/"
    assert sign_in(cast.ben).get(url).status_code == 404


# --- whatever the order holds -------------------------------------------------------------------
NASTY = '#set text(red) *bold* $x$ <b> @x // [y] {z} "q" \\u{41} `r` #panic("no") = Head'


def test_text_that_reads_like_markup_is_only_text(cast: Cast) -> None:
    order = titration(cast, note=NASTY, allergies_text=NASTY)
    assert text_of(build(paper(order))).count(plain(NASTY)) == 2


def test_names_of_other_scripts_and_emoji_are_printed_or_told_by_number(cast: Cast) -> None:
    patient = PatientFactory(
        practice=cast.practice, family_name="Łukaszewicz-Дмитриев", given_name="李 😀 \u202eevil"
    )
    said = text_of(build(paper(titration(cast, patient=patient))))
    assert "ŁUKASZEWICZ-ДМИТРИЕВ" in said
    assert plain("[U+674E] [U+1F600] [U+202E]evil") in said


def test_a_sheet_that_its_fonts_refuse_is_set_with_numbers(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the probe of single characters let through, the pharmacist gets a sheet."""
    monkeypatch.setattr(setting, "printable", str)
    sheet = sheet_of(paper(titration(cast))) | {"name": "李 Żak – 4 × 2"}
    assert plain("[U+674E] Żak – 4 × 2") in text_of(setting.set_type(sheet))


def test_long_content_breaks_over_sheets_and_loses_nothing(cast: Cast) -> None:
    steps: Steps = [(str(1 + n % 2), "LDN-CAP-0.5", 7) for n in range(20)]
    medicines = "\n".join(f"metformin {n} mg" for n in range(1, 53))
    order = titration(
        cast, steps=steps, days_supply=140, refills=0, medicines=medicines[:1000], note="x" * 210
    )
    pdf = build(paper(order))
    said = text_of(pdf)
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 2
    assert "metformin52mg"[:12] in said
    assert plain("x" * 210) in said
    assert plain("134–140") in said
    assert "RefillsNone" in said


def test_an_order_signed_by_an_earlier_release_prints_too(cast: Cast) -> None:
    """Release 2 signed neither fills nor the further answers: they are told as little as asked."""
    order = paper(titration(cast))
    signed = json.loads(order.signature.content)
    kept = {
        "reference", "icd_code", "reason_text", "treatment_status", "allergies", "allergies_text",
        "opioid_use", "opioid_kind", "opioid_last_use", "ship_to", "note", "patient", "prescriber",
        "practice", "product", "steps", "days_supply", "refills", "indication", "says", "reason",
        "medicines", "urgent",
    }  # fmt: skip
    content = {key: value for key, value in signed["order"].items() if key in kept}
    content["says"] = {
        key: value
        for key, value in content["says"].items()
        if key not in ("first_fill", "each_refill")
    }
    act = {
        key: signed["signed"][key] for key in ("meaning", "printed_name", "npi", "licence", "at")
    }
    order.signature.content = json.dumps(
        {"order": content, "findings": signed["findings"], "signed": act}
    )
    said = text_of(setting.set_type(sheet_of(order)))
    assert plain("14 capsules of 1.5 mg, 14 capsules of 3 mg and 62 capsules of 4.5 mg") in said
    assert plain("Take one 4.5 mg capsule by mouth at bedtime for 90 days.") in said
    assert "Patientseen" not in said
    assert "Cautions" not in said


def test_a_verbal_order_says_who_spoke_who_wrote_and_that_it_was_read_back(cast: Cast) -> None:
    order = paper(titration(cast))
    spoken = order.signature
    spoken.kind, spoken.recorded_by, spoken.read_back = "verbal", cast.phil, True
    spoken.spoke_with, spoken.spoken_at = "Dr Ada Sample", datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    said = text_of(setting.set_type(sheet_of(order)))
    for part in (
        "Verbal order", "Spoken by Dr Ada Sample", "Spoken Nov 22, 2026, 09:05:00 UTC", "Read back Yes",
        f"Written and signed by {cast.phil.name}", "Countersigned Not yet", spoken.printed_name,
    ):  # fmt: skip
        assert plain(part) in said, part
    Countersignature.objects.create(
        order=order,
        by=cast.ada,
        content_sha256=spoken.sha256,
        signed_at=datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
    )
    said = text_of(setting.set_type(sheet_of(order)))
    assert plain(f"Countersigned {cast.ada.name}, Nov 23, 2026, 10:00:00 UTC") in said


def test_a_revision_names_what_it_replaces_and_a_supervisor_stands_by_the_signature(
    cast: Cast,
) -> None:
    order = paper(titration(cast))
    signed = json.loads(order.signature.content)
    signed["order"] |= {
        "revision": 2,
        "revises": "RX-ABCD1234",
        "weight_kg": "32.5",
        "height_cm": "140",
        "supervisor": {
            "name": "Sam Super, MD", "npi": "1234567893", "licence_state": "NC",
            "licence_number": "S-9", "phone": "(555) 555-0177", "address": "9 Sample Street",
        },
    }  # fmt: skip
    signed["order"]["says"]["urgent"] = "Flare"
    order.signature.content = json.dumps(signed)
    said = text_of(setting.set_type(sheet_of(order)))
    for part in (
        "Revision 2. Replaces RX-ABCD1234.", "Urgent: Flare", "Weight 32.5 kg", "Height 140 cm",
        "Supervising physician Sam Super, MD, NPI 1234567893, licence NC S-9",
    ):  # fmt: skip
        assert plain(part) in said, part


def test_many_at_once_do_not_disturb_each_other(cast: Cast) -> None:
    """Requests of several threads share one compiler."""
    sheet = sheet_of(paper(titration(cast)))
    sheets = [sheet | {"name": f"NUMBER{n}, Pat"} for n in range(8)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(setting.set_type, sheets))
    for n, pdf in enumerate(made):
        assert f"NUMBER{n},Pat" in text_of(pdf)


def test_an_order_that_ended_says_so_across_the_top(cast: Cast) -> None:
    order = titration(cast)
    live = build(paper(order))
    assert b"Cancelled" not in live
    cancel(
        order,
        by=cast.ada,
        reason=Reason.objects.filter(kind="cancellation")[0],
        version=order.version,
    )
    said = text_of(build(paper(order)))
    assert plain(f"Cancelled on {sheet_of(paper(order))['dates'][8:20]}") in said
    rejected = titration(cast)
    claims.claim(rejected, by=cast.phil)
    review.reject(rejected, by=cast.phil, reason=reason("rejection", "other"), text="Zebra words.")
    assert "Rejectedon" in text_of(build(paper(rejected)))


# --- who gets it --------------------------------------------------------------------------------
def test_practice_and_staff_get_it_and_nobody_else(cast: Cast) -> None:
    order = titration(cast)
    url = f"/orders/{order.reference}/prescription.pdf"
    for user in (cast.ada, cast.nils, cast.phil, cast.tess):
        answer = sign_in(user).get(url)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == f'inline; filename="{order.reference}.pdf"'
        assert "no-store" in answer["Cache-Control"]
        assert answer.content.startswith(b"%PDF-")
    assert sign_in(cast.ben).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    draft = draft_of(cast.ada)
    for user in (cast.ada, cast.phil):
        url = f"/orders/{draft.reference}/prescription.pdf"
        assert sign_in(user).get(url).status_code == 404


def test_pages_link_to_it_and_the_browsers_print_is_a_working_copy(cast: Cast) -> None:
    order = titration(cast)
    link = f'href="/orders/{order.reference}/prescription.pdf"'
    for user, url in (
        (cast.ada, "/orders/{}/"),
        (cast.ada, "/orders/{}/print/"),
        (cast.phil, "/queue/{}/"),
    ):
        assert link in sign_in(user).get(url.format(order.reference)).content.decode()
    printed = sign_in(cast.ada).get(f"/orders/{order.reference}/print/").content.decode()
    assert "Working copy" in printed


def test_a_signed_text_that_was_tampered_with_is_not_printed(cast: Cast) -> None:
    order = paper(titration(cast))
    order.signature.content = order.signature.content.replace("penicillin", "nothing")
    with pytest.raises(Exception, match="does not match its hash"):
        build(order)


def test_when_type_cannot_be_set_the_page_says_so(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = titration(cast)
    broken = tmp_path / "broken.typ"
    broken.write_text('#panic("no")')
    monkeypatch.setattr(setting, "_TEMPLATE", broken)
    with pytest.raises(PaperFailed):
        build(paper(order))
    answer = sign_in(cast.ada).get(f"/orders/{order.reference}/prescription.pdf")
    assert answer.status_code == 503
    assert "could not be made" in answer.content.decode()
