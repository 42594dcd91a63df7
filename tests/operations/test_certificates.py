"""The site's own certificate: private, for these names, trusted by who trusts its authority."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenon.operations.certificates import Certificate, ensure_certificate, local_names
from tenon.operations.serve_tls import prepare
from tenon.settings import Settings

NAMES = ("localhost", "127.0.0.1", "hall.local")
EVERYWHERE = "0.0.0.0"  # noqa: S104  # named, not bound


def _now() -> datetime:
    return datetime.now(UTC)


def _shake_hands(certificate: Certificate, name: str) -> str:
    """Open a connection as a phone does that trusts the authority; return what the server said."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate.server, certificate.key)
    phone = ssl.create_default_context(cafile=str(certificate.authority))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()

        def answer() -> None:
            raw, _ = listening.accept()
            try:
                with server.wrap_socket(raw, server_side=True) as talk:
                    talk.sendall(b"here")
            except (ssl.SSLError, OSError):
                raw.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            with (
                socket.create_connection(address, timeout=10) as raw,
                phone.wrap_socket(raw, server_hostname=name) as talk,
            ):
                return talk.recv(10).decode()
        finally:
            thread.join(timeout=10)


def test_keys_and_certificates_are_their_owners_alone(tmp_path: Path) -> None:
    ensure_certificate(tmp_path / "keys", NAMES, _now())
    folder = tmp_path / "keys" / "tls"
    assert {file.name for file in folder.iterdir()} == {
        "authority.crt",
        "authority.key",
        "server.crt",
        "server.key",
    }
    assert {file.stat().st_mode & 0o077 for file in folder.iterdir()} == {0}


@pytest.mark.parametrize("name", NAMES)
def test_who_trusts_the_authority_trusts_the_server(tmp_path: Path, name: str) -> None:
    assert _shake_hands(ensure_certificate(tmp_path, NAMES, _now()), name) == "here"


def test_another_name_is_not_trusted(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(ensure_certificate(tmp_path, NAMES, _now()), "bank.example")


def test_a_certificate_is_kept_until_it_must_be_made_anew(tmp_path: Path) -> None:
    now = _now()
    first = ensure_certificate(tmp_path, NAMES, now)
    authority, server = first.authority.read_bytes(), first.server.read_bytes()
    ensure_certificate(tmp_path, NAMES, now + timedelta(days=300))
    assert first.server.read_bytes() == server
    ensure_certificate(tmp_path, NAMES, now + timedelta(days=340))
    renewed = first.server.read_bytes()
    assert renewed != server
    ensure_certificate(tmp_path, (*NAMES, "192.168.7.9"), now)
    assert first.server.read_bytes() != renewed
    # Phones that trust the authority need not be touched for any of this.
    assert first.authority.read_bytes() == authority
    ensure_certificate(tmp_path, (*NAMES, "elsewhere.local"), now)
    assert first.authority.read_bytes() != authority


def test_links_lead_to_the_address_in_the_hall_unless_an_operator_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("localhost", "127.0.0.1", "box", "192.168.7.9")
    monkeypatch.setattr("tenon.operations.serve_tls.local_names", lambda _host: names)
    plain = Settings(var=tmp_path, database_url="sqlite://", secret_key="x" * 50)
    assert prepare(plain, EVERYWHERE, 8443)[0].base_url == "https://192.168.7.9:8443"
    told = Settings(
        var=tmp_path, database_url="sqlite://", secret_key="x" * 50, base_url="https://hall.example"
    )
    assert prepare(told, EVERYWHERE, 8443)[0] is told


def test_a_host_asked_for_is_among_the_names() -> None:
    assert "hall.example" in local_names("Hall.Example")
    assert local_names(EVERYWHERE)[:2] == ("localhost", "127.0.0.1")
