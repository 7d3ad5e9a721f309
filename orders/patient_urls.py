"""The practice's patients; part of the namespace `orders`."""

from __future__ import annotations

from django.urls import path, register_converter

from orders.views import patient_imports, patient_merge, patients


class _Reference:
    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PatientConverter(_Reference):
    regex = "PT-[0-9A-Z]{8}"


class ImportConverter(_Reference):
    regex = "IM-[0-9A-Z]{8}"


register_converter(PatientConverter, "patient")
register_converter(ImportConverter, "import")

urlpatterns = [
    path("", patients.patients, name="patients"),
    path("new/", patients.new, name="patient_new"),
    path("import/", patient_imports.send, name="patient_imports"),
    path("import/sample.csv", patient_imports.sample, name="patient_sample"),
    path("import/<import:reference>/", patient_imports.batch, name="patient_import"),
    path("import/<import:reference>/poll/", patient_imports.poll, name="patient_import_poll"),
    path("import/<import:reference>/choose/", patient_imports.choose, name="patient_import_choose"),
    path("import/<import:reference>/start/", patient_imports.start, name="patient_import_start"),
    path("import/<import:reference>/drop/", patient_imports.drop, name="patient_import_drop"),
    path("<patient:reference>/", patients.patient, name="patient"),
    path("<patient:reference>/history/", patients.history, name="patient_history"),
    path("<patient:reference>/change/", patients.change, name="patient_change"),
    path("<patient:reference>/answers/", patients.answers, name="patient_answers"),
    path("<patient:reference>/merge/", patient_merge.pick, name="patient_pick"),
    path("<patient:reference>/merge/<patient:other>/", patient_merge.merge, name="patient_merge"),
]
