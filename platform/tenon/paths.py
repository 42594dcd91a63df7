"""Where the folders lie that are not Python: in the wheel if there, else in the checkout.

Knows nothing of settings; only of how the package was installed.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def _folder(name: str, in_checkout: str | None = None) -> Path:
    for candidate in (_PACKAGE / name, _CHECKOUT / (in_checkout or name)):
        if candidate.is_dir():
            return candidate
    raise RuntimeError(f"{name}/ is neither in the installed package nor in a checkout")


def templates() -> Path:
    """Return the folder of page and mail templates."""
    return _folder("templates")


def migrations() -> Path:
    """Return Alembic's folder."""
    return _folder("migrations")


def vendor() -> Path | None:
    """Return the folder of front-end files that others wrote, or None where set-up left it out."""
    try:
        return _folder("vendor", ".vendor")
    except RuntimeError:
        return None


def translations() -> list[Path]:
    """Return the folders of message catalogues, one a room."""
    root = _PACKAGE / "translations"
    return sorted(path for path in root.iterdir() if path.is_dir())


def default_var() -> Path:
    """Return where a checkout keeps its database, index and files; the working folder otherwise."""
    in_checkout = (_CHECKOUT / "pyproject.toml").is_file()
    return (_CHECKOUT if in_checkout else Path.cwd()) / "var"
