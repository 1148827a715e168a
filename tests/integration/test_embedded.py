"""The private PostgreSQL with PostGIS: real clusters, started, killed and started again."""

import asyncio
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import pytest

from backend.embedded import (
    Cluster,
    ClusterError,
    create_database_from_template,
    drop_database,
    ensure_cluster,
    ensure_database,
    stop_cluster,
)
from backend.embedded.debian_packages import NoPostgisError, unpack_postgis

REPOSITORY = Path(__file__).parents[2]
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of linux/prctl.h


class Homes:
    """Homes of the tests, below a folder that any account reaches, with a name that is awkward on purpose."""

    def __init__(self, packages: Path | None) -> None:
        self.folder = Path(mkdtemp(prefix="qingtian 清田 "))
        self.folder.chmod(0o755)
        self.packages = packages
        self.used: set[Path] = set()

    def start(self, home: Path, **options) -> Cluster:
        cluster = ensure_cluster(home, packages=self.packages, **options)
        self.used.add(cluster.home)
        return cluster

    def remove(self) -> None:
        for home in self.used:
            stop_cluster(home)
            shutil.rmtree(home)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def packages(cluster: Cluster) -> Path | None:
    """The packages that the suite's own cluster runs on; None when PostGIS is installed on the machine."""
    return cluster.programs.packages


@pytest.fixture
def homes(packages):
    homes = Homes(packages)
    yield homes
    homes.remove()


@pytest.fixture
def home(homes):
    return homes.folder / "home"


@pytest.fixture
def started(homes):
    return homes.start


@pytest.fixture(scope="module")
def private(packages):
    homes = Homes(packages)
    cluster = homes.start(homes.folder / "home", durable=False)
    ensure_database(cluster, "fields")
    yield cluster
    homes.remove()


def run_sql(url: str, *statements: str):
    """Run the statements in one connection and return the value of the last."""

    async def run():
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


def process_id(cluster: Cluster) -> int:
    return int((cluster.home / "postgres/data/postmaster.pid").read_text().split()[0])


def test_postgis_answers_and_makes_vector_tiles(private):
    url = private.url("owner", "fields")
    assert "PROJ" in run_sql(url, "select postgis_full_version()")
    tile = "select length(ST_AsMVT(t)) from (select ST_AsMVTGeom('POINT(1 1)', 'BOX(0 0,9 9)'::box2d) as geom) t"
    assert run_sql(url, tile) > 0


def test_projections_of_china_are_computed_with_the_packages_own_tables(private):
    metres = "select round(ST_X(ST_Transform('SRID=4490;POINT(114 30)'::geometry, 4547)))"
    assert run_sql(private.url("owner", "fields"), metres) == 500000


def test_the_two_roles_are_the_ones_of_the_url(private):
    question = "select current_user || ' ' || (select rolsuper from pg_roles where rolname = current_user)"
    assert run_sql(private.url("owner", "fields"), question) == "qingtian_owner true"
    assert run_sql(private.url("service", "fields"), question) == "qingtian_service false"


@pytest.mark.parametrize("kind", ["table", "temporary table", "schema"])
def test_the_service_role_cannot_create_a_thing(private, kind):
    statement = f"create {kind} intruder" + (" (id int)" if "table" in kind else "")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        run_sql(private.url("service", "fields"), statement)


def test_the_service_role_cannot_create_a_table_in_a_copied_database(private):
    create_database_from_template(private, "copied", "fields")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        run_sql(private.url("service", "copied"), "create temporary table intruder (id int)")
    drop_database(private, "copied")


def test_a_wrong_password_is_refused(private):
    wrong = private.url("owner", "fields").replace(private.passwords["owner"], private.passwords["service"])
    with pytest.raises(asyncpg.InvalidPasswordError):
        run_sql(wrong, "select 1")


def test_passwords_are_readable_by_their_owner_only(private):
    assert (private.home / "postgres/passwords.json").stat().st_mode & 0o777 == 0o600
    assert private.passwords["owner"] not in repr(private)


def test_the_cluster_listens_on_loopback_only(private):
    assert run_sql(private.url("owner", "fields"), "show listen_addresses") == "127.0.0.1"


def test_a_copy_holds_the_rows_of_its_template_and_leaves_it_alone(private):
    ensure_database(private, "pattern")
    run_sql(private.url("owner", "pattern"), "create table plot (id int)", "insert into plot values (7)", "select 1")
    create_database_from_template(private, "cut", "pattern")
    assert run_sql(private.url("owner", "cut"), "delete from plot returning id") == 7
    assert run_sql(private.url("owner", "pattern"), "select count(*) from plot") == 1


def test_a_database_is_dropped_under_an_open_connection(private):
    ensure_database(private, "doomed")

    async def drop_while_connected():
        connection = await asyncpg.connect(private.url("owner", "doomed").replace("+asyncpg", ""))
        await asyncio.to_thread(drop_database, private, "doomed")
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
            await connection.fetchval("select 1")
        connection.terminate()

    asyncio.run(drop_while_connected())
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        run_sql(private.url("owner", "doomed"), "select 1")


@pytest.mark.parametrize("name", ["x; drop database fields", 'a"b', "", "A", "x" * 64])
def test_a_name_that_is_no_identifier_never_reaches_the_server(private, name):
    with pytest.raises(ValueError, match="not a database name"):
        drop_database(private, name)


def test_starting_again_is_quick_and_changes_nothing(home, started):
    first = started(home)
    began = time.monotonic()
    second = started(home)
    assert time.monotonic() - began < 1
    assert (second.port, second.passwords) == (first.port, first.passwords)
    assert run_sql(second.url("owner", "postgres"), "show fsync") == "on"


def test_a_killed_server_starts_again_with_every_committed_row(home, started):
    cluster = started(home)
    ensure_database(cluster, "ledger")

    async def write_until_the_server_dies() -> int:
        connection = await asyncpg.connect(cluster.url("owner", "ledger").replace("+asyncpg", ""))
        await connection.execute("create table entry (position int primary key)")
        for position in range(200):
            await connection.execute("insert into entry values ($1)", position)
        await connection.execute("begin")
        await connection.execute("insert into entry values (999)")
        os.kill(process_id(cluster), signal.SIGKILL)
        connection.terminate()
        return 200

    committed = asyncio.run(write_until_the_server_dies())
    again = started(home)
    ensure_database(again, "ledger")
    assert run_sql(again.url("owner", "ledger"), "select count(*) from entry") == committed
    assert run_sql(again.url("owner", "ledger"), "select max(position) from entry") == committed - 1


def test_a_server_that_died_and_was_not_reaped_is_not_taken_for_alive(home, started):
    libc = ctypes.CDLL(None)
    assert libc.prctl(SUBREAPER, 1, 0, 0, 0) == 0  # orphans become children of this process, which reaps them late
    try:
        cluster = started(home)
        dead = process_id(cluster)
        os.kill(dead, signal.SIGKILL)
        again = started(home)
        assert "Z" in Path(f"/proc/{dead}/stat").read_text().rsplit(")", 1)[1].split()[0]
        assert run_sql(again.url("owner", "postgres"), "select 1") == 1
        os.waitpid(dead, 0)
        stop_cluster(home)
    finally:
        libc.prctl(SUBREAPER, 0, 0, 0, 0)
        while reap_one():
            pass


def reap_one() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] > 0
    except ChildProcessError:
        return False


def test_a_lock_file_whose_process_number_went_to_another_program_is_no_obstacle(home, started):
    cluster = started(home)
    lock_file = cluster.home / "postgres/data/postmaster.pid"
    lines = lock_file.read_text().splitlines()
    stop_cluster(home)
    lock_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert run_sql(started(home).url("owner", "postgres"), "select 1") == 1


def test_processes_that_start_it_together_share_one_cluster(home, homes):
    script = (
        "import sys; from pathlib import Path; from backend.embedded import ensure_cluster, ensure_database\n"
        "cluster = ensure_cluster(Path(sys.argv[1]), packages=Path(sys.argv[2])); ensure_database(cluster, 'shared')\n"
        "print(cluster.url('service', 'shared'))"
    )

    def start_in_a_process(_: int) -> str:
        command = [sys.executable, "-c", script, str(home), str(homes.packages)]
        return subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.strip()

    with ThreadPoolExecutor() as pool:
        urls = set(pool.map(start_in_a_process, range(3)))
    homes.start(home)
    assert len(urls) == 1
    assert run_sql(urls.pop(), "select ST_SRID('SRID=4490;POINT(112 28)'::geometry)") == 4490


def test_a_stopped_cluster_starts_again_with_its_data(home, started):
    cluster = started(home)
    ensure_database(cluster, "kept")
    run_sql(cluster.url("owner", "kept"), "create table plot as select 5 as id", "select 1")
    stop_cluster(home)
    with pytest.raises(OSError, match=r"refused|Connect"):
        run_sql(cluster.url("owner", "kept"), "select 1")
    stop_cluster(home)
    assert run_sql(started(home).url("owner", "kept"), "select id from plot") == 5


def test_a_cluster_that_another_process_uses_is_left_running(home, started, homes):
    cluster = started(home)
    script = (
        "import sys; from pathlib import Path; from backend.embedded import ensure_cluster\n"
        "ensure_cluster(Path(sys.argv[1]), packages=Path(sys.argv[2])); print('ready', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(home), str(homes.packages)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "ready\n"
        assert stop_cluster(home) is False
        assert run_sql(cluster.url("owner", "postgres"), "select 1") == 1
        other.kill()
    assert stop_cluster(home) is True
    with pytest.raises(OSError, match=r"refused|Connect"):
        run_sql(cluster.url("owner", "postgres"), "select 1")


def test_a_creation_that_was_cut_short_begins_anew(home, started):
    half_made = home / "postgres/data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("15")
    assert run_sql(started(home).url("owner", "postgres"), "select 1") == 1
    assert not half_made.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to an account that cannot reach the home")
def test_a_home_closed_to_others_keeps_its_data_elsewhere_and_says_so(home, started):
    home.mkdir(mode=0o700)
    said: list[str] = []
    cluster = started(home, progress=said.append)
    assert cluster.home.parent == Path("/var/lib")
    assert any(str(cluster.home) in line for line in said)
    home.chmod(0o755)
    assert started(home).port == cluster.port, "the data are found again after the home was opened"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to an account that cannot reach the home")
def test_data_in_a_home_that_was_closed_later_are_never_replaced_by_an_empty_cluster(home, started):
    assert started(home).home == home
    stop_cluster(home)
    home.chmod(0o700)
    with pytest.raises(ClusterError, match="cannot enter"):
        started(home)
    home.chmod(0o755)


def test_without_postgis_and_without_apt_the_error_names_the_way_out(home, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(NoPostgisError, match="docker compose up") as error:
        unpack_postgis(home / "packages", major=None, progress=lambda _: None)
    assert "请改用" in str(error.value)


def test_data_of_another_postgresql_version_are_not_opened(home, started, monkeypatch):
    data = home / "postgres/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(NoPostgisError):
        started(home)
