"""``python -m matching.milvus``: copy the index files into Milvus, and keep it up with them.

Exit codes: 0 done; 1 an index or a model cannot be used.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from matching import store
from matching.encoder import load_encoder
from matching.errors import MatchingError
from matching.milvus.connection import Place
from matching.milvus.following import Follower, copy_over
from matching.milvus.writing import MilvusWriter
from matching.snapshot import SnapshotKeeper

LOOK_SECONDS = 1.0

_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_argument = click.argument("folder", type=_folder)
_uri = click.argument("uri")
_encoder = click.option("--encoder", metavar="PATH_OR_NAME", help="As TENON_ENCODER names it.")


@click.group()
def main() -> None:
    """Move an index from files (FOLDER, as var/index) to Milvus (URI, as http://host:19530)."""


@main.command()
@_argument
@_uri
@_encoder
def copy(folder: Path, uri: str, encoder: str | None) -> None:
    """Build the index in Milvus of what the files hold now."""
    loaded = load_encoder(encoder)
    keeper = SnapshotKeeper(folder, loaded.id)
    state = copy_over(
        loaded, keeper, Place.of(uri), lambda done: click.echo(f"{done:,} documents", err=True)
    )
    click.echo(f"{state.listings:,} listings, {state.documents:,} documents, {state.generation}")


@main.command()
@_argument
@_uri
@_encoder
@click.option("--once", is_flag=True, help="Catch up and end.")
def follow(folder: Path, uri: str, encoder: str | None, *, once: bool) -> None:
    """Bring every change of the files into Milvus, until interrupted."""
    loaded = load_encoder(encoder)
    keeper = SnapshotKeeper(folder, loaded.id)
    with MilvusWriter(loaded, Place.of(uri), create_missing=False) as writer:
        follower = Follower(keeper, writer)
        while True:
            if changed := follower.catch_up():
                click.echo(f"{store.current_generation(folder).name}: {changed:,} listings changed")
            if once:
                return
            time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    try:
        main(standalone_mode=True)
    except MatchingError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
