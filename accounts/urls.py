"""One's own account: first password, forgotten password, second factors, sessions."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts.views import enrolment, lock, overview, passwords, signing_in

urlpatterns: list[URLPattern] = [
    path("security/", overview.overview, name="account_security"),
    path("confirm/", overview.confirm, name="account_confirm"),
    path("second-factor/", signing_in.second_factor, name="mfa_authenticate"),
    path("closed/", signing_in.closed, name="account_inactive"),
    # second factors
    path("enrol/", enrolment.choose, name="account_enrol"),
    path("enrol/app/", enrolment.app, name="account_enrol_app"),
    path("enrol/passkey/", enrolment.passkey, name="account_enrol_passkey"),
    path("factors/<int:pk>/remove/", overview.remove_factor, name="account_factor_remove"),
    path("codes/", enrolment.codes, name="account_codes"),
    path("codes/kept/", enrolment.codes_kept, name="account_codes_kept"),
    path("codes/download/", enrolment.codes_download, name="account_codes_download"),
    path("codes/renew/", enrolment.codes_renew, name="account_codes_renew"),
    # passwords
    path("password/", passwords.change, name="account_password"),
    path("forgotten/", passwords.forgot, name="account_forgot"),
    path("forgotten/sent/", passwords.forgot_sent, name="account_forgot_sent"),
    path("activate/<str:token>/", passwords.activate, name="account_activate"),
    path("reset/<str:token>/", passwords.reset, name="account_reset"),
    # the lock and the sessions
    path("locked/", lock.locked, name="account_lock"),
    path("lock/", lock.lock_now, name="account_lock_now"),
    path("session/", lock.state, name="account_session"),
    path("stay/", lock.stay, name="account_stay"),
    path("sessions/end-others/", overview.end_others, name="account_sessions_end_others"),
    path("sessions/end-all/", overview.end_all, name="account_sessions_end_all"),
]
