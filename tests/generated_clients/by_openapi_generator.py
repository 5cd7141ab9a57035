"""The main job, done by the client that openapi-generator makes, in Python, of the interface's description.

Run in an environment of its own: address, token and a PKCS#12 in base64 come on the first line of standard input, the
CA's answer to the CSR on the second; what came of it is printed.
"""

import json
import sys
import uuid

from signet_client import (
    AccessApi,
    ApiClient,
    ApiException,
    CertificatesApi,
    Configuration,
    CsrBody,
    EventsApi,
    ImportBody,
    IssuedBody,
    SignBody,
    SigningRequestsApi,
)

given = json.loads(sys.stdin.readline())
client = ApiClient(Configuration(host=given["address"], access_token=given["token"]))
certificates, requests = CertificatesApi(client), SigningRequestsApi(client)
alias = f"generated {uuid.uuid4()}"

me = AccessApi(client).get_me()
imported = certificates.import_certificate(
    ImportBody(content=given["pkcs12"], password=given["password"], alias=alias, owner=me.user),
    idempotency_key=str(uuid.uuid4()),
)
listed = certificates.list_certificates(q=alias, limit=10)
signed = certificates.sign_with_certificate(
    alias, SignBody(message=given["message"], message_type="RAW", signing_algorithm="ECDSA_SHA_256")
)
file = certificates.download_certificate(alias)
requested = certificates.renew_certificate(imported.id, csr_body=CsrBody())
csr = requests.download_signing_request(requested.id)
print(json.dumps({"csr": bytes(csr).decode()}), flush=True)
issued = requests.import_issued_certificate(requested.id, IssuedBody(content=sys.stdin.readline().strip()))


def problem(call: object, *arguments: object) -> ApiException:
    """What `call` is refused with."""
    try:
        call(*arguments)  # type: ignore[operator]
    except ApiException as error:
        return error
    raise AssertionError("it was not refused")


refused = problem(certificates.import_certificate, ImportBody(content="no base64"))
for certificate in (imported.id, issued.id):
    certificates.delete_certificate(certificate)
gone = problem(certificates.get_certificate, issued.id)
events = EventsApi(client).list_events(certificate=imported.id)
print(
    json.dumps(
        {
            "user": me.user,
            "listed": [each.id for each in listed.items],
            "imported": imported.id,
            "signature": signed.signature,
            "downloaded": bytes(file).hex(),
            "renews": issued.renews,
            "refused": json.loads(refused.body)["errors"][0]["field"],
            "gone": gone.status,
            "events": [each.type.value for each in events.items],
        }
    )
)
