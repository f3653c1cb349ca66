"""The embedded PostgreSQL: shared, ended by the last of its users, started where it is missing."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.shell.processes import (
    environment,
    is_running,
    manage,
    server_pid,
    user_of,
    wait_until,
)


def connect(host: str) -> psycopg.Connection:
    return psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True)


def kill_server(data_dir: Path) -> None:
    os.kill(server_pid(data_dir), signal.SIGKILL)
    wait_until(lambda: not is_running(data_dir))


def test_two_processes_share_one_server_and_the_last_to_leave_stops_it(data_dir: Path) -> None:
    with user_of(data_dir) as first, user_of(data_dir) as second:
        assert first.host() == second.host() == str(data_dir / "postgres")
        first.end()
        assert is_running(data_dir)
        second.end()
        assert not is_running(data_dir)


def test_a_killed_user_does_not_keep_it_running(data_dir: Path) -> None:
    with user_of(data_dir) as killed, user_of(data_dir) as last:
        assert killed.host() == last.host()
        killed.kill()
        last.end()
        assert not is_running(data_dir)


def test_it_stops_when_its_only_user_was_killed(data_dir: Path) -> None:
    with user_of(data_dir) as user:
        assert user.host()
        user.kill()
        assert is_running(data_dir)
        wait_until(lambda: not is_running(data_dir), seconds=10)


def test_the_number_of_another_program_in_its_pid_file_does_not_stop_a_start(
    data_dir: Path,
) -> None:
    with user_of(data_dir) as user:
        assert user.host()
        user.end()
    foreign = (
        f"{os.getpid()}\n{data_dir}/postgres\n0\n5432\n{data_dir}/postgres\n\n 0 0\nready   \n"
    )
    (data_dir / "postgres/postmaster.pid").write_text(foreign)
    with user_of(data_dir) as user:
        connect(user.host()).close()
        assert server_pid(data_dir) != os.getpid()
        user.end()


def test_a_killed_server_is_back_with_its_data_for_the_next_connection(data_dir: Path) -> None:
    with user_of(data_dir) as user:
        with connect(user.host()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1")
        kill_server(data_dir)
        with connect(user.join_again()) as connection:
            assert connection.execute("SELECT * FROM kept").fetchall() == [(1,)]
        user.end()


def test_a_query_that_outlives_a_killed_server_does_not_stop_the_next(data_dir: Path) -> None:
    with user_of(data_dir) as user:
        busy = connect(user.host())
        busy.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
        kill_server(data_dir)
        connect(user.join_again()).close()
        assert not psutil.pid_exists(busy.info.backend_pid)
        busy.close()
        user.end()


def test_a_path_too_long_for_a_socket_gets_a_private_one_elsewhere(data_dir: Path) -> None:
    long = data_dir / ("d" * 120)
    with user_of(long) as user:
        socket_directory = Path(user.host())
        assert stat.S_IMODE(socket_directory.stat().st_mode) == 0o700
        connect(str(socket_directory)).close()
        user.end()
    assert not socket_directory.exists()


def test_any_directory_name_will_do(data_dir: Path) -> None:
    with user_of(data_dir / 'it\'s "a, b" $HOME `date`') as user:
        connect(user.host()).close()
        user.end()


def test_a_link_to_the_directory_leads_to_the_same_server(data_dir: Path) -> None:
    real, link = data_dir / "real", data_dir / "link"
    real.mkdir()
    link.symlink_to(real)
    with user_of(real) as one, user_of(link) as other:
        assert one.host() == other.host()
        one.end()
        other.end()


def test_the_database_may_lie_on_another_disk(data_dir: Path) -> None:
    (data_dir / "other-disk").mkdir()
    (data_dir / "postgres").symlink_to(data_dir / "other-disk/postgres")
    with user_of(data_dir) as user:
        connect(user.host()).close()
        user.end()


def test_what_a_crash_left_half_made_is_made_anew(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir()
    (data_dir / "postgres.new/PG_VERSION").write_text("18\n")
    with user_of(data_dir) as user:
        connect(user.host()).close()
        user.end()


def test_many_processes_may_start_it_at_once(data_dir: Path) -> None:
    with user_of(data_dir) as one, user_of(data_dir) as two, user_of(data_dir) as three:
        for user in (one, two, three):
            connect(user.host()).close()
        for user in (one, two, three):
            user.end()
    assert not is_running(data_dir)


def test_it_is_not_started_when_database_url_names_a_server(
    data_dir: Path, external_dir: Path
) -> None:
    with user_of(external_dir) as external:
        url = f"postgresql://postgres@/postgres?host={external.host()}"
        done = manage("migrate", "--plan", data_dir=data_dir, DATABASE_URL=url)
        assert done.returncode == 0, done.stderr
        external.end()
    assert not (data_dir / "postgres").exists()


def test_a_directory_it_cannot_use_is_told_in_a_sentence(data_dir: Path) -> None:
    (data_dir / "postgres").write_text("not a directory")
    done = manage("migrate", "--plan", data_dir=data_dir)
    assert done.returncode != 0
    assert "EXPERTSITE_DATA_DIR names another directory" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test here runs without root already")
def test_a_person_without_root_runs_it_under_their_own_account(data_dir: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python = interpreter_of(nobody.pw_uid)
    os.chown(data_dir, nobody.pw_uid, nobody.pw_gid)
    packages = {"PYTHONPATH": sysconfig.get_path("purelib")}
    with user_of(data_dir, python=python, user=nobody.pw_uid, group=nobody.pw_gid,
                 env=environment(data_dir) | packages) as user:  # fmt: skip
        connect(user.host()).close()
        assert psutil.Process(server_pid(data_dir)).uids().effective == nobody.pw_uid
        user.end()


def interpreter_of(uid: int) -> str:
    """A Python like ours that the account may run: ours may lie in root's home."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(name, path="/usr/local/bin:/usr/bin")):
        if python:
            try:
                subprocess.run([python, "-c", ""], user=uid, check=True)
                return python
            except PermissionError:
                continue
    pytest.skip(f"no {name} here that another account may run")
