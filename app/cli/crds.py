"""`foreman crds`: the CustomResourceDefinitions as YAML."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--write",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write one file a kind into this folder instead.",
)
def crds(write: Path | None) -> None:
    r"""Print the CustomResourceDefinitions.

    \b
    foreman crds | kubectl apply -f -
    foreman crds --write config/crd/bases
    """
    from app.cli.running import plainly
    from k8s.crds import yaml_files

    texts = yaml_files()
    if write is None:
        click.echo("".join(texts.values()), nl=False)
        return
    with plainly():
        write.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (write / name).write_text(text, encoding="utf-8")
    click.echo(f"{write}: {len(texts)} files written")
