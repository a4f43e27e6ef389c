"""The schema: one in the tables, one in the migrations, and they are the same."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import postgresql_database
from sqlalchemy import inspect, text

from controlllm.events import RunId
from controlllm.provenance.engine import MIGRATIONS, SCHEMA_REVISION, open_engine, reading, writing
from controlllm.provenance.store import SqlStore
from controlllm.provenance.tables import metadata

PROCESSES = 6

OPENER = """
import sys
sys.path[:0] = sys.argv[2:]
import alembic.command
from controlllm.provenance.engine import open_engine
print("ready", flush=True)
sys.stdin.readline()
engine = open_engine(sys.argv[1])
with engine.connect() as connection:
    print(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
engine.dispose()
"""


def test_the_revision_of_the_program_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_REVISION]


def test_migrating_an_empty_database_makes_the_tables_of_the_program(
    empty_database_url: str,
) -> None:
    engine = open_engine(empty_database_url)
    with engine.connect() as connection:
        compared = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(compared, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
    engine.dispose()


def test_the_comparison_would_notice_a_difference(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE runs ADD COLUMN extra INTEGER"))
        connection.execute(text("DROP INDEX ix_steps_key"))
        connection.execute(text("DROP TABLE decisions"))
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    assert sorted((each[0], getattr(each[-1], "name", "")) for each in found) == [
        ("add_index", "ix_steps_key"),
        ("add_table", "decisions"),
        ("remove_column", "extra"),
    ]
    engine.dispose()


@pytest.mark.parametrize("round_", range(3))
def test_processes_that_open_an_empty_database_at_once_all_succeed(
    empty_database_url: str, round_: int
) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, empty_database_url, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=120) for process in processes]
    assert ends == [(f"{SCHEMA_REVISION}\n", "")] * PROCESSES


def test_the_migrations_can_be_taken_back(empty_database_url: str) -> None:
    from alembic import command

    engine = open_engine(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with reading(engine) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
    open_engine(empty_database_url).dispose()


def test_migrating_leaves_the_logging_of_the_program_alone() -> None:
    before = (logging.getLogger().handlers[:], logging.getLogger().level)
    with postgresql_database("template0") as url:
        open_engine(url).dispose()
    assert (logging.getLogger().handlers[:], logging.getLogger().level) == before


def test_a_record_of_the_first_revision_is_kept_and_brought_up_to_date(
    empty_database_url: str,
) -> None:
    from alembic import command

    engine = open_engine(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        connection.execute(text("INSERT INTO plans VALUES ('p', '{}', 'now')"))
        connection.execute(
            text(
                "INSERT INTO runs (id, goal, request, plan, state, created_at, next_seq, epoch,"
                " lease_until_s, cancel_requested)"
                " VALUES ('r', 'g', '{}', 'p', 'succeeded', 'now', 9, 1, 0, false)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO steps (run_id, step, tool, card_hash, key, state, attempts,"
                " started_at, seconds, begun_seq)"
                " VALUES ('r', 's1', 'cut', 'c', 'k', 'succeeded', 1, 'then', 2.5, 3)"
            )
        )
    engine.dispose()
    store = SqlStore(open_engine(empty_database_url), now_s=lambda: 0.0, lease_s=15.0)
    (step,) = store.steps(RunId("r"))
    assert (step.tool, step.seconds, step.estimate_s, step.memory_bytes) == ("cut", 2.5, None, None)
    assert store.priors().tools["c"].worked == 1
    store.close()
