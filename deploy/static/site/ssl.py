"""Stands in for Python's ssl in the browser: anyio names its classes on import, and nothing is ever encrypted here."""


class SSLContext: ...


class SSLObject: ...


class SSLError(OSError): ...


class SSLZeroReturnError(SSLError): ...


class SSLWantReadError(SSLError): ...


class SSLWantWriteError(SSLError): ...


class SSLSyscallError(SSLError): ...


class SSLEOFError(SSLError): ...


class SSLCertVerificationError(SSLError): ...


class MemoryBIO: ...


class Purpose: ...


def create_default_context(*args, **kwargs):
    raise NotImplementedError("There are no sockets in a browser, so nothing to encrypt.")


def __getattr__(name):
    if name.startswith(("OP_", "CERT_", "PROTOCOL_", "TLSVersion", "HAS_")):
        return 0
    raise AttributeError(name)
