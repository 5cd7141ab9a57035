"""A program that loads a PKCS#11 module as C programs do: HOW MODULE LABEL. Prints each signature in hexadecimal.

`fork` signs the file `data` in a forked child and then itself. The others sign the file `large`: `parts` piece by
piece, `whole` in one call; `raw` hands it whole to a mechanism that wants a digest, and then signs it as `whole` does.
"""

import ctypes
import os
import sys
from pathlib import Path

PART = 1_000_000
CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS = 0x01, 0x40
ULONG = ctypes.c_ulong


class RefusedError(Exception):
    """The module answered with a CK_RV."""


class Module:
    """The functions of a module, by their place in CK_FUNCTION_LIST."""

    INITIALIZE, GET_SLOT_LIST, GET_TOKEN_INFO, OPEN_SESSION = 0, 4, 6, 12
    FIND_INIT, FIND, FIND_FINAL, SIGN_INIT, SIGN, SIGN_UPDATE, SIGN_FINAL = 26, 27, 28, 42, 43, 44, 45

    def __init__(self, path: str) -> None:
        found = ctypes.c_void_p()
        ctypes.CDLL(path).C_GetFunctionList(ctypes.byref(found))
        # A CK_VERSION of two bytes stands before the functions, padded to the size of a pointer.
        self._functions = ctypes.cast(found, ctypes.POINTER(ctypes.c_void_p))

    def call(self, place: int, *words: object) -> None:
        function = ctypes.CFUNCTYPE(ULONG)(self._functions[1 + place] or 0)
        rv = function(*(ULONG(word) if isinstance(word, int) else word for word in words))
        if rv:
            raise RefusedError(hex(rv))


class Mechanism(ctypes.Structure):
    """CK_MECHANISM."""

    _fields_ = (("mechanism", ULONG), ("parameter", ctypes.c_void_p), ("length", ULONG))


class Attribute(ctypes.Structure):
    """CK_ATTRIBUTE."""

    _fields_ = (("type", ULONG), ("value", ctypes.c_void_p), ("length", ULONG))


def signed(module: Module, label: str, *parts: bytes, by: int = CKM_SHA256_RSA_PKCS) -> bytes:
    """A signature of `parts`: in one call where there is one."""
    session, key = _key_of(module, label)
    mechanism = Mechanism(by, None, 0)
    module.call(Module.SIGN_INIT, session, ctypes.byref(mechanism), key)
    signature, length = ctypes.create_string_buffer(1024), ULONG(1024)
    room = (signature, ctypes.byref(length))
    if len(parts) == 1:
        module.call(Module.SIGN, session, parts[0], len(parts[0]), *room)
    else:
        for part in parts:
            module.call(Module.SIGN_UPDATE, session, part, len(part))
        module.call(Module.SIGN_FINAL, session, *room)
    return signature.raw[: length.value]


def _key_of(module: Module, label: str) -> tuple[int, int]:
    count = ULONG()
    module.call(Module.GET_SLOT_LIST, 1, None, ctypes.byref(count))
    slots = (ULONG * count.value)()
    module.call(Module.GET_SLOT_LIST, 1, slots, ctypes.byref(count))
    for slot in slots:
        told = ctypes.create_string_buffer(512)
        module.call(Module.GET_TOKEN_INFO, slot, told)
        if told.raw[:32].rstrip() == label.encode():
            break
    session, kind, key = ULONG(), ULONG(3), ULONG()  # CKO_PRIVATE_KEY
    module.call(Module.OPEN_SESSION, slot, 4, None, None, ctypes.byref(session))
    wanted = Attribute(0, ctypes.cast(ctypes.byref(kind), ctypes.c_void_p), ctypes.sizeof(kind))
    module.call(Module.FIND_INIT, session.value, ctypes.byref(wanted), 1)
    module.call(Module.FIND, session.value, ctypes.byref(key), 1, ctypes.byref(count))
    module.call(Module.FIND_FINAL, session.value)
    return session.value, key.value


def main(how: str, path: str, label: str) -> None:
    module = Module(path)
    module.call(Module.INITIALIZE, None)
    if how == "fork":
        data = Path("data").read_bytes()
        child = os.fork()
        if not child:
            module.call(Module.INITIALIZE, None)
            print(signed(module, label, data).hex(), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            raise RefusedError("the child")
        print(signed(module, label, data).hex())
        return
    large = Path("large").read_bytes()
    if how == "raw":
        try:
            signed(module, label, large, by=CKM_RSA_PKCS)
        except RefusedError as error:
            print(error, file=sys.stderr)
    parts = [large[place : place + PART] for place in range(0, len(large), PART)] if how == "parts" else [large]
    print(signed(module, label, *parts).hex())
    write_peak()


def write_peak() -> None:
    """What the agent had in memory at most, in KiB, into the file `peak`."""
    (agent,) = Path("agents").read_text().split()
    status = Path("/proc", agent, "status").read_text()
    Path("peak").write_text(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
