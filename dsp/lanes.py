"""Eight float32 numbers as one value: the vector type the kernels are written in.

numba has no vector type, so this module makes one: a `types.Type` whose LLVM form is `<8 x float>` (one AVX2 or two
NEON registers), with intrinsics for what the kernels need. No fast-math flag is ever set: the same source gives the
same bits at any memory layout and block length. NaN: `larger`, `smaller` and every comparison are ordered, so
`larger(nan, b)` is b.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from dsp.rows import LANES

_F32, _I32, _I1 = ir.FloatType(), ir.IntType(32), ir.IntType(1)
_VEC, _INT, _BITS = (ir.VectorType(t, LANES) for t in (_F32, _I32, _I1))

# log2(1 + f) = f P(f) for 1 + f within sqrt(1/2) … sqrt(2), error 9.6e-8; 2**f = 1 + f Q(f) for |f| ≤ 1/2, error
# 5.1e-9. Both fitted at Chebyshev nodes in float64, lowest power first.
_LOG2 = (
    1.4426950216293335,
    -0.7213529348373413,
    0.48091670870780945,
    -0.3602251708507538,
    0.2872888743877411,
    -0.24927182495594025,
    0.23265257477760315,
    -0.14275974035263062,
)
_EXP2 = (
    0.6931471824645996,
    0.24022650718688965,
    0.055503569543361664,
    0.009618083015084267,
    0.0013390863314270973,
    0.00015453163359779865,
)
_TO_WHOLE = 1.5 * 2.0**23  # added to a small number it leaves the nearest whole number in the last bits
_SQRT_HALF_BITS = 0x3F3504F3


class Vec(types.Type):
    """The type of eight float32 numbers."""

    def __init__(self) -> None:
        super().__init__(name=f"f32x{LANES}")


class Mask(types.Type):
    """The type of eight truths, what comparing two `Vec` gives."""

    def __init__(self) -> None:
        super().__init__(name=f"mask{LANES}")


vec, mask = Vec(), Mask()


@register_model(Vec)
class _VecModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _VEC)


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _BITS)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), _VEC.as_pointer())


def _call(builder: Any, name: str, args: Any, kind: Any = _VEC, suffix: str = f"v{LANES}f32") -> Any:
    signature = ir.FunctionType(kind, [a.type for a in args])
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, f"llvm.{name}.{suffix}"), args)


def _floats(x: float) -> Any:
    return ir.Constant(_VEC, [float(x)] * LANES)


def _ints(x: int) -> Any:
    return ir.Constant(_INT, [int(x)] * LANES)


def _polynomial(builder: Any, coefficients: tuple[float, ...], x: Any) -> Any:
    """By Estrin's scheme: terms in pairs, for a short chain that leaves the processor room for the next frames."""
    terms: list[Any] = [_floats(c) for c in coefficients]
    while len(terms) > 1:
        odd = [terms.pop()] if len(terms) % 2 else []
        terms = [_call(builder, "fma", [high, x, low]) for low, high in zip(terms[::2], terms[1::2], strict=True)] + odd
        if len(terms) > 1:
            x = builder.fmul(x, x)
    return terms[0]


@intrinsic
def load(typingctx: Any, array: Any, index: Any) -> Any:
    """Eight numbers of a float32 array from `index` on; no bounds are checked."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        value = builder.load(_pointer(context, builder, sig.args[0], *args))
        value.align = 4
        return value

    return vec(array, types.intp), codegen


@intrinsic
def store(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """Puts eight numbers into a float32 array from `index` on; no bounds are checked."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _pointer(context, builder, sig.args[0], args[0], args[1])).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, vec), codegen


@intrinsic
def stream(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """As `store`, past the caches, for what is not read again soon: the array aligned to 32 bytes, `index` a multiple
    of eight."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        written = builder.store(args[2], _pointer(context, builder, sig.args[0], args[0], args[1]))
        written.align = 32
        written.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(_I32, 1)]))
        return context.get_dummy_value()

    return types.void(array, types.intp, vec), codegen


@intrinsic
def fetch(typingctx: Any, array: Any, index: Any) -> Any:
    """Asks for the cache line of a float32 array's `index`, which may lie beyond its end."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(8).as_pointer())
        signature = ir.FunctionType(ir.VoidType(), [place.type, _I32, _I32, _I32])
        function = cgutils.get_or_insert_function(builder.module, signature, "llvm.prefetch.p0")
        builder.call(function, [place, *(ir.Constant(_I32, v) for v in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.intp), codegen


@intrinsic
def spread(typingctx: Any, array: Any, index: Any) -> Any:
    """Eight times the float32 at `index` of an array; no bounds are checked."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        undefined = ir.Constant(_VEC, ir.Undefined)
        first = builder.insert_element(undefined, builder.load(builder.gep(data, [args[1]])), ir.Constant(_I32, 0))
        return builder.shuffle_vector(first, undefined, _ints(0))

    return vec(array, types.intp), codegen


@intrinsic
def splat(typingctx: Any, x: Any) -> Any:
    """Eight times the same number, rounded to float32."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        number = context.cast(builder, args[0], sig.args[0], types.float32)
        undefined = ir.Constant(_VEC, ir.Undefined)
        first = builder.insert_element(undefined, number, ir.Constant(_I32, 0))
        return builder.shuffle_vector(first, undefined, _ints(0))

    return vec(x), codegen


def _of_vectors(arity: int, emit: Callable[..., Any], doc: str, result: Any = vec) -> Any:
    """An intrinsic over `arity` vectors; numba wants a fixed number of arguments, so one form each."""

    def one(typingctx: Any, a: Any) -> Any:
        return result(vec), lambda context, builder, sig, args: emit(builder, *args)

    def two(typingctx: Any, a: Any, b: Any) -> Any:
        return result(vec, vec), lambda context, builder, sig, args: emit(builder, *args)

    def three(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
        return result(vec, vec, vec), lambda context, builder, sig, args: emit(builder, *args)

    form = {1: one, 2: two, 3: three}[arity]
    form.__doc__ = doc
    return intrinsic(form)


def _compare(op: str) -> Callable[..., Any]:
    return lambda b, x, y: b.fcmp_ordered(op, x, y)


fma = _of_vectors(3, lambda b, x, y, z: _call(b, "fma", [x, y, z]), "x·y + z, rounded once.")
absolute = _of_vectors(1, lambda b, x: _call(b, "fabs", [x]), "|x|.")
larger = _of_vectors(2, lambda b, x, y: b.select(b.fcmp_ordered(">", x, y), x, y), "x where x > y, else y.")
smaller = _of_vectors(2, lambda b, x, y: b.select(b.fcmp_ordered("<", x, y), x, y), "x where x < y, else y.")
differs = _of_vectors(2, _compare("!="), "Where x and y differ; nowhere for a NaN.", mask)
swap = _of_vectors(
    1,
    lambda b, x: b.shuffle_vector(x, x, ir.Constant(_INT, [i ^ 1 for i in range(LANES)])),
    "Each lane's neighbour: 1 0 3 2 5 4 7 6.",
)
_ARITHMETIC = {
    operator.add: (lambda b, x, y: b.fadd(x, y), vec),
    operator.sub: (lambda b, x, y: b.fsub(x, y), vec),
    operator.mul: (lambda b, x, y: b.fmul(x, y), vec),
    operator.truediv: (lambda b, x, y: b.fdiv(x, y), vec),
    operator.gt: (_compare(">"), mask),
    operator.ge: (_compare(">="), mask),
    operator.lt: (_compare("<"), mask),
    operator.le: (_compare("<="), mask),
}


def _give_operator(op: Any, emit: Callable[..., Any], result: Any) -> None:
    action = _of_vectors(2, emit, f"{op.__name__} of two vectors.", result)

    @overload(op)
    # numba compares this signature with the lambda's, so neither has annotations.
    def _implementation(a, b):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        if isinstance(a, Vec) and isinstance(b, Vec):
            return lambda a, b: action(a, b)  # noqa: PLW0108  # numba wants a plain function here
        return None


for _op, (_emit, _result) in _ARITHMETIC.items():
    _give_operator(_op, _emit, _result)


@intrinsic
def select(typingctx: Any, where: Any, a: Any, b: Any) -> Any:
    """a in the lanes where the mask is true, b elsewhere."""
    return vec(mask, vec, vec), lambda context, builder, sig, args: builder.select(*args)


@intrinsic
def all_lanes(typingctx: Any, a: Any) -> Any:
    """Whether the mask is true in every lane."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], ir.IntType(LANES))
        return builder.icmp_unsigned("==", bits, ir.Constant(ir.IntType(LANES), (1 << LANES) - 1))

    return types.boolean(mask), codegen


@intrinsic
def any_lane(typingctx: Any, a: Any) -> Any:
    """Whether the mask is true in any lane."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(LANES), 0))

    return types.boolean(mask), codegen


@intrinsic
def total(typingctx: Any, a: Any) -> Any:
    """The sum of the eight lanes as one float32, always in the same order: ((0+4)+(2+6)) + ((1+5)+(3+7))."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        value, width = args[0], LANES
        while width > 1:
            width //= 2
            undefined = ir.Constant(value.type, ir.Undefined)

            def half(first: int, value: Any = value, undefined: Any = undefined, width: int = width) -> Any:
                lanes = ir.Constant(ir.VectorType(_I32, width), list(range(first, first + width)))
                return builder.shuffle_vector(value, undefined, lanes)

            value = builder.fadd(half(0), half(width))
        return builder.extract_element(value, ir.Constant(_I32, 0))

    return types.float32(vec), codegen


def _totals(builder: Any, vectors: list[Any]) -> Any:
    """Lane k of the result is the sum of vector k's lanes, for four (the upper lanes are zero) or eight of them."""

    def pick(a: Any, b: Any, lanes: tuple[int, ...]) -> Any:
        return builder.shuffle_vector(a, b, ir.Constant(_INT, lanes))

    def fold(a: Any, b: Any, low: tuple[int, ...], high: tuple[int, ...]) -> Any:
        return builder.fadd(pick(a, b, low), pick(a, b, high))

    def fold_all(of: list[Any], low: tuple[int, ...], high: tuple[int, ...]) -> list[Any]:
        return [fold(a, b, low, high) for a, b in zip(of[::2], of[1::2], strict=True)]

    # Within each half of the registers first: two vectors' sums of two beside each other, then four vectors' sums. Each
    # step takes as many numbers as it can from where they are, which costs no shuffle.
    pairs = fold_all(vectors, (0, 1, 10, 11, 4, 5, 14, 15), (2, 3, 8, 9, 6, 7, 12, 13))
    first, *last = fold_all(pairs, (0, 2, 8, 10, 4, 6, 12, 14), (1, 3, 9, 11, 5, 7, 13, 15))
    return fold(first, last[0] if last else _floats(0.0), (0, 1, 2, 3, 12, 13, 14, 15), (4, 5, 6, 7, 8, 9, 10, 11))


@intrinsic
def four_totals(typingctx: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """The sum of each vector's eight lanes, in lanes 0 to 3; zero in the others."""
    return vec(vec, vec, vec, vec), lambda context, builder, sig, args: _totals(builder, list(args))


@intrinsic
def eight_totals(typingctx: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:
    """The sum of each vector's eight lanes, the first's in lane 0."""
    return vec(*[vec] * LANES), lambda context, builder, sig, args: _totals(builder, list(args))


@intrinsic
def log2(typingctx: Any, a: Any) -> Any:
    """log₂ of positive normal numbers, within 3e-7 absolute near 0 and one unit in the last place elsewhere."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _INT)
        exponent = builder.ashr(builder.sub(bits, _ints(_SQRT_HALF_BITS)), _ints(23))
        mantissa = builder.bitcast(builder.sub(bits, builder.shl(exponent, _ints(23))), _VEC)
        f = builder.fsub(mantissa, _floats(1.0))
        return _call(builder, "fma", [f, _polynomial(builder, _LOG2, f), builder.sitofp(exponent, _VEC)])

    return vec(vec), codegen


@intrinsic
def exp2(typingctx: Any, a: Any) -> Any:
    """2 to the power of each lane, held within −126 … 126; exactly 1 at 0, within 2e-7 relative."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        low, high = _floats(-126.0), _floats(126.0)
        x = builder.select(builder.fcmp_ordered(">", args[0], low), args[0], low)
        x = builder.select(builder.fcmp_ordered("<", x, high), x, high)
        shifted = builder.fadd(x, _floats(_TO_WHOLE))
        f = builder.fsub(x, builder.fsub(shifted, _floats(_TO_WHOLE)))
        power = _call(builder, "fma", [f, _polynomial(builder, _EXP2, f), _floats(1.0)])
        exponent = builder.shl(builder.bitcast(shifted, _INT), _ints(23))
        return builder.bitcast(builder.add(builder.bitcast(power, _INT), exponent), _VEC)

    return vec(vec), codegen
