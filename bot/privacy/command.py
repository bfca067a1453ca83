"""`parley erase` and `parley export`: what a person can ask of their data, done by whoever runs Parley."""

# Libraries are imported inside the functions: asking for help needs none.

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.core.errors import ConfigError, Transient
from bot.core.privacy import Member
from bot.terminal import Exit, sentences, wait

if TYPE_CHECKING:
    from bot.core.privacy import Forgotten, Remembered
    from bot.settings import Settings
    from storage.store import SqlStore

Who = Annotated[str, typer.Argument(help="Platform and id, such as discord/80351110224678912.", metavar="MEMBER")]
ConfigFile = Annotated[Path | None, typer.Option("--config", "-c", help="Settings file.", metavar="FILE")]


def erase(member: Who, config: ConfigFile = None) -> None:
    """Forget a member, and print a receipt.

    Takes their words, name, id, votes and reports out of every table, and out of the database file as well. What
    stands in the rooms is not touched. It works beside a running Parley.
    """
    from bot.settings import load
    from bot.text_privacy import forgotten, not_scrubbed

    with sentences(ConfigError, ValueError):
        receipt, trouble = wait(_erase(load(config, os.environ), Member.parse(member)))
    typer.echo(forgotten(member, receipt.mark, receipt.counts))
    if trouble:
        typer.echo(not_scrubbed(trouble), err=True)
        raise typer.Exit(Exit.FAILED)


async def _erase(settings: Settings, member: Member) -> tuple[Forgotten, str]:
    async with _store(settings) as store:
        receipt = await store.erase(member)
        try:
            await store.scrub()
        except Transient as error:
            return receipt, str(error)
        return receipt, ""


def export(
    member: Who,
    config: ConfigFile = None,
    out: Annotated[Path, typer.Option("--out", help="Name without ending; .json and .html are added.")] = Path(
        "member"
    ),
) -> None:
    """Write what is kept about a member.

    Makes two files, one for machines (JSON) and one for people (HTML).
    """
    from bot.privacy.page import as_json, as_page
    from bot.settings import load
    from bot.text_privacy import exported

    with sentences(ConfigError, ValueError, OSError):
        found = wait(_remembered(load(config, os.environ), Member.parse(member)))
        pages = {out.with_suffix(".json"): as_json(member, found), out.with_suffix(".html"): as_page(member, found)}
        for file, content in pages.items():
            file.write_text(content, encoding="utf-8")
    typer.echo(exported(len(found), member, " and ".join(map(str, pages))))


async def _remembered(settings: Settings, member: Member) -> list[Remembered]:
    async with _store(settings) as store:
        return await store.remembered(member)


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[SqlStore]:
    from bot.logs import Level, set_up
    from bot.settings import store_file
    from storage.store import SqlStore

    set_up(settings.log, Level.ERROR)
    file = store_file(settings.store)
    if file and not file.exists():
        raise ConfigError(f"There is no store in {file}: name another with --config, or begin with “parley run”.")
    store = await SqlStore.open(settings.store.url)
    try:
        yield store
    finally:
        await store.close()
