# SPDX-License-Identifier: Apache-2.0
"""Faults in a running installation: a preloaded library (fault.c) that a test tells what fails in which
role, and a file system that can be filled."""

import contextlib
import mmap
import os
import re
import shutil
import stat
import struct
import subprocess

import pytest

import system

HERE = os.path.dirname(os.path.abspath(__file__))
ROLES = ("front", "registrar", "keyd", "ca")
FIELDS = ("sync_errno", "write_errno", "alloc_at", "alloc_seen", "fired")
_built = {}


def preload():
    """The library, compiled once in a run."""
    if "so" not in _built:
        directory = system.make_dir("signet-fault-")
        path = os.path.join(directory, "fault.so")
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("no C compiler to make fault.so with")
        system.run(compiler, "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", path,
                   os.path.join(HERE, "fault.c"), "-ldl")
        os.chmod(path, 0o755)
        _built["so"] = path
    return _built["so"]


class Faults:
    """The mapped words of every role. Make one, give .env to the installation."""

    def __init__(self):
        self.dir = system.make_dir("signet-faults-")
        self.maps = {}
        for role in ROLES:
            path = os.path.join(self.dir, role)
            with open(path, "wb") as f:
                f.write(bytes(4096))
            os.chmod(path, 0o666)
            with open(path, "r+b") as f:
                self.maps[role] = mmap.mmap(f.fileno(), 4096)
        self.env = {"LD_PRELOAD": preload(), "SIGNET_FAULTS": self.dir}

    def set(self, role, **words):
        for name, value in words.items():
            struct.pack_into("i", self.maps[role], 4 * FIELDS.index(name), value)

    def get(self, role, name):
        return struct.unpack_from("i", self.maps[role], 4 * FIELDS.index(name))[0]

    def clear(self):
        for role in ROLES:
            self.set(role, **{f: 0 for f in FIELDS})

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


@contextlib.contextmanager
def small_disk(one, folder, size):
    """A file system of that size in place of a folder of a stopped installation."""
    path = os.path.join(one.data, folder)
    keep = path + ".before"
    os.mkdir(keep)
    copy_owned(path, keep)
    st = os.stat(path)
    p = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%s" % size, "tmpfs", path],
                       capture_output=True, text=True)
    if p.returncode != 0:
        shutil.rmtree(keep)
        pytest.skip("no file system can be mounted here: " + p.stderr.strip())
    try:
        copy_owned(keep, path)
        os.chown(path, st.st_uid, st.st_gid)
        os.chmod(path, st.st_mode & 0o7777)
        yield path
    finally:
        one.stop()
        subprocess.run(["umount", path], check=True)
        shutil.rmtree(keep)


def copy_owned(source, target):
    """All but sockets, and the reserves, which are made anew for the size of the disk."""
    for entry in os.listdir(source):
        a, b = os.path.join(source, entry), os.path.join(target, entry)
        st = os.stat(a)
        if stat.S_ISSOCK(st.st_mode) or entry.endswith(".reserve"):
            continue
        if os.path.isdir(a):
            os.mkdir(b)
            copy_owned(a, b)
        else:
            shutil.copyfile(a, b)
        os.chown(b, st.st_uid, st.st_gid)
        os.chmod(b, st.st_mode & 0o7777)


def descriptors(pid, soft=None):
    """The (soft, hard) limit of open files of a process; with soft, sets it, as the user who it is."""
    command = ["prlimit", "--pid", str(pid)]
    command += ["--nofile=%d:" % soft] if soft is not None else ["--nofile", "-o", "SOFT,HARD", "--noheadings"]
    with open("/proc/%d/status" % pid) as f:
        ids = re.findall(r"(?m)^[UG]id:\t(\d+)", f.read())
    as_user = {"user": int(ids[0]), "group": int(ids[1])}
    p = subprocess.run(command, capture_output=True, text=True, **(as_user if os.geteuid() == 0 else {}))
    assert p.returncode == 0, p.stderr
    return [int(n) for n in p.stdout.split()]


def fill(path):
    """A file that takes all the room there is; its name."""
    name = os.path.join(path, "ballast")
    with open(name, "wb", buffering=0) as f:
        size = 1 << 16
        while size:
            try:
                f.write(bytes(size))
            except OSError:
                size //= 2
    return name


def without_sandbox(text):
    """For a preloaded library that makes system calls of its own at any time."""
    return "sandbox: off\n" + re.sub(r"(?m)^sandbox:.*\n", "", text)
