"""The processor's floating-point mode: denormal numbers become zero while a kernel runs.

A tail that decays into denormals cost forty times a full signal without it. The mode is the thread's own and is put
back on the way out, so that Python's arithmetic outside keeps its rules.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_X86_FLUSH = 0x8040  # MXCSR: FTZ (bit 15) and DAZ (bit 6)
_ARM_FLUSH = 1 << 24  # FPCR: FZ
_I32, _I64 = ir.IntType(32), ir.IntType(64)


def _is_arm(context: Any) -> bool:
    triple = getattr(context.codegen(), "_triple", "") or platform.machine()
    return "aarch64" in str(triple) or "arm64" in str(triple)


def _x86_exchange(builder: Any, change: Any) -> Any:
    word = cgutils.alloca_once(builder, _I32)
    pointer = builder.bitcast(word, ir.IntType(8).as_pointer())
    signature = ir.FunctionType(ir.VoidType(), [pointer.type])
    read = cgutils.get_or_insert_function(builder.module, signature, "llvm.x86.sse.stmxcsr")
    write = cgutils.get_or_insert_function(builder.module, signature, "llvm.x86.sse.ldmxcsr")
    builder.call(read, [pointer])
    old = builder.load(word)
    builder.store(change(old), word)
    builder.call(write, [pointer])
    return builder.zext(old, _I64)


def _arm_exchange(builder: Any, change: Any) -> Any:
    # Not as inline assembly: numba loads no assembly parser, and LLVM ends the process at the first such line.
    reader, writer = ir.FunctionType(_I64, []), ir.FunctionType(ir.VoidType(), [_I64])
    old = builder.call(cgutils.get_or_insert_function(builder.module, reader, "llvm.aarch64.get.fpcr"), [])
    write = cgutils.get_or_insert_function(builder.module, writer, "llvm.aarch64.set.fpcr")
    builder.call(write, [change(old)])
    return old


@intrinsic
def flush_denormals(typingctx: Any) -> Any:
    """Turns denormals into zeros from here on, in this thread; returns the mode before, for `restore_mode`."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if _is_arm(context):
            return _arm_exchange(builder, lambda old: builder.or_(old, ir.Constant(_I64, _ARM_FLUSH)))
        return _x86_exchange(builder, lambda old: builder.or_(old, ir.Constant(_I32, _X86_FLUSH)))

    return types.int64(), codegen


@intrinsic
def restore_mode(typingctx: Any, mode: Any) -> Any:
    """Puts back the mode that `flush_denormals` returned."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if _is_arm(context):
            _arm_exchange(builder, lambda old: args[0])
        else:
            _x86_exchange(builder, lambda old: builder.trunc(args[0], _I32))
        return context.get_dummy_value()

    return types.void(types.int64), codegen
