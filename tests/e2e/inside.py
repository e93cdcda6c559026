# SPDX-License-Identifier: Apache-2.0
"""System calls that a running role makes though its program does not: as if somebody had compromised it. The process
is stopped by ptrace and made to execute the instruction that it waits in, with other registers; so what refuses it is
what would refuse an attacker's code."""

import ctypes
import os
import platform
import signal

import pytest

SINGLESTEP, ATTACH, DETACH, GETREGS, SETREGS, POKETEXT, SYSCALL = 9, 16, 17, 12, 13, 4, 24
NAMES = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base "
         "ds es fs gs").split()
NUMBERS = {"getpid": 39, "socket": 41, "connect": 42, "sendto": 44}
RESTARTS = (-512, -513, -514, -516)  # what the kernel answers itself with when a call is to be made again


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulong) for name in NAMES]


class Inside:
    """with Inside(pid) as role: role.call("socket", 1, 1, 0) is the result, or a signal that ended the process."""

    def __init__(self, pid):
        if platform.machine() != "x86_64":
            pytest.skip("registers are written for x86-64 alone")
        self.pid, self.ended, self.used = pid, None, 0
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self.libc.ptrace.restype = ctypes.c_long

    def ptrace(self, what, address=None, data=None):
        ctypes.set_errno(0)
        if self.libc.ptrace(what, self.pid, address, data) < 0 and ctypes.get_errno() != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def __enter__(self):
        try:
            self.ptrace(ATTACH)
        except PermissionError:
            pytest.skip("this machine lets nobody trace a process")
        self.wait()
        self.saved = Registers()
        self.ptrace(GETREGS, None, ctypes.byref(self.saved))
        while self.saved.orig_rax == ctypes.c_ulong(-1).value:  # not in a system call: to the end of the next
            self.ptrace(SYSCALL)
            self.wait()
            self.ptrace(SYSCALL)
            self.wait()
            self.ptrace(GETREGS, None, ctypes.byref(self.saved))
        return self

    def __exit__(self, *_):
        if self.ended is None:
            if ctypes.c_long(self.saved.rax).value in RESTARTS:
                self.saved.rax, self.saved.rip = self.saved.orig_rax, self.saved.rip - 2
            self.saved.orig_rax = ctypes.c_ulong(-1).value
            self.ptrace(SETREGS, None, ctypes.byref(self.saved))
            self.ptrace(DETACH)

    def wait(self):
        """Until it stops; what ended it otherwise is in self.ended."""
        _, status = os.waitpid(self.pid, 0x40000000)  # __WALL
        if not os.WIFSTOPPED(status):
            self.ended = signal.Signals(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else status
        return status

    def text(self, data):
        """The address of some bytes on its stack, below all that is in use."""
        self.used += 1
        at = (self.saved.rsp - 4096 * self.used) & ~7
        data += b"\0" * (-len(data) % 8)
        for n in range(0, len(data), 8):
            self.ptrace(POKETEXT, at + n, int.from_bytes(data[n:n + 8], "little"))
        return at

    def call(self, name, *args):
        regs = Registers.from_buffer_copy(self.saved)
        regs.rip = self.saved.rip - 2  # it waits in a system call, behind its instruction
        regs.rax, regs.orig_rax = NUMBERS[name], ctypes.c_ulong(-1).value
        for register, value in zip("rdi rsi rdx r10 r8 r9".split(), args):
            setattr(regs, register, value)
        self.ptrace(SETREGS, None, ctypes.byref(regs))
        for _ in range(2):  # at the entry, at the return
            self.ptrace(SYSCALL)
            self.wait()
        after = Registers()
        self.ptrace(GETREGS, None, ctypes.byref(after))
        self.ptrace(SINGLESTEP)  # a signal that ends it comes with the return
        self.wait()
        if self.ended is not None:
            return self.ended
        return ctypes.c_long(after.rax).value
