"""Scenes: what is read, what is refused and how, what a recall changes, what storing writes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import config
from dsp.size import DeskSize
from firmware import files, paths, scene, scene_show, scene_store
from firmware.desk_model import DeskModel
from firmware.errors import OutputError, SceneError

BAD = '''\
format = 1
wibble = 3
[channel.1]
fader = "-5 dB"
fader_db = "-5 dB"
fader_lin = 0.5
freq_hz = 100
hpf.frq_hz = 2
lpf = 3
mute = 1
pan = nan
name = """ab
c"""
trim_db = 40
comp = { ratio = 0.5, knee_db = true, position = "mid" }
[chanel.3]
a = 1
[channel.65]
mute = true
[channel.kick]
mute = true
[main]
fader_db = 3
[[channel.6]]
mute = true
'''

# line, and what must be said about it: key, value, range, the nearest key
SAID = [
    (2, "There is no wibble."),
    (4, 'There is no channel.1.fader. Did you mean "channel.1.fader_db"?'),
    (5, 'channel.1.fader_db = "-5 dB" is text: a number is needed, -inf to 10 dB; the name says the unit, so write -5'),
    (6, 'There is no channel.1.fader_lin. Did you mean "channel.1.fader_db"?'),
    (7, 'There is no channel.1.freq_hz. Did you mean "channel.1.'),
    (8, 'There is no channel.1.hpf.frq_hz. Did you mean "channel.1.hpf.freq_hz"?'),
    (9, "channel.1.lpf = 3 is not possible: it is a group of on, freq_hz, slope_db_oct."),
    (10, "channel.1.mute = 1 has the wrong type: true or false is needed."),
    (11, "channel.1.pan = nan is not a number: -100 to 100 (-100 is left) is possible."),
    (12, 'channel.1.name = "ab\\nc" contains a character that cannot be shown.'),
    (14, "channel.1.trim_db = 40 is out of range: -24 to 24 dB."),
    (15, "channel.1.comp.ratio = 0.5 is out of range: 1 to inf."),
    (15, "channel.1.comp.knee_db = true has the wrong type: a number is needed, 0 to 24 dB."),
    (15, 'channel.1.comp.position = "mid" is not possible: one of pre_eq, post_eq is needed.'),
    (16, 'There is no chanel. Did you mean "channel"?'),
    (18, "There is no channel.65: they are numbered channel.1 to channel.64."),
    (20, "There is no channel.kick: they are numbered channel.1 to channel.64."),
    (23, 'There is no main.fader_db. Did you mean "main.lr.fader_db"?'),
    (24, "channel.6 = a list is not possible"),
]


@pytest.fixture
def model() -> DeskModel:
    return DeskModel(DeskSize(channels=8, inputs=4, outputs=4))


def test_everything_wrong_with_a_scene_is_said_at_once_each_with_its_line() -> None:
    with pytest.raises(SceneError) as caught:
        scene.parse(BAD, "gig.toml")
    told = str(caught.value).split("\n")
    assert len(told) == len(SAID)
    for line, (number, said) in zip(told, SAID, strict=True):
        assert line.startswith(f"gig.toml, line {number}: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "gig.toml does not say its format; put format = 1 in its first line."),
        ("[channel.1]\nmute = 1", "gig.toml does not say its format; put format = 1 in its first line."),
        ("format = 2\n[channel.1]\nnew = 1", "gig.toml, line 1: this scene is of format 2, this Pidesk knows formats"),
        ("\nformat = true", "gig.toml, line 2: format = true is not possible: this Pidesk knows format 1;"),
        ("format = 1.0", "gig.toml, line 1: format = 1.0 is not possible"),
        ("format = 0", "gig.toml, line 1: format = 0 is not possible"),
        ("[format]", "gig.toml, line 1: format = a table is not possible"),
        (f"format = {'9' * 60}", "gig.toml, line 1: this scene is of format a very long number"),
        ("format = 1\ntitle = 3", "gig.toml, line 2: title = 3 has the wrong type"),
        (
            "format = 1\nchannel = 3",
            "gig.toml, line 2: channel = 3 is not possible: it is a group of channel.1 to channel.64.",
        ),
        ("format = 1\n[channel.1.mute]\nx = 1", "gig.toml, line 2: channel.1.mute = a table has the wrong type"),
        ("format = 1\n[channel.1\n", "gig.toml, line 2: this is not valid TOML: "),
        ('format = 1\n"a\\u001b[2J" = 1', 'gig.toml, line 2: There is no "a\\u001b[2J".'),
        (
            "format = 1\nchannel.1.trim_db = 2026-01-01",
            "gig.toml, line 2: channel.1.trim_db = 2026-01-01 has the wrong",
        ),
        ("format = 1\nengine.gain_db = 0", "gig.toml, line 2: There is no engine."),
        ("format = 1\nchannel.1.meter.gr_gate_db = 0", "gig.toml, line 2: There is no channel.1.meter."),
    ],
)
def test_each_kind_of_wrong_scene_is_one_plain_sentence(text: str, said: str) -> None:
    with pytest.raises(SceneError) as caught:
        scene.parse(text, "gig.toml")
    told = str(caught.value)
    assert told.startswith(said)
    assert "\n" not in told
    assert told.isprintable()


def test_a_file_with_thousands_of_mistakes_tells_the_first_hundred_and_counts_the_rest() -> None:
    text = "format = 1\n[channel.1]\n" + "".join(f"fader_{n} = 1\n" for n in range(5000))
    with pytest.raises(SceneError) as caught:
        scene.parse(text, "gig.toml")
    told = str(caught.value).split("\n")
    assert len(caught.value.problems) == 5000
    assert (len(told), told[-1]) == (101, "… and 4900 more.")


def test_values_keep_their_path_type_and_order() -> None:
    found = scene.parse(
        'format = 1\ntitle = "Gig"\n[channel.2]\nfader_db = -inf\ncomp.ratio = inf\ntrim_db = 3\n'
        '[channel.1]\nsource = "in.3"\nhpf.slope_db_oct = 24\n[monitor]\ndim = true\n'
    )
    assert list(found.values.items()) == [
        ("channel.2.fader_db", -math.inf),
        ("channel.2.comp.ratio", math.inf),
        ("channel.2.trim_db", 3.0),
        ("channel.1.source", "in.3"),
        ("channel.1.hpf.slope_db_oct", 24),
        ("monitor.dim", True),
    ]
    assert found.title == "Gig"


def test_a_recall_changes_what_the_scene_says_and_what_it_leaves_at_the_default(model: DeskModel) -> None:
    model.update({"channel.1.fader_db": -5.0, "channel.2.mute": True, "channel.3.pan": 20.0})
    found = scene.parse("format = 1\n[channel.1]\nfader_db = -5.0\n[channel.3]\npan = -20\nname = 'Bass'")
    changes, told = scene.plan_recall(model, found)
    assert dict(changes) == {"channel.2.mute": False, "channel.3.pan": -20.0, "channel.3.name": "Bass"}
    assert told == []
    assert model.get("channel.2.mute") is True


def test_main_fader_monitor_outputs_and_ceilings_are_moved_only_when_asked(model: DeskModel) -> None:
    model.update({"main.lr.mute": True, "channel.1.solo": True})
    found = scene.parse(
        "format = 1\n[main.lr]\nfader_db = -3\ntrim_db = 1\n[monitor]\nlevel_db = 10\n"
        "[output.3]\nceiling_dbfs = 0\nsource = 'main.l'"
    )
    changes, told = scene.plan_recall(model, found)
    assert changes == [("main.lr.trim_db", 1.0)]
    assert told == ["4 recall-safe values of the scene left alone (main fader, monitor, outputs)."]
    changes, told = scene.plan_recall(model, found, everything=True)
    assert dict(changes) == {
        "main.lr.trim_db": 1.0, "main.lr.fader_db": -3.0, "main.lr.mute": False, "channel.1.solo": False,
        "monitor.level_db": 10.0, "output.3.ceiling_dbfs": 0.0, "output.3.source": "main.l",
    }  # fmt: skip
    assert told == []


def test_solo_in_place_is_never_begun_by_a_scene_but_a_strip_may_be_called_so(model: DeskModel) -> None:
    found = scene.parse("format = 1\nmonitor.solo_mode = 'sip'\nchannel.1.name = 'sip'")
    changes, told = scene.plan_recall(model, found, everything=True)
    assert changes == [("channel.1.name", "sip")]
    assert told == ["monitor.solo_mode = sip of the scene left alone: solo in place is begun by hand only."]
    changes, told = scene.plan_recall(model, found)
    assert changes == [("channel.1.name", "sip")]
    assert told == ["1 recall-safe value of the scene left alone (main fader, monitor, outputs)."]
    model.set("monitor.solo_mode", "sip")
    changes, _ = scene.plan_recall(model, scene.parse("format = 1"), everything=True)
    assert changes == [("monitor.solo_mode", "pfl")]


def test_of_the_solos_of_a_scene_one_is_on_where_they_are_exclusive(model: DeskModel) -> None:
    text = "format = 1\nchannel.2.solo = true\nchannel.4.comp.key.listen = true\nmain.lr.solo = true"
    changes, told = scene.plan_recall(model, scene.parse(text), everything=True)
    assert len(changes) == 3
    assert told == []
    model.set("channel.4.comp.key.listen", True)
    changes, told = scene.plan_recall(model, scene.parse(text + "\nmonitor.exclusive = true"), everything=True)
    assert dict(changes) == {"main.lr.solo": True, "channel.4.comp.key.listen": False, "monitor.exclusive": True}
    assert told == ["Solos are exclusive: of 3 in the scene only main.lr.solo is on."]
    changes, _ = scene.plan_recall(model, scene.parse(text + "\nmonitor.exclusive = true"))
    assert changes == []


BIGGER = (
    "format = 1\n[channel.3]\nsource = 'in.9'\nfader_db = 0\n[channel.12]\nmute = true\npan = 1\n"
    "[output.8]\nrelease_ms = 50"
)


def test_a_bigger_desks_scene_is_applied_as_far_as_it_goes_and_the_rest_is_listed(model: DeskModel) -> None:
    changes, told = scene.plan_recall(model, scene.parse(BIGGER))
    assert dict(changes) == {"channel.3.source": "none", "channel.3.fader_db": 0.0}
    assert told == [
        "channel.12 (2 values) cannot be applied: this desk has 8 channels.",
        "output.8 (1 value) cannot be applied: this desk has 4 outputs.",
        "channel.3.source = in.9 cannot be applied: this desk has 4 inputs.",
    ]


def test_storing_over_a_bigger_desks_scene_keeps_what_could_not_be_applied(model: DeskModel, tmp_path: Path) -> None:
    path = tmp_path / "gig.toml"
    path.write_text("# loud\n" + BIGGER, "utf-8")
    scene.apply(model, scene.load(path))
    model.set("channel.3.fader_db", -7)
    _, told = scene_store.store(model, path)
    stored = scene.load(path).values
    assert stored == scene.parse(BIGGER).values | {"channel.3.fader_db": -7.0}
    assert told == [
        "4 values that this desk has no place for kept in the file.",
        "The comments of the old file are not in the new one but in gig.toml.previous.",
    ]
    assert files.previous(path).read_text("utf-8").startswith("# loud")
    model.set("channel.3.source", "in.1")
    scene_store.store(model, path)
    assert scene.load(path).values["channel.3.source"] == "in.1"


def test_storing_writes_only_differences_always_in_the_same_order(model: DeskModel, tmp_path: Path) -> None:
    model.update(
        {"monitor.dim": True, "main.lr.trim_db": -1.0, "channel.2.eq.band.3.gain_db": 3.5, "channel.2.name": 'K "1"',
         "channel.1.fader_db": 0.0, "channel.8.comp.ratio": math.inf, "output.1.ceiling_dbfs": -3.0}
    )  # fmt: skip
    path, told = scene_store.store(model, tmp_path / "a.toml", "Evening")
    assert told == []
    assert path.read_text("utf-8") == (
        'format = 1\ntitle = "Evening"\n\n[channel.1]\nfader_db = 0.0\n\n[channel.2]\nname = "K \\"1\\""\n'
        "eq.band.3.gain_db = 3.5\n\n[channel.8]\ncomp.ratio = inf\n\n[main.lr]\ntrim_db = -1.0\n\n"
        "[monitor]\ndim = true\n\n[output.1]\nceiling_dbfs = -3.0\n"
    )
    scene_store.store(model, path)
    assert scene.load(path).title == "Evening"


def test_a_file_that_is_no_readable_scene_is_not_stored_over(model: DeskModel, tmp_path: Path) -> None:
    path = tmp_path / "gig.toml"
    for text in ("format = 2\nnew = 1\n", "not toml"):
        path.write_text(text, "utf-8")
        with pytest.raises(SceneError, match="was left as it is; store under another name"):
            scene_store.store(model, path)
        assert path.read_text("utf-8") == text
    with pytest.raises(SceneError, match="is a folder"):
        scene_store.store(model, str(tmp_path) + "/")
    with pytest.raises(OutputError, match="No such file or directory"):
        scene_store.store(model, tmp_path / "none" / "a.toml")


def test_names_lead_to_the_users_own_scene_first_then_to_pidesks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert scene.find("flat") == config.path("scenes/flat.toml")
    own, _ = scene_store.store(DeskModel(DeskSize()), "flat")
    assert own == paths.scenes_dir() / "flat.toml"
    assert scene.find("flat") == own
    assert "flat" in scene.names()
    with pytest.raises(SceneError, match=r'no scene "flatt"\. Did you mean "flat"\?'):
        scene.find("flatt")
    with pytest.raises(SceneError, match="There is no scene"):
        scene.find("x" * 300)
    for name in ("", ".hidden", "a\nb", "x" * 300):
        with pytest.raises(SceneError, match="not a possible name"):
            scene.target(name)


@pytest.mark.parametrize("name", config.names("scenes"))
def test_the_scenes_that_come_with_pidesk_are_in_order(name: str) -> None:
    found = scene.load(scene.find(name))
    assert scene.notes(found, DeskModel(DeskSize(channels=16, inputs=16))) == []


def test_flat_sets_every_fader_alike_and_nothing_else() -> None:
    values = scene.load(config.path("scenes/flat.toml")).values
    assert set(values) == {f"channel.{n}.fader_db" for n in range(1, 17)}
    assert len(set(values.values())) == 1


def test_two_scenes_differ_where_they_mean_something_else() -> None:
    one = scene.parse("format = 1\n[channel.1]\nfader_db = -5\nmute = false\nsource = 'in.1'\n")
    other = scene.parse("format = 1\n[channel.1]\nfader_db = -3\n[channel.2]\nname = 'Snare'\n")
    changes = scene_show.differences(one, other)
    assert changes == {"channel.1.fader_db": (-5.0, -3.0), "channel.2.name": ("", "Snare")}
    assert scene_show.differences_as_text(changes).splitlines() == [
        "channel.1.fader_db  −5.0 dB → −3.0 dB",
        "channel.2.name      (empty) → Snare",
    ]
    assert scene_show.differences(one, one) == {}


def test_one_value_differs_and_two_differ() -> None:
    one = scene.parse("format = 1\nmain.lr.pan = 5.0\n", "a.toml")
    two = scene.parse("format = 1\nmain.lr.pan = 5.0\nmain.lr.mute = true\n", "a.toml")
    heads = [scene_show.as_text(found).splitlines()[0] for found in (one, two)]
    assert heads == [
        "Scene (a.toml): 1 value differs from the defaults",
        "Scene (a.toml): 2 values differ from the defaults",
    ]
