"""The numbers of PKCS#11 (Cryptoki 3.1) that the agent speaks of, and the error that carries one."""

from typing import Final

# --- CK_RV: how a call ended ---------------------------------------------------------------------------------------

CKR_OK: Final = 0x00
CKR_SLOT_ID_INVALID: Final = 0x03
CKR_GENERAL_ERROR: Final = 0x05
CKR_FUNCTION_CANCELED: Final = 0x50
CKR_FUNCTION_FAILED: Final = 0x06
CKR_ARGUMENTS_BAD: Final = 0x07
CKR_ATTRIBUTE_READ_ONLY: Final = 0x10
CKR_ATTRIBUTE_SENSITIVE: Final = 0x11
CKR_ATTRIBUTE_TYPE_INVALID: Final = 0x12
CKR_DATA_INVALID: Final = 0x20
CKR_DATA_LEN_RANGE: Final = 0x21
CKR_DEVICE_ERROR: Final = 0x30
CKR_FUNCTION_NOT_SUPPORTED: Final = 0x54
CKR_KEY_HANDLE_INVALID: Final = 0x60
CKR_KEY_FUNCTION_NOT_PERMITTED: Final = 0x68
CKR_MECHANISM_INVALID: Final = 0x70
CKR_MECHANISM_PARAM_INVALID: Final = 0x71
CKR_OBJECT_HANDLE_INVALID: Final = 0x82
CKR_OPERATION_ACTIVE: Final = 0x90
CKR_OPERATION_NOT_INITIALIZED: Final = 0x91
CKR_PIN_INCORRECT: Final = 0xA0
CKR_PIN_LEN_RANGE: Final = 0xA2
CKR_PIN_LOCKED: Final = 0xA4
CKR_SESSION_HANDLE_INVALID: Final = 0xB3
CKR_TOKEN_NOT_PRESENT: Final = 0xE0
CKR_TOKEN_WRITE_PROTECTED: Final = 0xE2
CKR_USER_ALREADY_LOGGED_IN: Final = 0x100
CKR_USER_NOT_LOGGED_IN: Final = 0x101
CKR_USER_TYPE_INVALID: Final = 0x103
CKR_BUFFER_TOO_SMALL: Final = 0x150
CKR_FUNCTION_REJECTED: Final = 0x200

# --- objects and attributes ----------------------------------------------------------------------------------------

CKO_CERTIFICATE: Final = 1
CKO_PUBLIC_KEY: Final = 2
CKO_PRIVATE_KEY: Final = 3

CKC_X_509: Final = 0
CKK_RSA: Final = 0
CKK_EC: Final = 3
CK_CERTIFICATE_CATEGORY_TOKEN_USER: Final = 1
CK_CERTIFICATE_CATEGORY_AUTHORITY: Final = 2

CKA_CLASS: Final = 0x000
CKA_TOKEN: Final = 0x001
CKA_PRIVATE: Final = 0x002
CKA_LABEL: Final = 0x003
CKA_VALUE: Final = 0x011
CKA_CERTIFICATE_TYPE: Final = 0x080
CKA_ISSUER: Final = 0x081
CKA_SERIAL_NUMBER: Final = 0x082
CKA_TRUSTED: Final = 0x086
CKA_CERTIFICATE_CATEGORY: Final = 0x087
CKA_KEY_TYPE: Final = 0x100
CKA_SUBJECT: Final = 0x101
CKA_ID: Final = 0x102
CKA_SENSITIVE: Final = 0x103
CKA_ENCRYPT: Final = 0x104
CKA_DECRYPT: Final = 0x105
CKA_WRAP: Final = 0x106
CKA_UNWRAP: Final = 0x107
CKA_SIGN: Final = 0x108
CKA_SIGN_RECOVER: Final = 0x109
CKA_VERIFY: Final = 0x10A
CKA_VERIFY_RECOVER: Final = 0x10B
CKA_DERIVE: Final = 0x10C
CKA_START_DATE: Final = 0x110
CKA_END_DATE: Final = 0x111
CKA_MODULUS: Final = 0x120
CKA_MODULUS_BITS: Final = 0x121
CKA_PUBLIC_EXPONENT: Final = 0x122
CKA_PRIVATE_EXPONENT: Final = 0x123
CKA_PRIME_1: Final = 0x124
CKA_PRIME_2: Final = 0x125
CKA_EXPONENT_1: Final = 0x126
CKA_EXPONENT_2: Final = 0x127
CKA_COEFFICIENT: Final = 0x128
CKA_PUBLIC_KEY_INFO: Final = 0x129
CKA_EXTRACTABLE: Final = 0x162
CKA_LOCAL: Final = 0x163
CKA_NEVER_EXTRACTABLE: Final = 0x164
CKA_ALWAYS_SENSITIVE: Final = 0x165
CKA_MODIFIABLE: Final = 0x170
CKA_COPYABLE: Final = 0x171
CKA_DESTROYABLE: Final = 0x172
CKA_EC_PARAMS: Final = 0x180
CKA_EC_POINT: Final = 0x181
CKA_ALWAYS_AUTHENTICATE: Final = 0x202
CKA_WRAP_WITH_TRUSTED: Final = 0x210
CKA_WRAP_TEMPLATE: Final = 0x40000211
CKA_UNWRAP_TEMPLATE: Final = 0x40000212
CKA_DERIVE_TEMPLATE: Final = 0x40000213
CKA_ALLOWED_MECHANISMS: Final = 0x40000600

# --- mechanisms ----------------------------------------------------------------------------------------------------

CKM_RSA_PKCS: Final = 0x0001
CKM_RSA_PKCS_PSS: Final = 0x000D
CKM_SHA256_RSA_PKCS: Final = 0x0040
CKM_SHA384_RSA_PKCS: Final = 0x0041
CKM_SHA512_RSA_PKCS: Final = 0x0042
CKM_SHA256_RSA_PKCS_PSS: Final = 0x0043
CKM_SHA384_RSA_PKCS_PSS: Final = 0x0044
CKM_SHA512_RSA_PKCS_PSS: Final = 0x0045
CKM_SHA256: Final = 0x0250
CKM_SHA384: Final = 0x0260
CKM_SHA512: Final = 0x0270
CKM_ECDSA: Final = 0x1041
CKM_ECDSA_SHA256: Final = 0x1044
CKM_ECDSA_SHA384: Final = 0x1045
CKM_ECDSA_SHA512: Final = 0x1046

CKG_MGF1_SHA256: Final = 2
CKG_MGF1_SHA384: Final = 3
CKG_MGF1_SHA512: Final = 4

# --- flags, states, users ------------------------------------------------------------------------------------------

CKF_TOKEN_PRESENT: Final = 0x01
CKF_WRITE_PROTECTED: Final = 0x02
CKF_LOGIN_REQUIRED: Final = 0x04
CKF_USER_PIN_INITIALIZED: Final = 0x08
CKF_PROTECTED_AUTHENTICATION_PATH: Final = 0x100
CKF_TOKEN_INITIALIZED: Final = 0x400
CKF_RW_SESSION: Final = 0x02
CKF_SERIAL_SESSION: Final = 0x04
CKF_HW: Final = 0x01
CKF_SIGN: Final = 0x800
CKF_EC_F_P: Final = 0x100000
CKF_EC_NAMEDCURVE: Final = 0x800000
CKF_EC_UNCOMPRESS: Final = 0x1000000

CKS_RO_PUBLIC_SESSION: Final = 0
CKS_RO_USER_FUNCTIONS: Final = 1
CKS_RW_PUBLIC_SESSION: Final = 2
CKS_RW_USER_FUNCTIONS: Final = 3

CKU_USER: Final = 1
CKU_CONTEXT_SPECIFIC: Final = 2

CK_UNAVAILABLE_INFORMATION: Final = 0xFFFFFFFFFFFFFFFF


class CryptokiError(Exception):
    """A call ends with `rv`, a CK_RV; `text`, if there is one, is for the person at the terminal."""

    def __init__(self, rv: int, text: str = "") -> None:
        super().__init__(text or f"CK_RV {rv:#x}")
        self.rv = rv
        self.text = text
