"""`kill -9` at every named point: the run goes on, and nothing that was committed is done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import toolbox

from controlllm.app import open_service, sweep_artifacts
from controlllm.events import RunId, StepCached, StepStarted, StepSucceeded
from controlllm.execution.faults import POINTS
from controlllm.service import RunService
from controlllm.settings import Settings

HERE = Path(__file__).resolve().parent
STEPS = ("a1", "a2", "b1", "b2", "end")


def execute(
    home: Path, action: str, *, backend: str = "inline", faults: str = ""
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HERE / "crashing.py"), str(home), backend]
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE.parent),
        "CONTROLLLM_FAULTS": faults,
    }
    return subprocess.run(
        [*command, str(home / "calls.log"), action],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of the artefacts of a run that nobody killed."""
    home = tmp_path_factory.mktemp("undisturbed")
    assert execute(home, "start").stdout == "succeeded\n"
    with open_service(Settings(home=home), toolbox.registry()) as service:
        return contents(service, service.store.runs(1)[0].id)


def contents(service: RunService, run_id: RunId) -> dict[str, str]:
    return {step: digest for (step, _, _), digest in service.digests(run_id).items()}


CASES = [
    ("run_accepted", 1),
    *(("before_events", nth) for nth in (1, 2, 3)),
    *(("after_events", nth) for nth in (1, 2, 3)),
    *(("step_running", nth) for nth in (1, 3, 5)),
    *(("artifact_stored", nth) for nth in (1, 2, 4)),
    ("run_finished", 1),
]


def test_every_named_point_is_tried() -> None:
    assert {point for point, _ in CASES} == POINTS


@pytest.mark.promise("P3")
@pytest.mark.parametrize(("point", "nth"), CASES)
def test_a_killed_run_goes_on_to_the_same_end(
    point: str, nth: int, tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    first = execute(tmp_path, "start", faults=f"{point}:kill:{nth}")
    assert first.returncode == -signal.SIGKILL, first.stderr
    resumed = execute(tmp_path, "resume")
    if point == "run_finished":
        assert "already finished: succeeded" in resumed.stderr
    else:
        assert resumed.stdout == "succeeded\n", resumed.stderr
    check(tmp_path, undisturbed)


def check(home: Path, undisturbed: dict[str, str]) -> None:
    """What must hold after any crash and one resume."""
    with open_service(Settings(home=home), toolbox.registry()) as service:
        (record,) = service.store.runs()
        assert record.state == "succeeded"
        assert contents(service, record.id) == undisturbed
        events = service.store.events(record.id)
        assert [event.stamp.seq for event in events] == list(range(1, len(events) + 1))
        done = Counter(e.step for e in events if isinstance(e, StepSucceeded | StepCached))
        assert done == Counter(STEPS), "a committed step ran twice, or one is missing"
        attempts = [(e.step, e.attempt) for e in events if isinstance(e, StepStarted)]
        assert len(attempts) == len(set(attempts))
        for link in service.store.links_of_run(record.id):
            service.artifacts.verify(link.resource)
        orphans = sweep_artifacts(service, Settings(home=home, sweep_grace_s=0.0))
        assert len(orphans) <= 2, "at most the files of the two calls that were under way"
        assert sweep_artifacts(service, Settings(home=home, sweep_grace_s=0.0)) == []


def test_a_run_whose_process_is_killed_twice_still_ends(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    execute(tmp_path, "start", faults="after_events:kill:2")
    second = execute(tmp_path, "resume", faults="artifact_stored:kill:1")
    assert second.returncode == -signal.SIGKILL
    assert execute(tmp_path, "resume").stdout == "succeeded\n"
    check(tmp_path, undisturbed)


def test_workers_of_a_killed_process_leave_nothing_behind(tmp_path: Path) -> None:
    execute(tmp_path, "start", backend="process", faults="artifact_stored:kill:1")
    with open_service(Settings(home=tmp_path), toolbox.registry()) as service:
        left = [folder for folder in (tmp_path / "scratch").iterdir() if folder.is_dir()]
        assert left in ([], [service.scratch])


@pytest.mark.parametrize("nth", [1, 2])
def test_a_full_disk_fails_one_step_and_keeps_the_others(tmp_path: Path, nth: int) -> None:
    ended = execute(tmp_path, "start", faults=f"artifact_stored:no_space:{nth}")
    assert ended.stdout in {"partial\n", "failed\n"}, ended.stderr
    with open_service(Settings(home=tmp_path), toolbox.registry()) as service:
        (record,) = service.store.runs()
        failed = [step for step in service.store.steps(record.id) if step.state == "failed"]
        assert [step.error for step in failed] == ["no_space"]
        assert "space" in (failed[0].message or "")


def test_the_check_notices_a_step_that_ran_twice(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    assert execute(tmp_path, "start").stdout == "succeeded\n"
    wrong = json.loads(json.dumps(undisturbed)) | {"a1": "0" * 64}
    with pytest.raises(AssertionError):
        check(tmp_path, wrong)
