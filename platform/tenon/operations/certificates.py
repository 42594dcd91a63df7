"""A certificate of the site's own, for phones in one hall's network.

Browsers keep camera and work without network to TLS. A small authority signs the server's
certificate; both keys stay under var, for their owner alone. It can vouch for addresses of private
networks and this machine's names only, so that a phone which trusts it trusts nothing else by it.
Knows nothing of serving.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tenon.keys import read_or_make

AUTHORITY_DAYS, SERVER_DAYS, RENEWED_BEFORE = 1825, 365, timedelta(days=30)
"""Phones refuse a server's certificate of more than 825 days."""
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a certificate; ``authority`` is the one that phones are to trust."""

    authority: Path
    server: Path
    key: Path
    names: tuple[str, ...]


def authority_file(keys_folder: Path) -> Path:
    """Return where the authority's certificate lies, if one was made."""
    return keys_folder / "tls" / "authority.crt"


def ensure_certificate(keys_folder: Path, names: tuple[str, ...], now: datetime) -> Certificate:
    """Return a certificate for these names and addresses; made or renewed where it must be.

    The authority stays the same for years, so that phones trust it once.
    """
    folder = keys_folder / "tls"
    key = _key(folder / "authority.key")
    authority = _authority(authority_file(keys_folder), key, names, now)
    server_key = _key(folder / "server.key")
    server = folder / "server.crt"
    if not _serves(server, authority, names, now):
        made = _sign_server(authority, key, server_key, names, now)
        _write(server, _pem(made) + _pem(authority))
    return Certificate(authority_file(keys_folder), server, folder / "server.key", names)


def local_names(host: str) -> tuple[str, ...]:
    """Return the names and addresses that this machine is reached by, ``host`` among them."""
    found = ["localhost", "127.0.0.1"]
    own = socket.gethostname().lower()
    if own and own != "localhost":
        found += [own, f"{own}.local"]
    found += [address for address in _addresses() if ipaddress.ip_address(address).is_private]
    if host not in ("0.0.0.0", "::", ""):  # noqa: S104  # compared, not bound
        found.append(host.lower())
    return tuple(dict.fromkeys(found))


def _addresses() -> list[str]:
    """Return this machine's own addresses, the one that its route to others leaves by first."""
    found = []
    with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent: it only asks for the route
        found.append(str(probe.getsockname()[0]))
    with contextlib.suppress(OSError):
        found += socket.gethostbyname_ex(socket.gethostname())[2]
    return found


def _key(file: Path) -> ec.EllipticCurvePrivateKey:
    def make() -> bytes:
        return ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    key = serialization.load_pem_private_key(read_or_make(file, make), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{file} is not a key of ours")
    return key


def _authority(
    file: Path, key: ec.EllipticCurvePrivateKey, names: tuple[str, ...], now: datetime
) -> x509.Certificate:
    """Return the authority's certificate; a new one where it runs out or cannot name all names."""
    if file.is_file():
        known = x509.load_pem_x509_certificate(file.read_bytes())
        if (
            _lasts(known, now)
            and _may_name(known, names)
            and known.public_key() == key.public_key()
        ):
            return known
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenon local authority")])
    made = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(file, _pem(made))
    return made


def _sign_server(
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    server_key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
    now: datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    builder = _builder(subject, authority.subject, server_key.public_key(), now, SERVER_DAYS)
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
        .sign(key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(hours=1))
        .not_valid_after(now.astimezone(UTC) + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _address(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _general(names: tuple[str, ...]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        address = _address(name)
        found.append(x509.DNSName(name) if address is None else x509.IPAddress(address))
    return found


def _permitted(names: tuple[str, ...]) -> list[x509.GeneralName]:
    """Return what the authority may vouch for: private networks, and these very names."""
    networks = [ipaddress.ip_network(each) for each in PRIVATE]
    found: list[x509.GeneralName] = [x509.IPAddress(each) for each in networks]
    for name in names:
        address = _address(name)
        if address is None:
            found.append(x509.DNSName(name))
        elif not any(address in network for network in networks):
            found.append(x509.IPAddress(ipaddress.ip_network(address)))
    return found


def _may_name(authority: x509.Certificate, names: tuple[str, ...]) -> bool:
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    return set(_permitted(names)) <= set(allowed.permitted_subtrees or [])


def _serves(file: Path, authority: x509.Certificate, names: tuple[str, ...], now: datetime) -> bool:
    """Whether a server's certificate is there, of this authority, for these names, and lasts."""
    if not file.is_file():
        return False
    known = x509.load_pem_x509_certificate(file.read_bytes())
    said = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        known.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001  # whatever is wrong with it, a new one is made
        return False
    return _lasts(known, now) and set(_general(names)) == set(said)


def _lasts(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_after_utc - now > RENEWED_BEFORE


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner alone."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
