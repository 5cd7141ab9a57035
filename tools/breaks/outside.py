"""Faults in the adapters, and at the HTTP edge."""

from tools.breaks.planting import PACKAGE, Break

_ADAPTERS = f"{PACKAGE}/adapters"
_CHANGES = f"{_ADAPTERS}/dynamodb/writes/change_writes.py"
_VERIFIER = f"{_ADAPTERS}/identity/token_verifier.py"
_KMS = f"{_ADAPTERS}/kms/kms_key_wrapper.py"
_API = f"{PACKAGE}/api"

_VERIFIER_TESTS = "tests/unit/identity/test_token_verifier.py"
_VERIFIED_FORMS = "tests/unit/identity/test_token_forms.py"
_VERIFIED_ISSUERS = "tests/unit/identity/test_token_issuers.py"
_KMS_TESTS = ("tests/unit/signing/test_kms_key_wrapper.py::test_a_wrapped_key_moved_to_another_record_does_not_open",)
_REQUESTS = "tests/integration/signing_requests/test_pending_requests.py"
_REPEATS = "tests/integration/interface/idempotency/test_signing_again.py"

ADAPTERS = (
    # --- what is written ---
    Break(
        _CHANGES,
        'yield delete(PrivateKeyRow(with_prefix("key", certificate.id)))',
        "pass",
        (f"{_REQUESTS}::test_a_deleted_certificate_takes_the_key_that_its_request_made",),
    ),
    Break(
        _CHANGES,
        "yield put(settings_row(after), _is_still(before))",
        "yield put(settings_row(after))",
        (
            "tests/integration/resilience/races/test_cancelled_transactions.py::test_a_change_that_was_overtaken_is_made_again_on_what_is_there",
        ),
    ),
    Break(
        _CHANGES,
        "room_left = no_limit | (AccessRow.held < AccessRow.limit)",
        "room_left = no_limit | (AccessRow.held <= AccessRow.limit)",
        ("tests/integration/certificates/imports/test_import_conflicts.py::test_a_full_group_takes_none_in",),
    ),
    Break(
        f"{_ADAPTERS}/dynamodb/stored_responses.py",
        "if row is None or row.expires_at <= self._clock.now().timestamp():",
        "if row is None:",
        ("tests/unit/dynamodb/test_stored_responses.py",),
    ),
    # --- what is listed ---
    Break(
        f"{_ADAPTERS}/dynamodb/queries/k_way_merge.py",
        "return Merged(taken, taken[-1][0])",
        "return Merged(taken, entries[limit][0])",
        ("tests/unit/dynamodb/test_k_way_merge.py",),
    ),
    Break(
        f"{_ADAPTERS}/dynamodb/cursors.py",
        'told = b"\\n".join([by.user.encode(), repr(query).encode(), content])',
        'told = b"\\n".join([repr(query).encode(), content])',
        ("tests/unit/dynamodb/test_cursors.py",),
    ),
    # --- keys ---
    Break(_KMS, 'return {"key_id": key_id, "purpose": "signing"}', 'return {"purpose": "signing"}', _KMS_TESTS),
    Break(
        f"{_ADAPTERS}/cryptography/signing_keys.py",
        "if key.spki_sha256 != spki_sha256:",
        "if False:",
        ("tests/unit/signing/test_key_ring.py::test_a_key_that_is_not_the_certificates_signs_nothing_and_is_not_kept",),
    ),
    Break(
        f"{_ADAPTERS}/cryptography/signing_keys.py",
        "if now < until:",
        "if now < until + self._keep_for:",
        ("tests/unit/signing/test_key_ring.py::test_a_key_is_forgotten_after_its_time_however_often_it_is_used",),
    ),
    Break(
        f"{_ADAPTERS}/cryptography/pin_hasher.py",
        "salt = os.urandom(SALT_BYTES)",
        "salt = bytes(SALT_BYTES)",
        ("tests/unit/signing/test_pin_hasher.py::test_two_hashes_of_one_pin_differ_and_neither_shows_it",),
    ),
    Break(
        f"{_ADAPTERS}/regular_expressions.py",
        "budget.spend(steps_of(pattern, len(content)))",
        "budget.spend(steps_of(pattern, len(text)))",
        ("tests/unit/policies/test_regular_expressions.py::test_a_text_is_counted_in_bytes",),
    ),
    # --- certificate files ---
    Break(
        f"{_ADAPTERS}/certificate_files/work.py",
        "self._left -= seconds",
        "pass",
        ("tests/unit/certificate_files/test_hostile_certificate_files.py::test_many_small_counts_are_added_up",),
    ),
    Break(
        f"{_ADAPTERS}/certificate_files/path.py",
        "return candidates if verified else []",
        "return candidates",
        ("tests/unit/certificate_files/test_certificate_that_matters.py::test_a_name_alone_makes_no_issuer",),
    ),
    Break(
        f"{_ADAPTERS}/certificate_files/keys/rsa_weakness.py",
        "if _primes_are_close(modulus):",
        "if False:",
        ("tests/unit/certificate_files/test_weak_keys.py::test_a_modulus_that_shows_its_factors_is_weak",),
    ),
    # --- messages ---
    Break(
        f"{_ADAPTERS}/messaging/event_bus.py",
        'for each, told in zip(waiting, answer["Entries"], strict=True)\n                if told.get("ErrorCode")',
        'for each, told in zip(waiting, answer["Entries"], strict=True)\n                if False',
        ("tests/unit/events/test_event_bus.py::test_an_entry_refused_for_a_moment_is_put_again_alone",),
    ),
    Break(
        f"{_ADAPTERS}/messaging/event_stream.py",
        'if record.get("eventName") == "INSERT"',
        'if record.get("eventName") != "REMOVE"',
        ("tests/unit/events/test_event_stream.py",),
    ),
    # --- who calls ---
    Break(
        _VERIFIER,
        "issuer = self._issuers.get(url) if isinstance(url, str) else None",
        "issuer = next(iter(self._issuers.values()), None)",
        (f"{_VERIFIED_ISSUERS}::test_a_token_of_one_issuer_never_yields_a_name_of_another",),
    ),
    Break(
        _VERIFIER,
        "self._check_signature(token, issuer, algorithm, key_id)\n",
        "\n",
        (f"{_VERIFIED_FORMS}::test_one_changed_character_anywhere_refuses",),
    ),
    Break(
        _VERIFIER,
        "if key.fits(algorithm)]",
        "]",
        (f"{_VERIFIER_TESTS}::test_a_key_is_used_for_the_algorithm_its_issuer_says",),
    ),
    Break(
        f"{_ADAPTERS}/identity/issuer_keys.py",
        'if document.get("issuer") != self._issuer.issuer:',
        "if False:",
        ("tests/unit/identity/test_issuer_answers.py::test_a_discovery_document_must_be_the_issuers_own",),
    ),
)

API = (
    Break(
        f"{_API}/answering/identity.py",
        'return {"refused": str(error)}',
        "raise",
        ("tests/unit/identity/test_authorize_request.py::test_an_expired_token_is_nobody",),
    ),
    Break(
        f"{_API}/reading/incoming.py",
        "if float(expires_at) <= time.time():",
        "if False:",
        ("tests/unit/api/test_incoming.py",),
    ),
    Break(
        f"{_API}/reading/incoming.py",
        "class Nothing(msgspec.Struct, forbid_unknown_fields=True):",
        "class Nothing(msgspec.Struct):",
        ("tests/unit/api/test_incoming.py",),
    ),
    Break(
        f"{_API}/reading/queries.py",
        "Limit = Annotated[int, Meta(ge=1, le=200)]",
        "Limit = Annotated[int, Meta(ge=0, le=2000)]",
        ("tests/unit/api/test_incoming.py",),
    ),
    Break(
        f"{_API}/reading/fingerprint.py",
        "if name not in SECRET_FIELDS}",
        "}",
        ("tests/unit/api/test_incoming.py",),
    ),
    Break(
        f"{_API}/reading/base64_text.py",
        "if content is None or base64.b64encode(content).decode() != text:",
        "if content is None:",
        ("tests/unit/api/test_base64_text.py",),
    ),
    Break(
        f"{_API}/problems.py",
        "    errors.PinWrongError: HTTPStatus.FORBIDDEN,\n",
        "",
        ("tests/architecture/source/test_errors.py",),
    ),
    Break(
        f"{_API}/answering/answer.py",
        'headers.setdefault("Cache-Control", "no-store")',
        "pass",
        ("tests/unit/api/test_answer.py",),
    ),
    Break(
        f"{_API}/answering/spreadsheet.py",
        'return f"\'{value}" if value.startswith(_STARTS_A_FORMULA) else value',
        "return value",
        ("tests/unit/api/test_spreadsheet.py",),
    ),
    Break(
        f"{_API}/http_function.py",
        "error=type(error).__name__,",
        "error=str(error),",
        ("tests/unit/api/test_broken_requests.py",),
    ),
    Break(
        f"{_API}/http_function.py",
        'name = hashlib.sha256(f"{self.principal.user}\\n{key}".encode()).hexdigest()',
        "name = hashlib.sha256(key.encode()).hexdigest()",
        (f"{_REPEATS}::test_a_key_belongs_to_its_caller",),
    ),
)
