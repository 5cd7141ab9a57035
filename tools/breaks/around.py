"""Faults in what is deployed, in the local stack, in the clients and in the tools."""

from tools.breaks.planting import Break

_AGENT = "clients/signet/signet_cli/pkcs11"
_AGENT_TESTS = "tests/unit/command/pkcs11/test_agent.py"
_PERMISSIONS = "tests/architecture/template/test_permissions.py"

DEPLOYED = (
    Break(
        "functions/automation/check_expiry/app.py",
        'moment_of_check(event.get("time"))',
        'moment_of_check(event.get("time") or "2026-01-01T00:00:00Z")',
        (
            "tests/integration/events/expiry_check/test_check_expiry.py::test_an_event_without_a_good_time_makes_the_function_fail_and_say_so",
        ),
    ),
    Break(
        "template.yaml",
        "                Sid: KeepWrappedKeys\n                Effect: Allow\n                Action: dynamodb:PutItem",
        "                Sid: KeepWrappedKeys\n                Effect: Allow\n"
        "                Action: [dynamodb:PutItem, dynamodb:BatchGetItem]",
        (f"{_PERMISSIONS}::test_wrapped_keys_are_read_only_where_signing_is_done",),
    ),
    Break(
        "template.yaml",
        "{Sid: RecordEvents, Effect: Allow, Action: dynamodb:PutItem,",
        "{Sid: RecordEvents, Effect: Allow, Action: [dynamodb:PutItem, dynamodb:UpdateItem],",
        (f"{_PERMISSIONS}::test_no_function_changes_or_deletes_an_event",),
    ),
    Break(
        "template.yaml",
        "Method: GET, Path: /v1/me}}",
        "Method: GET, Path: /v1/me, Auth: {Authorizer: NONE}}}",
        ("tests/architecture/template/test_routes.py::test_a_route_has_an_authorizer_unless_anybody_may_ask",),
    ),
    Break(
        "template.yaml",
        'LogGroupName: !Sub "/aws/lambda/${AWS::StackName}", RetentionInDays: !Ref LogRetentionDays}',
        'LogGroupName: !Sub "/aws/lambda/${AWS::StackName}"}',
        ("tests/architecture/template/test_functions.py::test_logs_are_kept_for_as_long_as_the_parameter_says",),
    ),
    Break(
        "template.yaml",
        "BisectBatchOnFunctionError: true",
        "BisectBatchOnFunctionError: false",
        ("tests/architecture/template/test_what_runs_by_itself.py",),
    ),
)

LOCAL_STACK = (
    Break(
        "local/api_gateway/gateway.py",
        "key = (authorizer.name, *(str(value) for value in identity))",
        "key = (authorizer.name,)",
        (
            "tests/integration/local_stack/gateway/test_gateway.py::test_an_authorizers_answer_is_kept_for_its_identity_source_alone",
        ),
    ),
    Break(
        "local/aws/iam_statements.py",
        'return effects == {"Allow"}',
        'return "Allow" in effects',
        ("tests/unit/access/test_permissions.py",),
    ),
    Break(
        "local/event_sources/event_pattern.py",
        "return all(_field_matches(name, wanted, event) for name, wanted in pattern.items())",
        "return any(_field_matches(name, wanted, event) for name, wanted in pattern.items())",
        ("tests/unit/local/test_event_pattern.py",),
    ),
)

CLIENTS = (
    Break(
        f"{_AGENT}/slots.py",
        "self._wrong_pins.add(self._digest(token, pin))",
        "pass",
        (
            "tests/unit/command/pkcs11/test_agent_logins.py::test_a_wrong_pin_is_sent_once_however_often_the_program_tries",
        ),
    ),
    Break(
        f"{_AGENT}/slots.py",
        "if len(found) != token.signature_bytes:",
        "if False:",
        (f"{_AGENT_TESTS}::test_bytes_that_are_no_signature_are_not_handed_on",),
    ),
    Break(
        f"{_AGENT}/mechanisms.py",
        "if _MASKS.get(mask) != bits:",
        "if False:",
        ("tests/unit/command/pkcs11/test_mechanisms.py",),
    ),
    Break(
        f"{_AGENT}/program.py",
        "hidden = _PIN_OPTION.fullmatch(word) is not None",
        "hidden = False",
        ("tests/unit/command/pkcs11/test_program.py",),
    ),
    Break(
        "clients/signet/signet_cli/unanswered.py",
        "known = _read(descriptor)",
        "known = None",
        ("tests/unit/command/test_unanswered.py",),
    ),
    Break(
        f"{_AGENT}/agent.py",
        "    forbid_core_files()\n",
        "",
        ("tests/unit/command/pkcs11/test_core_files.py",),
    ),
    Break(
        f"{_AGENT}/calls/signing.py",
        "fed = operation.copy()",
        "fed = operation",
        ("tests/unit/command/pkcs11/test_long_calls.py",),
    ),
    Break(
        "clients/signet/signet_cli/address.py",
        'if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):',
        'if parts.scheme not in ("https", "http"):',
        ("tests/unit/command/test_settings.py::test_a_token_is_sent_nowhere_else",),
    ),
    Break(
        "clients/signet/signet_cli/login/session.py",
        "if tokens != known and tokens.expires_at - time.time() > RENEW_SECONDS_BEFORE_END:",
        "if False:",
        ("tests/unit/command/test_session.py::test_what_another_program_renewed_meanwhile_is_not_renewed_again",),
    ),
    Break(
        "clients/signet/signet_cli/login/token_store.py",
        'getattr(os, "O_NOFOLLOW", 0), 0o600)',
        'getattr(os, "O_NOFOLLOW", 0), 0o644)',
        ("tests/unit/command/test_session.py::test_a_file_of_tokens_is_for_nobody_else_to_read",),
    ),
    Break(
        "clients/signet/signet_cli/client.py",
        'safe = method in _REPEATABLE or "Idempotency-Key" in headers or "If-Match" in headers',
        "safe = True",
        ("tests/unit/command/test_client.py",),
    ),
    Break(
        "clients/signet/signet_cli/signing.py",
        "    except InvalidSignature:\n        return False\n    return True\n\n\ndef verify_file",
        "    except InvalidSignature:\n        return True\n    return True\n\n\ndef verify_file",
        ("tests/unit/command/test_signing.py",),
    ),
)

TOOLS = (
    Break(
        "tools/soak.py",
        "return 1 if failed else 0",
        "return 0",
        ("tests/unit/local/test_soak.py::test_a_part_that_failed_makes_all_fail_and_the_others_run_all_the_same",),
    ),
    Break(
        "tools/compromised_keys.py",
        "for block in blocks or [data]:",
        "for block in blocks[:1] or [data]:",
        (
            "tests/unit/certificate_files/test_weak_keys.py::test_a_list_is_made_of_a_folder_of_keys_and_stands_in_for_the_shipped_one",
        ),
    ),
    Break(
        "tests/packaging/template_difference.py",
        "rights_after[function] - rights_before[function]",
        "rights_before[function] - rights_before[function]",
        ("tests/packaging/test_template_difference.py::test_the_comparison_finds",),
    ),
)
