"""dev.py says what is wrong in a sentence, hands pip's settings on and knows when nothing is left to do."""

import ast
import threading
from pathlib import Path

import pytest

import dev
from dev import Environment

LISTING = r"""
:env:.find-links='wheels'
:env:.default-timeout='180'
global.find-links='elsewhere'
global.index-url='https://packages.example/simple'
install.extra-index-url='https://one.example/simple\nhttps://two.example/simple'
"""


def make(tmp_path: Path, *, constraints: str = "rich==1", group: str = "") -> Environment:
    file = tmp_path / "constraints.txt"
    file.write_text(constraints)
    (tmp_path / "venv").mkdir(exist_ok=True)
    return Environment(tmp_path / "venv", file, group=group, with_parley=True)


@pytest.mark.parametrize("version", [(3, 11), (3, 12, 1), (4, 0)])
def test_a_python_that_will_do_is_welcome(version: tuple[int, ...]) -> None:
    dev.refuse_old_python(version)


def test_an_old_python_is_told_what_is_needed() -> None:
    with pytest.raises(dev.Stop, match=r"^Parley needs Python 3.11 or newer, and this is 3.8\.$"):
        dev.refuse_old_python((3, 8, 10))


def test_an_old_python_can_read_the_file_that_turns_it_away() -> None:
    source = Path(dev.__file__).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))


def test_a_command_that_does_not_exist_ends_with_two_and_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["fly"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("dev.py: There is no command 'fly'; there are:\n")
    assert all(f"\n  python3 dev.py {name} " in said for name in dev.COMMANDS)


def test_no_command_shows_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([]) == 0
    assert capsys.readouterr().out == dev.usage() + "\n"


def test_uv_gets_the_settings_of_pip_under_its_own_names() -> None:
    assert dev.uv_settings(LISTING) == {
        "UV_FIND_LINKS": "wheels",
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_without_settings_of_pip_uv_gets_none() -> None:
    assert dev.uv_settings("") == {}


def test_torch_comes_without_cuda_unless_a_folder_holds_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert dev.torch_settings("") == {}
    monkeypatch.setattr("sys.platform", "linux")
    assert dev.torch_settings("") == {"UV_TORCH_BACKEND": "cpu"}
    assert dev.torch_settings(f"nowhere,{tmp_path}") == {"UV_TORCH_BACKEND": "cpu"}
    (tmp_path / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl").touch()
    assert dev.torch_settings(f"nowhere,{tmp_path}") == {}


def test_an_environment_without_a_stamp_is_not_ready(tmp_path: Path) -> None:
    assert not dev.is_ready(make(tmp_path))


def test_a_stamped_environment_is_ready_until_the_constraints_change(tmp_path: Path) -> None:
    environment = make(tmp_path)
    environment.stamp.write_text(environment.fingerprint())
    assert dev.is_ready(environment)
    assert not dev.is_ready(make(tmp_path, constraints="rich==2"))


def test_an_environment_for_testing_will_do_for_running_but_not_the_other_way_round(tmp_path: Path) -> None:
    running, testing = make(tmp_path), make(tmp_path, group="dev")
    testing.stamp.write_text(testing.fingerprint())
    assert dev.is_ready(running, testing)
    running.stamp.write_text(running.fingerprint())
    assert not dev.is_ready(testing)


def test_a_second_one_waits_until_the_first_has_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    entered = threading.Event()

    def second() -> None:
        with dev.only_one_at_a_time():
            entered.set()

    waiting = threading.Thread(target=second)
    with dev.only_one_at_a_time():
        waiting.start()
        assert not entered.wait(0.2)
    assert entered.wait(10)
    waiting.join()


def test_the_groups_are_read_from_the_project() -> None:
    assert dev.group_requirements("") == []
    assert dev.group_requirements("synapse") == ["matrix-synapse"]


def test_a_failing_program_stops_with_the_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(dev.Stop, match="It did not work"):
        dev.must("python3", "-c", "print('why it failed'); raise SystemExit(3)", failing="It did not work.")
    assert capfd.readouterr().err == "why it failed\n"


def test_the_constraints_name_no_place() -> None:
    for environment in (dev.TESTING, dev.SYNAPSE):
        assert "/" not in environment.constraints.read_text(encoding="utf-8")
