"""What can be wrong with a certificate file and the key in it."""

from signet.domain.errors.signet_error import SignetError


class UnreadableFileError(SignetError):
    """Not a certificate file, or a broken one, or one that asks for more work than is allowed."""

    code = "unreadable_file"


class UnsupportedFormatError(SignetError):
    """A key store of a kind that is not read here, such as a Java keystore."""

    code = "unsupported_format"


class WrongPasswordError(SignetError):
    """The password does not open the file or the key."""

    code = "wrong_password"


class PasswordRequiredError(SignetError):
    """The file or the key is encrypted and no password was given."""

    code = "password_required"


class NoCertificateError(SignetError):
    """The file holds no certificate."""

    code = "no_certificate"


class SeveralCertificatesError(SignetError):
    """Several end-entity certificates and no private key to choose by."""

    code = "several_certificates"


class SeveralKeysError(SignetError):
    """More than one private key: none is taken silently."""

    code = "several_keys"


class KeyMismatchError(SignetError):
    """The private key, or the pending request's, is not the certificate's."""

    code = "key_mismatch"


class WeakKeyError(SignetError):
    """A key that can be broken: RSA under 2048 bits, an invalid exponent, plain or close primes, a plain seed."""

    code = "weak_key"


class CompromisedKeyError(SignetError):
    """A key whose private part is public, by the list that the deployment has."""

    code = "compromised_key"


class UnsupportedKeyError(SignetError):
    """A kind of key that Signet does not sign with: DSA, other curves, RSA over 4096 bits."""

    code = "unsupported_key"


class FileTooLargeError(SignetError):
    """The certificate file is over 256 KiB, or says more than can be shown."""

    code = "file_too_large"
