"""Acquire loads, release stores and a fence, for words of memory that two processes share.

Arm may make one process's stores visible in another order than they were written, and LLVM takes a plain load out of
a polling loop altogether (seen). So the words that say "this slot is whole" (sequence numbers, indices) go through
these three; what lies behind such a word may then be read and written plainly.

All three work on an int64 array and an index that the caller knows to be inside it: there is no bounds check, and a
negative index does not count from the end.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_WORD_BYTES = 8


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [index])


@intrinsic
def load_acquire(_typing: Any, array: Any, _index: Any) -> Any:
    """The word `array[index]`; nothing that follows is read before it."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1])
        return builder.load_atomic(pointer, "acquire", _WORD_BYTES, typ=ir.IntType(64))

    return types.int64(array, types.intp), codegen


@intrinsic
def store_release(_typing: Any, array: Any, _index: Any, _value: Any) -> Any:
    """`array[index] = value`, seen by others only after everything that was written before it."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1])
        builder.store_atomic(args[2], pointer, "release", _WORD_BYTES)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), codegen


@intrinsic
def fence(_typing: Any) -> Any:
    """A full fence: no load or store passes it in either direction."""

    def codegen(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), codegen
