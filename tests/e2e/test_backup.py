# SPDX-License-Identifier: Apache-2.0
"""signet ca backup and signet registrar backup: a copy of a running database that is whole or not there, and
the chapters Backup and Restore of docs/operating.md as they are written."""

import contextlib
import os
import random
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import time

import pytest

import faults
import keys
import scep
import system
from conftest import STATIC_SECRET
from test_kills import Load, next_victim
from test_reserve import certificates, is_full

LONG = bool(os.environ.get("SIGNET_LONG"))
ROWS = 1_000_000 if LONG else 100_000
BOOK = os.path.join(os.path.dirname(__file__), "../../docs/operating.md")
PAD_MIB = 48


def backup(one, role, path, check=True):
    return one.cli(role, "backup", path, check=check)


def whole(path):
    """A database that needs no other file and passes SQLite's check; an open connection, read-only."""
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    return contextlib.closing(db)


def pad(one, role, mib=PAD_MIB):
    """So large a database that its copy takes a while; the table is no business of the role."""
    path = os.path.join(one.data, "db", role, role + ".db")
    owner = os.stat(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE pad (id INTEGER PRIMARY KEY, b BLOB)")
        db.executemany("INSERT INTO pad (b) VALUES (randomblob(1048576))", [()] * mib)
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in os.listdir(os.path.dirname(path)):
        os.chown(os.path.join(os.path.dirname(path), name), owner.st_uid, owner.st_gid)


@pytest.fixture
def large(fresh):
    """An installation, running, with a database of ca that takes a while."""
    one = fresh(start=False)
    pad(one, "ca")
    one.start()
    return one


@pytest.fixture
def folder(fresh):
    path = system.make_dir("signet-backup-")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def held(one, role="ca"):
    """A backup whose reader has stopped reading after the first bytes: the process."""
    p = subprocess.Popen([system.BIN, role, "backup", "-", "-c", one.conf], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, env=one.env, bufsize=0)
    try:
        assert p.stdout.read(16) == b"SQLite format 3\0"
        yield p
    finally:
        p.kill()
        p.communicate()


def rest(p):
    """All that still comes, the exit status and what was said."""
    out, said = p.communicate(timeout=system.SOON_S)
    return out, p.returncode, said.decode()


def put_back(one, folder):
    """What the book says under Restore, for an installation that is stopped."""
    for role in ("registrar", "ca"):
        target = os.path.join(one.data, "db", role)
        owner = os.stat(target)
        for name in os.listdir(target):
            os.remove(os.path.join(target, name))
        path = os.path.join(target, role + ".db")
        shutil.copyfile(os.path.join(folder, role + ".db"), path)
        os.chmod(path, 0o600)
        os.chown(path, owner.st_uid, owner.st_gid)


# --- what it is -------------------------------------------------------------------------------


def test_backup__whole_private_and_said(fresh, folder):
    one = fresh()
    one.enrol("CN=first,O=Test")
    for role in ("registrar", "ca"):
        path = os.path.join(folder, role + ".db")
        said = backup(one, role, path).stdout
        st = os.stat(path)
        assert said == "%s: the %s database, %d bytes, checked\n" % (path, role, st.st_size)
        assert stat.S_IMODE(st.st_mode) == 0o600
        with whole(path) as db:
            n, = db.execute("SELECT count(*) FROM %s" % {"registrar": "challenge", "ca": "cert"}[role]).fetchone()
            assert n == 1
    assert sorted(os.listdir(folder)) == ["ca.db", "registrar.db"]
    assert re.search(r"registrar notice backup uid \d+ has a backup: registrar\.db, \d+ bytes, in \d+ ms", one.said())


def test_backup__has_no_secret(fresh, folder):
    one = fresh(lab=True)
    challenge = one.challenge("CN=kept,O=Test")
    one.enrol("CN=first,O=Test")
    secrets = [challenge.encode(), STATIC_SECRET.encode()]
    for name in ("keys/challenge.key", "keys/unwrap.key"):
        with open(os.path.join(one.data, name), "rb") as f:
            secrets.append(f.read())
    key, _ = one.ca()
    secrets.append(key.private_numbers().private_value.to_bytes(32, "big"))
    for role in ("registrar", "ca"):
        path = os.path.join(folder, role + ".db")
        backup(one, role, path)
        with open(path, "rb") as f:
            content = f.read()
        assert b"CN=first" in content or b"first" in content
        for n, secret in enumerate(secrets):
            assert secret not in content, "secret %d is in the backup of %s" % (n, role)


def test_backup__audited_before_the_first_byte(large):
    with held(large) as p:
        with large.db("ca") as db:
            rows = db.execute("SELECT who, object FROM audit WHERE act = 'backup'").fetchall()
        assert rows == [("uid %d" % os.geteuid(), "ca.db")]
        os.kill(p.pid, signal.SIGKILL)
    assert " uid %d " % os.geteuid() in large.cli("ca", "audit", "--act", "backup").stdout


def test_backup__with_curl__a_file_of_its_name(fresh, folder):
    one = fresh()
    for role in ("registrar", "ca"):
        p = system.run("curl", "-sS", "-D", "-", "-o", os.path.join(folder, role), "--unix-socket",
                       os.path.join(one.data, "run", role + ".sock"), "http://signet/v1/%s/backup" % role)
        head = p.stdout.lower()
        assert head.startswith("http/1.1 200"), head
        assert "content-type: application/octet-stream\n" in head
        assert 'content-disposition: attachment; filename="%s.db"\n' % role in head
        assert "content-length: %d\n" % os.path.getsize(os.path.join(folder, role)) in head
        with whole(os.path.join(folder, role)):
            pass


def test_backup__to_standard_output(fresh, folder):
    one = fresh()
    path = os.path.join(folder, "ca.db")
    with open(path, "wb") as f:
        p = subprocess.run([system.BIN, "ca", "backup", "-", "-c", one.conf], stdout=f, stderr=subprocess.PIPE,
                           env=one.env, timeout=system.SOON_S)
    assert p.returncode == 0 and p.stderr == b""
    with whole(path):
        pass


def test_backup__file_exists__not_replaced(fresh, folder):
    one = fresh()
    path, dangling = os.path.join(folder, "ca.db"), os.path.join(folder, "link.db")
    with open(path, "w") as f:
        f.write("mine")
    os.symlink("nowhere", dangling)
    for name in (path, dangling, os.path.join(one.data, "db/ca/ca.db")):
        p = backup(one, "ca", name, check=False)
        assert p.returncode == 1 and "exists, and is not replaced" in p.stderr, p.stderr
    with open(path) as f:
        assert f.read() == "mine"
    assert os.readlink(dangling) == "nowhere"
    p = backup(one, "ca", os.path.join(folder, "none/ca.db"), check=False)
    assert p.returncode == 1 and "No such file or directory" in p.stderr
    assert sorted(os.listdir(folder)) == ["ca.db", "link.db"]


def test_backup__nobody_answers__no_file(fresh, folder):
    one = fresh(start=False)
    p = backup(one, "ca", os.path.join(folder, "ca.db"), check=False)
    assert p.returncode == 3 and "is signet running" in p.stderr
    assert os.listdir(folder) == []


# --- what goes wrong in between ---------------------------------------------------------------


def test_backup__another_runs__refused_and_both_roles_have_one_each(large, folder):
    with held(large) as p:
        second = backup(large, "ca", os.path.join(folder, "second.db"), check=False)
        assert second.returncode == 3 and "being made already" in second.stderr
        backup(large, "registrar", os.path.join(folder, "registrar.db"))
        large.enrol("CN=meanwhile,O=Test")
        out, status, _ = rest(p)
    assert status == 0
    path = os.path.join(folder, "first.db")
    with open(path, "wb") as f:
        f.write(b"SQLite format 3\0" + out)
    with whole(path) as db:
        assert db.execute("SELECT count(*) FROM cert").fetchone() == (0,), "of the moment at which it began"
    backup(large, "ca", os.path.join(folder, "second.db"))
    assert sorted(os.listdir(folder)) == ["first.db", "registrar.db", "second.db"]


def test_backup__role_is_killed__said_and_no_file(large, folder):
    with held(large) as p:
        os.kill(large.role("ca"), signal.SIGKILL)
        _, status, said = rest(p)
    assert status == 3 and "ended the connection" in said, said
    large.wait_ready()
    p, fd = stopped_in_between(large, folder)
    os.kill(large.role("ca"), signal.SIGKILL)
    os.kill(p.pid, signal.SIGCONT)
    _, status, said = rest(p)
    assert status == 3 and "ended the connection" in said, said
    assert os.listdir(folder) == []
    system.wait_for("ca", lambda: backup(large, "ca", os.path.join(folder, "ca.db"), check=False).returncode == 0)


def test_backup__signet_is_stopped__ends_with_it(large):
    with held(large) as p:
        began = time.monotonic()
        large.stop()
        assert time.monotonic() - began < 5
        _, status, said = rest(p)
    assert status == 3 and "ended the connection" in said, said
    large.start()
    large.stop()
    large.fsck()


def stopped_in_between(one, folder):
    """A backup into a file that was stopped when some of it had come."""
    for n in range(50):
        path = os.path.join(folder, "try%d.db" % n)
        p = subprocess.Popen([system.BIN, "ca", "backup", path, "-c", one.conf], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=one.env)
        while p.poll() is None:
            at = position(p.pid, folder)
            if at:
                os.kill(p.pid, signal.SIGSTOP)
                break
        if p.poll() is None and 0 < at < PAD_MIB << 19:
            return p, at
        with contextlib.suppress(ProcessLookupError):
            os.kill(p.pid, signal.SIGCONT)
        p.communicate()
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
    raise AssertionError("it is always over before it can be stopped")


def position(pid, folder):
    """How far a process has written a file of that folder, which has no name yet."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        for fd in os.listdir("/proc/%d/fd" % pid):
            if os.readlink("/proc/%d/fd/%s" % (pid, fd)).startswith(folder):
                with open("/proc/%d/fdinfo/%s" % (pid, fd)) as f:
                    return int(re.search(r"pos:\s+(\d+)", f.read()).group(1))
    return 0


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_backup__command_is_killed__leaves_nothing(large, folder, sig):
    p, _ = stopped_in_between(large, folder)
    os.kill(p.pid, sig)
    os.kill(p.pid, signal.SIGCONT)
    p.communicate(timeout=system.SOON_S)
    assert p.returncode == -sig
    assert os.listdir(folder) == []
    # The role has noticed, or does within the time that it waits for one who does not read.
    system.wait_for("the next", lambda: backup(large, "ca", os.path.join(folder, "ca.db"), check=False).returncode == 0)
    assert re.search(r"ca warning backup uid \d+ has no whole backup: \d+ of \d+ bytes", large.said())
    assert os.listdir(folder) == ["ca.db"]


def test_backup__no_room_for_it__said_and_no_file(large):
    with open("/dev/full", "wb") as full:
        p = subprocess.run([system.BIN, "ca", "backup", "-", "-c", large.conf], stdout=full,
                           stderr=subprocess.PIPE, env=large.env, timeout=system.SOON_S)
    assert p.returncode == 1 and b"No space left" in p.stderr, p.stderr
    disk = system.make_dir("signet-small-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        os.rmdir(disk)
        pytest.skip("no file system can be mounted here")
    try:
        p = backup(large, "ca", os.path.join(disk, "ca.db"), check=False)
        assert p.returncode == 1 and "No space left" in p.stderr, p.stderr
        assert os.listdir(disk) == []
        assert os.statvfs(disk).f_bfree == os.statvfs(disk).f_blocks, "something is still held"
    finally:
        subprocess.run(["umount", disk], check=True)
        os.rmdir(disk)


def test_backup__disk_of_the_role_is_full__made_and_audited(fresh, folder):
    one = fresh(lab=True)
    one.stop()
    with faults.small_disk(one, "db/ca", "40m") as path:
        one.start()
        certificates(one, 3)
        ballast = faults.fill(path)
        for _ in range(400):
            one.server().post(scep.Request(ra=one.server().ra, subject="CN=x,O=Test", key=keys.rsa("x"),
                                           challenge=one.challenge("CN=x,O=Test")).build())
            if is_full(one, "ca"):
                break
        assert is_full(one, "ca")
        backup(one, "ca", os.path.join(folder, "ca.db"))
        with one.db("ca") as db:
            assert db.execute("SELECT count(*) FROM audit WHERE act = 'backup'").fetchone() == (1,)
        with whole(os.path.join(folder, "ca.db")) as db:
            assert db.execute("SELECT count(*) FROM cert").fetchone()[0] >= 3
        os.remove(ballast)
        system.wait_for("room", lambda: not is_full(one, "ca"))


def test_backup__reader_stalls__given_up_before_the_disk_is_full(fresh):
    """The log cannot be written anew while a backup is read."""
    one = fresh(lab=True)
    one.stop()
    with faults.small_disk(one, "db/ca", "64m"):
        pad(one, "ca", 8)
        one.start()
        with held(one) as p:
            load = Load(one, 1, None, 1)
            load.again += (500,)
            load.start()
            try:
                system.wait_for("the end of the backup", lambda: "store.backup.slow" in one.said() or
                                "has no whole backup" in one.said(), 120, 0.2)
            finally:
                load.stop.set()
                load.join()
            _, status, _ = rest(p)
            assert status == 3
        assert not is_full(one, "ca")
        assert load.error is None
    one.stop()


# --- restore ----------------------------------------------------------------------------------


def test_backup__under_load_and_kills__restores(fresh, folder):
    """Nothing that a client had before its backup began is missing, and what is put back is consistent."""
    one = fresh(lab=True)
    rng = random.Random(11)
    loads = [Load(one, i, None, 11) for i in range(3)]
    before, made, deaths = [], 0, {}
    for load in loads:
        load.start()
    try:
        for n in range(12):
            time.sleep(0.2 + rng.random() * 0.3)
            if n % 3 == 1:
                victim, what = next_victim(one, rng, deaths)
                os.kill(victim, signal.SIGKILL)
                deaths.setdefault(what, []).append(time.monotonic())
            into = os.path.join(folder, str(n))
            os.mkdir(into, 0o700)
            won = {s for load in loads for s in list(load.won)}
            codes = [backup(one, role, os.path.join(into, role + ".db"), check=False).returncode
                     for role in ("registrar", "ca")]
            assert set(codes) <= {0, 3}, codes
            if codes == [0, 0]:
                before.append((into, won))
                made += 1
            else:
                assert len(os.listdir(into)) == codes.count(0)
    finally:
        for load in loads:
            load.stop.set()
        for load in loads:
            load.join()
    assert all(load.error is None for load in loads), [load.error for load in loads]
    assert made >= 4 and len(before[-1][1]) > 5
    one.stop()
    one.fsck()
    for into, won in before:
        put_back(one, into)
        one.fsck()
        assert won <= one.stored(), "lost: %s" % (won - one.stored())
    one.start()
    for n in range(5):  # no number of an attempt that ca has seen comes again
        one.enrol("CN=after%d,O=Test" % n)
    one.stop()
    one.fsck()


def blocks(title):
    """The indented blocks of a chapter of the book."""
    with open(BOOK) as f:
        chapter = re.search(r"(?ms)^## %s\n(.*?)^## " % title, f.read()).group(1)
    return [re.sub(r"(?m)^    ", "", b) for b in re.findall(r"(?m)(?:^    .*\n)+", chapter)]


def test_book__backup_and_restore_as_written(fresh, folder):
    """Every block of both chapters that is a command, in their order, by sh."""
    one = fresh()
    _, rep = one.enrol("CN=kept,O=Test")
    os.symlink(system.BIN, os.path.join(folder, "signet"))
    env = dict(one.env, PATH=folder + ":" + os.environ["PATH"])
    to = os.path.join(folder, "saved")

    def sh(block):
        text = block.replace("BACKUP", to).replace("DATA", one.data)
        if os.geteuid() != 0:
            text = re.sub(r" -[og] \d+", "", text)
        text = re.sub(r"(?m)^signet run .*\n", "", text)
        p = subprocess.run(["sh", "-euc", text], env=env, capture_output=True, text=True, timeout=60, cwd=folder)
        assert p.returncode == 0, "%s\n%s%s" % (text, p.stdout, p.stderr)
        return p.stdout

    script = next(b for b in blocks("Backup") if b.startswith("#!"))
    running = next(b for b in blocks("Backup") if "registrar backup" in b and not b.startswith("#!"))
    restore = next(b for b in blocks("Restore") if "install " in b)
    assert running.index("registrar backup") < running.index("ca backup")
    sh(running)
    path = os.path.join(folder, "script")
    with open(path, "w") as f:
        f.write(script.replace("/var/backups/signet", os.path.join(folder, "nightly"))
                .replace("/var/lib/signet", one.data))
    os.chmod(path, 0o755)
    for expected in (0, 1):  # the second of a day replaces nothing
        p = subprocess.run([path], env=env, capture_output=True, text=True, timeout=60)
        assert (p.returncode != 0) == bool(expected), p.stderr
    night, = os.listdir(os.path.join(folder, "nightly"))
    assert sorted(os.listdir(os.path.join(folder, "nightly", night))) == ["ca.db", "registrar.db"]
    _, lost = one.enrol("CN=lost,O=Test")
    one.stop()
    assert "0 findings" in sh(restore)
    one.start()
    assert one.show("%x" % rep.cert.serial_number).returncode == 0
    assert one.show("%x" % lost.cert.serial_number, check=False).returncode != 0


# --- how long, and what it costs the others -----------------------------------------------------


def many_rows(one, rows):
    """So many certificates as ca has after years: copies of one, under other numbers."""
    path = os.path.join(one.data, "db/ca/ca.db")
    owner = os.stat(path)
    other = {"id": "?1", "serial": "randomblob(20)", "request_id": "randomblob(length(request_id))",
             "cert_hash": "randomblob(32)", "lineage": "?1", "order_id": "NULL", "der": "randomblob(length(der))"}
    with contextlib.closing(sqlite3.connect(path)) as db:
        first, = db.execute("SELECT min(id) FROM cert").fetchone()
        for table in ("cert", "cert_der"):
            columns = [r[1] for r in db.execute("PRAGMA table_info(%s)" % table)]
            db.executemany("INSERT INTO %s (%s) SELECT %s FROM %s WHERE id = %d" % (
                table, ", ".join(columns), ", ".join(other.get(c, c) for c in columns), table, first),
                ((n,) for n in range(1000, 1000 + rows)))
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in os.listdir(os.path.dirname(path)):
        os.chown(os.path.join(os.path.dirname(path), name), owner.st_uid, owner.st_gid)


def memory_kib(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"RssAnon:\s+(\d+)", f.read()).group(1))


def enrolments(one, until):
    """One after the other while until() is false: how long each took, in order of that."""
    took = []
    while not took or not until():
        name = "t%d.printers.example" % time.monotonic_ns()
        began = time.monotonic()
        _, rep = one.server("printers").enrol(subject="CN=%s,O=Test" % name, key=keys.rsa("time"),
                                              sans=("dns:" + name,), challenge=STATIC_SECRET)
        assert rep.status == scep.SUCCESS
        took.append(time.monotonic() - began)
    return sorted(took)


@pytest.mark.slow
def test_backup__many_rows__bounded_memory_and_commits_go_on(fresh, folder, capsys):
    """Slow: a hundred thousand certificates have to be made first."""
    one = fresh(lab=True)
    one.enrol("CN=first,O=Test")
    one.stop()
    many_rows(one, ROWS)
    one.start()
    end = time.monotonic() + 3
    alone = enrolments(one, lambda: time.monotonic() > end)
    path, pid = os.path.join(folder, "ca.db"), one.role("ca")
    before, memory, beside = memory_kib(pid), 0, []
    began = time.monotonic()
    p = subprocess.Popen([system.BIN, "ca", "backup", path, "-c", one.conf], stdout=subprocess.DEVNULL, env=one.env)

    def over():
        nonlocal memory
        memory = max(memory, memory_kib(pid))
        return p.poll() is not None

    beside = enrolments(one, over)
    took = time.monotonic() - began
    assert p.returncode == 0
    with capsys.disabled():
        print("\n%d rows, %.0f MiB: %.2f s (check included), %d KiB more in ca; an enrolment %.1f ms (worst %.1f), "
              "beside it %.1f ms (worst %.1f) of %d" % (
                  ROWS, os.path.getsize(path) / 2**20, took, memory - before, alone[len(alone) // 2] * 1e3,
                  alone[-1] * 1e3, beside[len(beside) // 2] * 1e3, beside[-1] * 1e3, len(beside)))
    if not system.is_sanitized(system.BIN):
        assert memory - before < 16 << 10, "%d KiB" % (memory - before)
    with whole(path) as db:
        assert db.execute("SELECT count(*) FROM cert").fetchone()[0] >= ROWS + len(alone)
