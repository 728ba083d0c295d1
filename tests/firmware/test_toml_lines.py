"""Where keys stand in a TOML text, and TOML that is none."""

from __future__ import annotations

import tomllib
from contextlib import suppress

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from firmware import toml_lines
from firmware.errors import ConfigError

TEXT = r'''# a comment with "quotes" and [brackets]
format = 1
title = "a # that is none" # and one that is

[channel.1]
name = """two
lines with ] and = and ""quotes"""""
hpf . freq_hz = 80
"fader_db" = -5 # quoted
"mute"=true

[channel.2.eq] # header
band = { 1 = { on = true, type = "bell" }, 2.on = false }
list = [
  1, "x]", # ]
  { a = 1 },
]
last = "C:\\\""
"caf\u00e9" = 1
[[table]]
a = 1
[[table]]
a = 2
'''


def test_every_key_has_its_line() -> None:
    tomllib.loads(TEXT)
    lines = toml_lines.lines(TEXT)
    for keys, text in (
        (("format",), "format = 1"),
        (("title",), "title ="),
        (("channel", "1"), "[channel.1]"),
        (("channel", "1", "name"), "name ="),
        (("channel", "1", "hpf", "freq_hz"), "hpf . freq_hz"),
        (("channel", "1", "fader_db"), '"fader_db"'),
        (("channel", "1", "mute"), '"mute"'),
        (("channel", "2", "eq"), "[channel.2.eq]"),
        (("channel", "2", "eq", "band", "1", "type"), "band ="),
        (("channel", "2", "eq", "band", "2", "on"), "band ="),
        (("channel", "2", "eq", "last"), "last ="),
        (("channel", "2", "eq", "café"), '"caf'),
        (("table", "a"), "a = 1"),
    ):
        assert TEXT.splitlines()[lines[keys] - 1].startswith(text), keys


def test_line_ends_of_another_system_count_the_same() -> None:
    assert toml_lines.lines(TEXT.replace("\n", "\r\n")) == toml_lines.lines(TEXT)


@pytest.mark.parametrize(
    ("text", "has"),
    [("a = 1 # x", True), ("#", True), ('a = "#"', False), ("a = '''\n#'''", False), ("a = [\n#\n]", True)],
)
def test_comments_are_told_from_texts(text: str, has: bool) -> None:
    assert toml_lines.has_comments(text) is has


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("a = 1\n\na = 2\n", 3), ('a = "', 1), ("a = 1\nb = [1,", 2), ("[a\n", 1), ("a = nan1\n", 1),
     ("x = 5 5\n", 1), ("\x00", 1), ("a=1\n\n= 3", 3)],
)  # fmt: skip
def test_broken_toml_is_one_sentence_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        toml_lines.parse(text, "a.toml", ConfigError)
    assert str(caught.value).startswith(f"a.toml, line {line}: this is not valid TOML: ")
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_key_of_thousands_of_parts_is_refused_before_it_takes_hours() -> None:
    long = "a." * 400_000 + "a"
    for text in (
        f"{long} = 1",
        f"[{long}]",
        f"b = {{ {long} = 1 }}",
        f"'\"#'.{long} = '#\"'",
        f"b = [1,{{c='',{long}=1}}]",
    ):
        for before in ("# .\n", "c = '\"'\n", 'c = "\\"#"\n', 'c = """x""" # """\n'):
            with pytest.raises(ConfigError, match=r"a.toml, line 2: there are more than 100 dots in a key"):
                toml_lines.parse(before + text, "a.toml", ConfigError)
    with pytest.raises(ConfigError, match=r"a.toml, line 3: there are more than 100 dots in a key"):
        toml_lines.parse(f"c = '''\n'#''' # '\n{long} = 1", "a.toml", ConfigError)


DOTS = "." * 200


@pytest.mark.parametrize(
    "text",
    [f"#{DOTS}", f"mute = true # {DOTS}", f"mute = true# 'a' {DOTS}", f'title = "{DOTS}"', f"title = 'a \\'# {DOTS}",
     f"title = '#' # {DOTS}", f'title = """\n\\"""{DOTS}\n{DOTS}"""', f"title = '''\n{DOTS}'''", f'"{DOTS}" = 1',
     f"gains = [{'0.5, ' * 200}]", "\n".join(f"a{n}.b = 1.5" for n in range(200))],
)  # fmt: skip
def test_dots_that_part_no_key_are_as_many_as_one_likes(text: str) -> None:
    assert toml_lines.parse(text, "a.toml", ConfigError)[0] == tomllib.loads(text)


@pytest.mark.parametrize("mess", ['"', "'", '"""', "'''", '"#', "\\", ".", '."', "[.", "='", "a.b="])
def test_a_megabyte_of_mess_is_refused_with_its_line(mess: str) -> None:
    with pytest.raises(ConfigError, match=r"a.toml, line \d+: "):
        toml_lines.parse(mess * (1_000_000 // len(mess)), "a.toml", ConfigError)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000 + "]" * 5000, "a = " + "9" * 5000, "a = 2026-02-31"])
def test_what_python_itself_cannot_read_is_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        toml_lines.parse(text, "a.toml", ConfigError)
    assert "\n" not in str(caught.value)


KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
LEAVES = st.one_of(st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), st.text(max_size=12))
TABLES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)


def every_key(table: dict[str, object], at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """All paths to values."""
    found = []
    for key, value in table.items():
        found += every_key(value, (*at, key)) if isinstance(value, dict) else [(*at, key)]
    return found


@given(table=st.dictionaries(KEYS, TABLES, max_size=5))
def test_every_key_of_any_file_is_found_in_a_line_that_names_it(table: dict[str, object]) -> None:
    text = tomlkit.dumps(table).replace("\r", "")
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # tomlkit writes some control characters as they are
        return
    lines = toml_lines.lines(text)
    count = len(text.split("\n"))
    for keys in every_key(parsed):
        assert 1 <= lines[keys] <= count


@given(text=st.text(st.sampled_from("[]{}\"'\\#=.,\n\r \tabx1-u0"), max_size=60))
def test_no_text_makes_it_fail_otherwise_than_with_its_own_error(text: str) -> None:
    toml_lines.lines(text)
    toml_lines.has_comments(text)
    with suppress(ConfigError):
        toml_lines.parse(text, "x", ConfigError)
