"""Which instruction sets this processor has, as far as the runtimes' arithmetic depends on them.

The processor itself is asked (CPUID; the kernel's capability word on Arm), not /proc/cpuinfo: under
qemu's user emulation that file shows the host.
"""

import ctypes
import mmap
import os

# cpuid(leaf, subleaf, out): push rbx; mov eax, edi; mov ecx, esi; mov r8, rdx; cpuid;
# mov [r8], eax; mov [r8+4], ebx; mov [r8+8], ecx; mov [r8+12], edx; pop rbx; ret
_CPUID = bytes.fromhex("53 89f8 89f1 4989d0 0fa2 418900 41895804 41894808 4189500c 5b c3")
# xgetbv(0) in eax: xor ecx, ecx; xgetbv; ret
_XGETBV = bytes.fromhex("31c9 0f01d0 c3")
_HWCAP, _HWCAP_ASIMDDP = 16, 1 << 20


def _call(code, result, *arguments):
    page = mmap.mmap(-1, len(code), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    types = [ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p][:len(arguments)]
    return ctypes.CFUNCTYPE(result, *types)(address)(*arguments)


def _cpuid(leaf, subleaf):
    out = (ctypes.c_uint32 * 4)()
    _call(_CPUID, None, leaf, subleaf, ctypes.addressof(out))
    return tuple(out)


def _x86():
    highest = _cpuid(0, 0)[0]
    _, _, ecx, _ = _cpuid(1, 0)
    found = set()
    if ecx >> 20 & 1:
        found.add("sse4.2")
    # Wide registers count only if the system saves them.
    saved = _call(_XGETBV, ctypes.c_uint32) if ecx >> 27 & 1 else 0
    if ecx >> 28 & 1 and saved & 6 == 6:
        found.add("avx")
        if highest >= 7:
            subleaves, ebx, more, _ = _cpuid(7, 0)
            if ebx >> 5 & 1:
                found.add("avx2")
            if ebx >> 16 & 1 and saved & 0xE6 == 0xE6:
                found.add("avx512f")
                if ebx >> 30 & 1:
                    found.add("avx512bw")
                if more >> 11 & 1:
                    found.add("avx512vnni")
            if subleaves >= 1 and _cpuid(7, 1)[0] >> 4 & 1:
                found.add("avxvnni")
    return found


def _arm():
    word = ctypes.CDLL(None).getauxval
    word.restype = ctypes.c_ulong
    return {"neon", "dotprod"} if word(_HWCAP) & _HWCAP_ASIMDDP else {"neon"}


MACHINE = os.uname().machine
IS_ARM = MACHINE in ("aarch64", "arm64")
FEATURES = frozenset(_arm() if IS_ARM else _x86() if MACHINE in ("x86_64", "AMD64") else ())
VNNI = bool(FEATURES & {"avx512vnni", "avxvnni"})


def in_words():
    """The widest sets, for the version in the hello line: "avx2", "avx512f vnni", "arm64 dotprod"."""
    if IS_ARM:
        return "arm64 dotprod" if "dotprod" in FEATURES else "arm64"
    for name in ("avx512f", "avx2", "avx", "sse4.2"):
        if name in FEATURES:
            return f"{name} vnni" if VNNI else name
    return MACHINE


if __name__ == "__main__":
    print(MACHINE, in_words(), *sorted(FEATURES))
