"""Faults in the rules of the domain, and in the operations."""

from tools.breaks.planting import PACKAGE, Break, faults_in

_DOMAIN = f"{PACKAGE}/domain"
_ROLE = f"{_DOMAIN}/access/role.py"
_ACCESS = f"{_DOMAIN}/access/access_snapshot.py"
_CLAIMS = f"{_DOMAIN}/access/token_claims.py"
_DECISION = f"{_DOMAIN}/policies/policy_decision.py"
_WINDOW = f"{_DOMAIN}/policies/time_window.py"
_USE = f"{_DOMAIN}/signing/use_decision.py"
_READER = f"{_DOMAIN}/asn1/reader.py"
_OPERATIONS = f"{PACKAGE}/operations"
_SIGN = f"{_OPERATIONS}/certificates/sign_with_certificate.py"
_IDEMPOTENCY = f"{_OPERATIONS}/idempotency.py"
_PLAN = f"{_OPERATIONS}/certificates/bulk/plan.py"

_ROLE_TESTS = "tests/unit/access/test_role.py"
_CLAIMS_TESTS = ("tests/unit/identity/test_token_claims.py",)
_DECISION_TESTS = "tests/unit/policies/test_policy_decision.py"
_PLACES_TESTS = "tests/unit/policies/test_policy_places.py"
_REFUSALS = "tests/unit/operations/test_refusals.py"
_REPEATS = "tests/integration/interface/idempotency/test_signing_again.py"
_PINS = "tests/integration/signing/test_pins.py"
_MATRIX = "tests/integration/access/test_permission_matrix.py"
_USE_TESTS = ("tests/unit/signing/test_use_decision.py",)
_DER_TESTS = ("tests/unit/asn1/test_der.py",)

DOMAIN = (
    # --- who may manage what ---
    *faults_in(
        _ROLE,
        _ROLE_TESTS,
        (
            "permission in self.settings.permissions and (",
            "True and (",
            "test_a_viewer_sees_all_and_touches_nothing",
        ),
        (
            "return rights is None or any(group in rights",
            "return True or any(group in rights",
            "test_a_role_with_groups_does_not_reach_a_certificate_in_none",
        ),
        (
            "return self.may(Permission.EDIT_CERTIFICATES, before) and (",
            "return True and (",
            "test_who_may_not_edit_a_certificate_pulls_it_into_no_group_of_theirs",
        ),
        (
            "all(self.may_add_to(group) for group in joined)",
            "True",
            "test_who_may_edit_a_certificate_moves_it_only_into_groups_to_which_the_role_may_add",
        ),
        (
            "(bool(leaving) or self.is_administrator)",
            "True",
            "test_only_an_administrator_takes_a_certificate_out_of_its_last_group",
        ),
        (
            "return GroupRight.ASSIGN in self.rights_on(group)",
            "return True",
            "test_who_may_not_assign_a_group_names_nothing_of_it",
        ),
        (
            "if len(open_to_it) < len(groups):",
            "if False:",
            "test_what_a_role_with_groups_brings_goes_into_one_that_it_may_add_to",
        ),
    ),
    Break(
        f"{_DOMAIN}/access/role_in_force.py",
        "min(directly or through_groups, key=_force, default=None)",
        "min([*directly, *through_groups], key=_force, default=None)",
        (
            "tests/unit/access/test_roles_in_force.py::test_a_role_given_to_the_user_beats_administrator_given_to_a_group",
        ),
    ),
    # --- who calls ---
    Break(_CLAIMS, '_check_audience(claims.get("aud"), issuer.audiences)', "pass", _CLAIMS_TESTS),
    Break(_CLAIMS, "if expires <= now:", "if expires + CLOCK_DIFFERENCE.total_seconds() <= now:", _CLAIMS_TESTS),
    Break(
        _CLAIMS,
        "if any(name in _LEFT_OUT or name.startswith(prefixes) for name in claims):",
        "if False:",
        _CLAIMS_TESTS,
    ),
    # --- who sees and uses what ---
    Break(
        _ACCESS,
        "or (role is not None and role.covers(certificate.groups))",
        "or role is not None",
        (
            "tests/integration/access/test_unseen.py::test_every_question_about_an_unseen_certificate_gets_the_answer_of_none",
        ),
    ),
    Break(
        _ACCESS,
        "return role.may_assign_certificate(certificate.groups) or not any(",
        "return True or not any(",
        ("tests/unit/access/test_access_snapshot.py::test_who_may_not_assign_takes_nothing_out_of_reach_of_a_deny",),
    ),
    # --- the decision ---
    *faults_in(
        _DECISION,
        _DECISION_TESTS,
        (
            "return settings.enabled and next(",
            "return next(",
            "test_a_disabled_policy_does_not_decide",
        ),
        (
            "return policy.settings.priority, policy.settings.action is PolicyAction.ALLOW, policy.id",
            "return policy.settings.priority, policy.settings.action is PolicyAction.DENY, policy.id",
            "test_at_equal_priority_deny_wins_whatever_the_order",
        ),
        (
            "ordered = sorted(policies, key=precedence)",
            "ordered = list(policies)",
            "test_priority_0_is_asked_first",
        ),
        (
            "return principal.user in settings.who.users or not",
            "return not",
            "test_a_policy_that_matches_allows",
        ),
    ),
    *faults_in(
        _DECISION,
        _PLACES_TESTS,
        (
            "too_costly = True",
            "pass",
            "test_several_that_cost_too_much_together_allow_nothing",
        ),
        (
            "elif not any(address in network",
            "elif not all(address in network",
            "test_an_address_lies_in_a_network",
        ),
    ),
    Break(
        f"{_DOMAIN}/policies/step_budget.py",
        "self.left -= steps",
        "pass",
        (f"{_PLACES_TESTS}::test_several_that_cost_too_much_together_allow_nothing",),
    ),
    Break(
        _WINDOW,
        "return now < self.end_time and self._starts_on(today - _DAY)",
        "return now < self.end_time and self._starts_on(today)",
        ("tests/unit/policies/test_time_window.py::test_a_window_past_midnight_belongs_to_the_day_it_starts_on",),
    ),
    Break(
        _WINDOW,
        "return self.start_time <= now < self.end_time and",
        "return self.start_time <= now <= self.end_time and",
        ("tests/unit/policies/test_time_window.py::test_the_end_is_outside_and_the_start_inside",),
    ),
    # --- one use ---
    Break(_USE, "if not certificate.enabled:", "if False:", _USE_TESTS),
    Break(_USE, "if at > certificate.facts.not_after:", "if at >= certificate.facts.not_after:", _USE_TESTS),
    Break(
        _USE,
        "earlier = 0 if usage.pin_locked_until is not None else usage.pin_failures",
        "earlier = usage.pin_failures",
        _USE_TESTS,
    ),
    Break(_USE, "if usage.pin_locked_until is not None and at < usage.pin_locked_until:", "if False:", _USE_TESTS),
    Break(
        f"{_DOMAIN}/signing/redaction.py",
        "for form in (_PLAIN, _DECODED):",
        "for form in (_PLAIN,):",
        ("tests/unit/signing/test_redaction.py::test_a_pin_is_replaced_however_it_is_written",),
    ),
    # --- what is read ---
    Break(_READER, "if octets and (length < 0x80 or length >> 8 * (octets - 1) == 0):", "if False:", _DER_TESTS),
    Break(_READER, "if end != len(data):", "if end > len(data):", _DER_TESTS),
    Break(
        f"{_DOMAIN}/text/visible_text.py",
        "and not _is_ignorable(letter)",
        "",
        ("tests/unit/access/test_visible_text.py::test_no_default_ignorable_code_point_stands_in_a_name",),
    ),
    # --- what ends ---
    Break(
        f"{_DOMAIN}/expiry/expiry.py",
        "if certificate.renewed_by is not None:",
        "if False:",
        ("tests/unit/events/test_expiry.py::test_a_renewed_certificate_is_left_alone",),
    ),
)

OPERATIONS = (
    # --- may they, before anything else ---
    Break(
        f"{_OPERATIONS}/authorisation.py",
        "if not snapshot.access.may(within.caller, permission, certificate):",
        "if not snapshot.access.may(within.caller, permission):",
        (f"{_REFUSALS}::test_a_right_over_some_certificates_is_none_over_another_that_is_seen",),
    ),
    Break(
        f"{_OPERATIONS}/signing_requests/cancel_signing_request.py",
        "Permission.DELETE_SIGNING_REQUESTS, snapshot",
        "Permission.VIEW_SIGNING_REQUESTS, snapshot",
        (f"{_MATRIX}::test_everybody_gets_what_the_table_says[DELETE /v1/signing-requests/{{id}}]",),
    ),
    Break(
        _PLAN,
        "if not access.may(within.caller, permission, certificate):",
        "if False:",
        (f"{_REFUSALS}::test_each_certificate_of_a_bulk_action_needs_the_right_over_itself",),
    ),
    # --- signing ---
    Break(
        _SIGN,
        "if certificate.pin_hash is not None and not pin_is_right(certificate):",
        "if False:",
        (f"{_PINS}::test_five_wrong_pins_lock_it_to_the_right_one_too",),
    ),
    Break(
        _SIGN,
        "return within.load(made_with, key=keys.holds)",
        "return snapshot",
        (f"{_REPEATS}::test_a_repeat_is_about_the_certificate_that_signed_wherever_its_alias_went",),
    ),
    Break(
        _SIGN,
        "PinFailed(use.certificate, use.usage, after_wrong_pin(use.usage, now)),",
        "PinFailed(use.certificate, use.usage, use.usage),",
        (f"{_PINS}::test_five_wrong_pins_lock_it_to_the_right_one_too",),
    ),
    # --- versions and repeats ---
    Break(
        f"{_OPERATIONS}/certificates/update_certificate.py",
        "if if_match is not None and before.version not in if_match:",
        "if False:",
        (f"{_REFUSALS}::test_a_change_that_insists_on_another_version_changes_nothing",),
    ),
    Break(
        _IDEMPOTENCY,
        "if stored.fingerprint != within.idempotency.fingerprint:",
        "if False:",
        (f"{_REFUSALS}::test_a_repeat_is_answered_as_before_to_the_same_request_of_who_sees_what_it_is_about",),
    ),
    Break(
        _IDEMPOTENCY,
        "if not (stored.subjects and all(map(sees, stored.subjects))):",
        "if False:",
        (f"{_REFUSALS}::test_a_repeat_is_answered_as_before_to_the_same_request_of_who_sees_what_it_is_about",),
    ),
    # --- renewal and expiry ---
    Break(
        f"{_OPERATIONS}/certificates/renew_certificate.py",
        "if before.renewed_by is not None:",
        "if False:",
        (f"{_REFUSALS}::test_what_was_renewed_is_not_renewed_again",),
    ),
    Break(
        f"{_OPERATIONS}/automation/announce_events.py",
        "again |= announcement_dlq.add(aside)",
        "announcement_dlq.add(aside)",
        (f"{_REFUSALS}::test_what_can_neither_be_announced_nor_set_aside_comes_again",),
    ),
)
