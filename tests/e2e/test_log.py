# SPDX-License-Identifier: Apache-2.0
"""The access log: bounded whatever strangers send, rotated by size, and never in the way. It takes longer
than 20 seconds because a rotation is at most once a second, and a moved file is looked for every ten."""

import ctypes
import glob
import os
import re
import signal
import socket
import threading
import time

import pytest

import faults
import owned
import system

MIB = 1 << 20
CAPS = b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: a\r\n\r\n"
# Of one address at once: its budget, and what comes back while a slow machine is at it.
OF_ONE = 256 << 10


def get(target, agent=b"stranger"):
    return b"GET %s HTTP/1.1\r\nHost: a\r\nUser-Agent: %s\r\n\r\n" % (target, agent)


def ask(one, source, request, times, at_once=50):
    """So many requests of an address on few connections; the number of answers."""
    got, left = 0, times
    while left:
        with socket.create_connection(("127.0.0.1", one.port), 20, (source, 0)) as s:
            while left:
                n = min(at_once, left)
                s.sendall(request * n)
                end, have, text = got + n, got, b""
                while have < end:
                    more = s.recv(1 << 20)
                    if not more:
                        break
                    text += more
                    have = got + text.count(b"HTTP/1.1 ")
                left -= max(have - got, 1)
                closed = have < end or b"\r\nConnection: close\r\n" in text
                got = have
                if closed:
                    break
    return got


def log_of(one):
    return os.path.join(one.data, "log", "access.log")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def files(one):
    """All files of the log, the oldest first."""
    found = glob.glob(log_of(one) + ".*")
    return sorted(found, key=lambda p: -int(p.rpartition(".")[2])) + [log_of(one)]


def left_out(text):
    return sum(int(n) for n in re.findall(rb"(?m)^#Remark: .* (\d+) requests left out$", text))


def lines(text):
    return [n for n in text.split(b"\n") if n and not n.startswith(b"#")]


def whole(text):
    """Every line has all fields, or is one of the format's own."""
    assert text.endswith(b"\n")
    for line in lines(text):
        assert len(line.split(b" ")) == 15, line
        assert len(line) < 1024, len(line)


FLOODS = {
    "404": (get(b"/nothing"), 6000),
    "405": (b"DELETE /scep HTTP/1.1\r\nHost: a\r\n\r\n", 2000),
    "post to GetCACaps": (b"POST /scep?operation=GetCACaps HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                          4000),
    "GetCACaps": (CAPS, 6000),
    "GetCACert": (b"GET /scep?operation=GetCACert HTTP/1.1\r\nHost: a\r\n\r\n", 4000),
    "page": (get(b"/scep"), 4000),
    "unknown operation": (get(b"/scep?operation=Nothing"), 4000),
    "long lines": (get(b"/" + b"x" * 6000 + b"?" + b"%01" * 2000, b"a" * 6000), 1500),
    "bad head": (b"GET /scep HTTP/1.1\r\n\r\n", 1000),
    "no SCEP message": (b"POST /scep?operation=PKIOperation HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxxx",
                        2000),
    "version": (b"GET /scep HTTP/3.7\r\nHost: a\r\n\r\n", 1000),
    "no method": (b"BREW /scep HTTP/1.1\r\nHost: a\r\n\r\n", 1000),
}


def test_flood_of_one_address__bounded__honest_lines_are_there(fresh):
    """Every answer that is no success, and every success that anybody can have: all of one address."""
    one = fresh()
    sent = 0
    for n, (kind, (request, times)) in enumerate(FLOODS.items()):
        assert ask(one, "127.0.0.9", request, times) == times, kind
        sent += times
        assert ask(one, "127.9.%d.1" % n, get(b"/scep?operation=GetCACaps", b"honest-%d" % n), 1) == 1
    req, _ = one.enrol("CN=honest,O=Test")
    assert req is not None
    one.stop()  # which writes what waits, and says what was left out
    text = read(log_of(one))
    whole(text)
    of_it = [n for n in lines(text) if n.split(b" ")[8] == b"127.0.0.9"]
    assert len(b"\n".join(of_it)) < OF_ONE, "of one address: %d bytes" % len(b"\n".join(of_it))
    assert len(of_it) + left_out(text) == sent
    assert b" 127.0.0.9: more than " in text
    for n in range(len(FLOODS)):
        assert b" honest-%d " % n in text
    assert re.search(rb"(?m)^[^#].*operation=PKIOperation .* 200 0 0 \d+$", text)


def test_flood_of_many_addresses__bounded_together(fresh):
    """60 addresses of one /24: no more than it has, and the next network's line is there."""
    one = fresh()
    request = get(b"/" + b"x" * 300, b"a" * 300)
    for n in range(60):
        assert ask(one, "127.3.3.%d" % (n + 1), request, 400) == 400
    assert ask(one, "127.4.3.1", get(b"/scep", b"neighbour"), 1) == 1
    one.stop()
    text = read(log_of(one))
    whole(text)
    assert len(text) < 3 * MIB // 2, len(text)
    assert b" 127.3.3.0/24: more than " in text
    assert b" neighbour " in text


def small(text):
    text = re.sub(r"(?m)^  access-log-size: .*$", "  access-log-size: 1", text)
    text = re.sub(r"(?m)^  access-log-keep: .*$", "  access-log-keep: 3", text)
    return re.sub(r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 0", text)


def in_use(one):
    """The inode that front writes to."""
    pid = one.role("front")
    held = set()
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            st = os.stat("/proc/%d/fd/%s" % (pid, fd))
        except OSError:
            continue
        held.add((st.st_dev, st.st_ino))
    return held


def is_held(one, path):
    try:
        st = os.stat(path)
    except FileNotFoundError:
        return False
    return (st.st_dev, st.st_ino) in in_use(one)


def test_rotation__under_load__whole_lines_no_file_beyond_its_size(fresh):
    one = fresh(configure=small)
    stop = threading.Event()
    sizes = []

    def watch():
        while not stop.is_set():
            for path in files(one):
                try:
                    sizes.append(os.stat(path).st_size)
                except FileNotFoundError:
                    pass
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        sent = 0
        while sent < 12000:  # of 500 bytes each: more than all files together have
            assert ask(one, "127.0.0.9", get(b"/%06d" % sent + b"x" * 160, b"a" * 150), 500) == 500
            sent += 500
            time.sleep(0.25)  # a rotation is at most once a second
        system.wait_for("the older files", lambda: len(files(one)) == 4, 10)
    finally:
        one.stop()
        stop.set()
        watcher.join()
    assert max(sizes) <= MIB
    assert len(files(one)) == 4, "no more than three older ones"
    for path in files(one):
        text = read(path)
        assert len(text) <= MIB
        assert text.startswith(b"#Software: ")
        whole(text)
    # What is there has no gap: the numbers of the files, one after the other, are those that were sent last.
    numbers = [int(m) for path in files(one) for m in re.findall(rb" /(\d{6})x", read(path))]
    lost = sum(int(n) for path in files(one)
               for n in re.findall(rb"(?m)^#Remark: .* (\d+) lines were lost", read(path)))
    assert numbers == sorted(numbers) and numbers[-1] == 11500
    wanted = list(range(numbers[0] + 500, 12000, 500))
    have = sum(n > numbers[0] for n in numbers)
    assert have + lost >= 500 * len(wanted) and (lost or have == 500 * len(wanted)), (have, lost)


def test_rotation__keep_none__one_file(fresh):
    one = fresh(configure=lambda text: small(text).replace("access-log-keep: 3", "access-log-keep: 0"))
    for _ in range(8):
        ask(one, "127.0.0.9", get(b"/" + b"x" * 160, b"a" * 150), 500)
        time.sleep(0.25)
    system.wait_for("a new file", lambda: os.stat(log_of(one)).st_size < MIB // 2, 10)
    assert files(one) == [log_of(one)]


def test_rotation__too_large_at_the_start__begun_anew(fresh):
    """What an earlier version left: it becomes the older one."""
    one = fresh(configure=small, start=False)
    with open(log_of(one), "wb") as f:
        f.truncate(3 * MIB)
    one.start()
    ask(one, "127.0.0.9", CAPS, 1)
    system.wait_for("the line", lambda: b" GET /scep operation=GetCACaps " in read(log_of(one)), 10)
    assert os.stat(log_of(one) + ".1").st_size == 3 * MIB


def test_moved_by_the_operator__hangup__goes_on_in_a_new_file(fresh):
    one = fresh()
    ask(one, "127.0.0.9", get(b"/before"), 1)
    system.wait_for("the line", lambda: b" /before " in read(log_of(one)), 10)
    os.rename(log_of(one), log_of(one) + ".old")
    one.process.send_signal(signal.SIGHUP)
    system.wait_for("another file", lambda: is_held(one, log_of(one)), 10)
    ask(one, "127.0.0.9", get(b"/after"), 1)
    system.wait_for("the line", lambda: b" /after " in read(log_of(one)), 10)
    assert read(log_of(one)).startswith(b"#Software: ")
    assert b" /after " not in read(log_of(one) + ".old")
    one.process.send_signal(signal.SIGHUP)  # nothing was moved: nothing happens
    one.enrol("CN=after,O=Test")
    assert one.process.poll() is None
    assert b" /after " in read(log_of(one))


def test_moved_by_the_operator__nothing_said__noticed(fresh):
    one = fresh()
    os.rename(log_of(one), log_of(one) + ".old")
    system.wait_for("another file", lambda: is_held(one, log_of(one)), 30)


def test_front_started_again__goes_on_in_the_newest_file(fresh):
    one = fresh(configure=small)
    os.rename(log_of(one), log_of(one) + ".old")
    one.process.send_signal(signal.SIGHUP)
    system.wait_for("another file", lambda: is_held(one, log_of(one)), 10)
    pid = one.role("front")
    os.kill(pid, signal.SIGKILL)
    system.wait_for("front", lambda: one.role("front") not in (None, pid), 10)
    ask_again(one)
    system.wait_for("the line", lambda: b" /again " in read(log_of(one)), 10)


def log_end(pid, path):
    """A copy of the open end of the log that front has."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = libc.syscall(434, pid, 0)  # pidfd_open
    fd, = [fd for fd, what in system.descriptors(pid).items() if what == path]
    copy = libc.syscall(438, pidfd, fd, 0)  # pidfd_getfd
    os.close(pidfd)
    assert copy >= 0, os.strerror(ctypes.get_errno())
    return copy


def fill(fd):
    try:
        while os.fstat(fd).st_size < MIB:
            os.write(fd, b"x" * 65536)
    except OSError:
        pass


def test_front_owned__keeps_what_it_had_open__no_third_file(fresh):
    """A file that is held takes up the disk although it was thrown away: thousands would fill it."""
    one = fresh(configure=small)
    pid = one.role("front")
    channel, = owned.sockets_of(pid, kind=socket.SOCK_SEQPACKET)
    held = [log_end(pid, log_of(one))]
    os.kill(pid, signal.SIGSTOP)
    system.wait_for("it stops", lambda: owned.is_stopped(pid))
    channel.settimeout(1)
    end = time.monotonic() + 9
    while time.monotonic() < end:
        fill(held[-1])
        channel.send(b"Lfront.access-log")
        try:
            held += socket.recv_fds(channel, 1024, 4)[1]
        except TimeoutError:
            pass
    assert len(held) == 2 and len(files(one)) == 2
    assert len([n for n in one.said().splitlines() if "supervisor.log.held" in n]) == 1, one.said()
    for fd in held:
        os.close(fd)
    channel.close()
    os.kill(pid, signal.SIGKILL)
    one.wait_ready()
    system.wait_for("a new front", lambda: one.role("front") not in (None, pid))
    ask_again(one)
    system.wait_for("the line", lambda: b" /again " in read(log_of(one)), 10)


def test_pipe_without_a_reader__nobody_waits_for_one(fresh):
    one = fresh(start=False)
    if os.path.exists(log_of(one)):
        os.unlink(log_of(one))
    os.mkfifo(log_of(one))
    one.start()
    for _ in range(4):  # more than a pipe holds
        ask(one, "127.0.0.9", get(b"/" + b"x" * 160, b"a" * 150), 200)
    one.enrol("CN=pipe,O=Test")
    pid = one.role("front")
    os.kill(pid, signal.SIGKILL)
    system.wait_for("a new front", lambda: one.role("front") not in (None, pid))
    ask_again(one)
    with open(log_of(one), "rb") as f:
        assert f.read(65536).startswith(b"#Software: ")
    one.stop()


def test_moved__pipe_in_its_place__supervisor_goes_on(fresh):
    one = fresh()
    os.rename(log_of(one), log_of(one) + ".old")
    os.mkfifo(log_of(one))
    one.process.send_signal(signal.SIGHUP)
    system.wait_for("the pipe", lambda: is_held(one, log_of(one)), 10)
    pid = one.role("front")
    os.kill(pid, signal.SIGKILL)
    system.wait_for("a new front", lambda: one.role("front") not in (None, pid))
    ask_again(one)


def ask_again(one):
    def once():
        try:
            return ask(one, "127.0.0.9", get(b"/again"), 1) == 1
        except OSError:
            return False
    system.wait_for("an answer", once, 10)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system is for root")
def test_disk_full__service_goes_on__lost_lines_are_counted(fresh):
    one = fresh(configure=small, start=False)
    with faults.small_disk(one, "log", "256k"):
        one.start()
        for n in range(16):
            ask(one, "127.0.0.9", get(b"/" + b"x" * 160, b"a" * 150), 500)
        one.enrol("CN=disk-full,O=Test")
        system.wait_for("a line about it", lambda: "http.log.write" in one.said(), 10)
        said = [n for n in one.said().splitlines() if "http.log.write" in n]
        assert len(said) == 1 and "No space left on device" in said[0], said
        os.truncate(log_of(one), 0)
        ask(one, "127.0.0.9", get(b"/room"), 1)
        system.wait_for("room", lambda: read(log_of(one)), 10)
        one.enrol("CN=room,O=Test")
        one.stop()


def test_front__largest_file__that_of_the_log(fresh):
    """Whoever owns front cannot make a file larger by the descriptors that it has."""
    one = fresh(configure=small)
    with open("/proc/%d/limits" % one.role("front")) as f:
        limit = re.search(r"(?m)^Max file size +(\d+) +(\d+) ", f.read())
    assert limit.groups() == (str(2 * MIB),) * 2
