"""The main job, done by the client that openapi-python-client makes of the interface's description.

Run in an environment of its own: address, token and a PKCS#12 in base64 come on the first line of standard input, the
CA's answer to the CSR on the second; what came of it is printed.
"""

import json
import sys
import uuid

from signet_client import AuthenticatedClient
from signet_client.api.access import get_me
from signet_client.api.certificates import (
    delete_certificate,
    download_certificate,
    get_certificate,
    import_certificate,
    list_certificates,
    renew_certificate,
    sign_with_certificate,
)
from signet_client.api.events import list_events
from signet_client.api.signing_requests import download_signing_request, import_issued_certificate
from signet_client.models import (
    CsrBody,
    ImportBody,
    IssuedBody,
    SignBody,
    SignBodyMessageType,
    SignBodySigningAlgorithm,
)

given = json.loads(sys.stdin.readline())
client = AuthenticatedClient(base_url=given["address"], token=given["token"], raise_on_unexpected_status=True)
alias = f"generated {uuid.uuid4()}"

me = get_me.sync(client=client)
imported = import_certificate.sync(
    client=client,
    body=ImportBody(content=given["pkcs12"], password=given["password"], alias=alias, owner=me.user),
    idempotency_key=str(uuid.uuid4()),
)
listed = list_certificates.sync(client=client, q=alias, limit=10)
signed = sign_with_certificate.sync(
    alias,
    client=client,
    body=SignBody(
        message=given["message"],
        message_type=SignBodyMessageType.RAW,
        signing_algorithm=SignBodySigningAlgorithm.ECDSA_SHA_256,
    ),
)
file = download_certificate.sync(alias, client=client)
requested = renew_certificate.sync(imported.id, client=client, body=CsrBody())
csr = download_signing_request.sync(requested.id, client=client)
print(json.dumps({"csr": csr.payload.read().decode()}), flush=True)
issued = import_issued_certificate.sync(
    requested.id, client=client, body=IssuedBody(content=sys.stdin.readline().strip())
)
refused = import_certificate.sync_detailed(client=client, body=ImportBody(content="no base64"))
for certificate in (imported.id, issued.id):
    delete_certificate.sync_detailed(certificate, client=client)
gone = get_certificate.sync_detailed(issued.id, client=client)
events = list_events.sync(client=client, certificate=imported.id)
print(
    json.dumps(
        {
            "user": me.user,
            "listed": [each.id for each in listed.items],
            "imported": imported.id,
            "signature": signed.signature,
            "downloaded": file.payload.read().hex(),
            "renews": issued.renews,
            "refused": refused.parsed.errors[0].field,
            "gone": gone.status_code.value,
            "events": [each.type_.value for each in events.items],
        }
    )
)
