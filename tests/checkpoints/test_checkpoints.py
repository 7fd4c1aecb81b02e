"""Files of weights: what is read of them, what is refused, and what is written."""

from __future__ import annotations

import argparse
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from archdsl.checkpoints import (
    Checkpoint,
    CheckpointError,
    encode_checkpoint,
    load_strictly,
    read_checkpoint,
)
from archdsl.checkpoints.tensors import tensor
from archdsl.resources import OutputError, write_bytes

pytestmark = pytest.mark.torch

KINDS = [
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "complex64",
    "float8_e4m3fn",
]


def state() -> dict[str, Any]:
    """A tensor of each kind, and shapes without elements and axes."""
    made = {f"of.{kind}": (torch.arange(6).reshape(2, 3) % 2).to(getattr(torch, kind)) for kind in KINDS}
    return {**made, "scalar": torch.tensor(7), "none": torch.zeros(0, 3), "turned": torch.rand(3, 4).T}


def equal(one: Any, other: Any) -> bool:
    wide = torch.complex128 if one.is_complex() else torch.float64
    return torch.equal(one.to(wide), other.to(wide))


def same(found: Checkpoint, expected: dict[str, Any]) -> None:
    assert set(found.tensors) == set(expected)
    for key, value in expected.items():
        one = tensor(found.tensors[key])
        assert one.dtype == value.dtype and equal(one, value), key


@pytest.mark.parametrize("suffix", ["pth", "pt", "bin", "safetensors"])
def test_what_is_written_is_read(suffix: str, tmp_path: Path) -> None:
    torch.save(state(), tmp_path / "in.pth")
    found = read_checkpoint(tmp_path / "in.pth")
    same(found, state_of(tmp_path / "in.pth"))
    out = tmp_path / f"out.{suffix}"
    write_bytes(out, encode_checkpoint(str(out), found.tensors))
    same(read_checkpoint(out), state_of(tmp_path / "in.pth"))
    before = out.read_bytes()
    write_bytes(out, encode_checkpoint(str(out), found.tensors))
    assert out.read_bytes() == before  # the same bytes each time


def state_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(path, weights_only=True)
    return found


def test_the_package_safetensors_reads_and_writes_the_same(tmp_path: Path) -> None:
    package = pytest.importorskip("safetensors.torch")
    made = {key: value.contiguous() for key, value in state().items()}
    package.save_file(made, tmp_path / "theirs.safetensors", {"format": "pt"})
    found = read_checkpoint(tmp_path / "theirs.safetensors")
    same(found, made)
    assert not found.ordered
    ours = tmp_path / "ours.safetensors"
    write_bytes(ours, encode_checkpoint(str(ours), found.tensors))
    back = package.load_file(ours)
    assert {key: value.dtype for key, value in back.items()} == {k: v.dtype for k, v in made.items()}
    assert all(equal(back[key], made[key]) for key in made)


def test_an_index_of_shards(tmp_path: Path) -> None:
    package = pytest.importorskip("safetensors.torch")
    made = {"a.weight": torch.rand(2), "b.weight": torch.rand(3)}
    for number, (key, value) in enumerate(made.items()):
        package.save_file({key: value}, tmp_path / f"part-{number}.safetensors")
    index = tmp_path / "model.safetensors.index.json"
    names = {"a.weight": "part-0.safetensors", "b.weight": "part-1.safetensors"}
    index.write_text(json.dumps({"metadata": {}, "weight_map": names}))
    same(read_checkpoint(index), made)
    for wrong, said in (
        ({"a.weight": "../part-0.safetensors"}, "which is no safetensors file beside it"),
        ({"c.weight": "part-0.safetensors"}, "`c.weight` is not in `part-0.safetensors`"),
        ([], "is no index of safetensors"),
    ):
        index.write_text(json.dumps({"weight_map": wrong}))
        with pytest.raises(CheckpointError, match=said):
            read_checkpoint(index)


@pytest.mark.parametrize(
    ("wrapped", "notes"),
    [
        (lambda s: s, []),
        (lambda s: {"state_dict": s, "epoch": 3}, ["the weights are those of the entry `state_dict`"]),
        (
            lambda s: {f"module.{k}": v for k, v in s.items()},
            ["`module.` is taken off the front of the keys"],
        ),
        (
            lambda s: {"n_averaged": torch.tensor(3), **{f"module.model.{k}": v for k, v in s.items()}},
            [
                "`module.` is taken off the front of the keys",
                "`model.` is taken off the front of the keys",
            ],
        ),
        (
            lambda s: {"model": s, "model_ema": s, "optimizer": {"state": {0: {"exp": torch.rand(2)}}}},
            [
                "the weights are those of the entry `model`",
                "other entries have weights too: `model_ema`; `--entry` names another",
            ],
        ),
        (
            lambda s: {"state_dict": {f"model._orig_mod.{k}": v for k, v in s.items()}},
            [
                "the weights are those of the entry `state_dict`",
                "`_orig_mod.` is taken out of the keys",
                "`model.` is taken off the front of the keys",
            ],
        ),
    ],
)
def test_wrappers_are_taken_off_and_said(wrapped: Any, notes: list[str], tmp_path: Path) -> None:
    made = {"a.weight": torch.rand(2, 2), "model_b.weight": torch.rand(3)}
    torch.save(wrapped(made), tmp_path / "in.pth")
    found = read_checkpoint(tmp_path / "in.pth")
    assert {key: found.tensors[key].shape for key in made} == {k: tuple(v.shape) for k, v in made.items()}
    assert set(found.tensors) <= {*made, "n_averaged"} and found.notes == notes


def test_a_prefix_of_some_keys_stays(tmp_path: Path) -> None:
    made = {"model.weight": torch.rand(2), "head.weight": torch.rand(2)}
    torch.save(made, tmp_path / "in.pth")
    assert list(read_checkpoint(tmp_path / "in.pth").tensors) == list(made)


def test_an_entry_is_named(tmp_path: Path) -> None:
    a, b = {"x": torch.rand(2)}, {"x": torch.rand(2)}
    torch.save({"model": a, "ema": {"shadow": b}}, tmp_path / "in.pth")
    same(read_checkpoint(tmp_path / "in.pth", "ema.shadow"), b)
    same(read_checkpoint(tmp_path / "in.pth", "model"), a)
    with pytest.raises(CheckpointError, match="has no entry `teacher`") as error:
        read_checkpoint(tmp_path / "in.pth", "teacher")
    assert error.value.help == "entries with weights: `model`, `ema`"
    torch.save({"one": a, "two": b}, tmp_path / "in.pth")
    with pytest.raises(CheckpointError, match="several entries with weights: `one`, `two`"):
        read_checkpoint(tmp_path / "in.pth")


class Runs:
    """What a pickle of an attacker does."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("how", ["archive", "legacy", "pickle"])
def test_nothing_of_a_pickle_is_run(how: str, tmp_path: Path) -> None:
    made = {"a": torch.rand(2), "b": Runs(tmp_path / "ran")}
    path = tmp_path / "in.pth"
    if how == "pickle":
        path.write_bytes(pickle.dumps({"b": Runs(tmp_path / "ran")}))
    else:
        torch.save(made, path, _use_new_zipfile_serialization=how == "archive")
    with pytest.raises(CheckpointError, match=r"in\.pth"):
        read_checkpoint(path)
    assert not (tmp_path / "ran").exists()
    pickle.loads(pickle.dumps(Runs(tmp_path / "ran")))
    assert (tmp_path / "ran").exists()  # it would have


def test_what_is_not_run_is_named(tmp_path: Path) -> None:
    torch.save({"model": {"a": torch.rand(2)}, "args": argparse.Namespace(lr=1)}, tmp_path / "in.pth")
    with pytest.raises(
        CheckpointError, match=r"nothing of it is run: it calls `argparse.Namespace`"
    ) as error:
        read_checkpoint(tmp_path / "in.pth")
    assert "save its `state_dict()` alone" in error.value.help


def test_tensors_of_other_kinds_are_refused_one_by_one(tmp_path: Path) -> None:
    made = {
        "dense": torch.rand(2),
        "sparse": torch.eye(3).to_sparse(),
        "huge": torch.zeros(1).expand(10**6, 10**6),
        "complex": torch.zeros(2, dtype=torch.complex128),
        "epoch": 3,
    }
    torch.save(made, tmp_path / "in.pth")
    found = read_checkpoint(tmp_path / "in.pth")
    assert list(found.tensors) == ["dense"] and found.others == {"epoch": "int"}
    assert found.refused == {
        "sparse": "it is sparse (sparse_coo)",
        "huge": "it has more elements than the file",
        "complex": "its elements are of the kind complex128",
    }


def header(entries: dict[str, Any], body: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + body


def entry(**changed: Any) -> dict[str, Any]:
    return {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changed}}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no safetensors file: header too small"),
        (b"\xff" * 8, "is no safetensors file: header too large"),
        (b"\x02\0\0\0\0\0\0\0{{", "is no safetensors file: invalid JSON in header"),
        (b"\x02\0\0\0\0\0\0\0[]", "is no safetensors file: invalid JSON in header"),
        (header(entry()), "is no safetensors file"),
        (header(entry(shape=[2**40, 2**40]), b"12345678"), "is no safetensors file"),
        (header(entry(data_offsets=[8, 0]), b"12345678"), "is no safetensors file"),
        (len(b"[" * 90000).to_bytes(8, "little") + b"[" * 90000, "is no safetensors file"),
        (header({}), "holds no weights"),
    ],
)
def test_broken_safetensors(data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "in.safetensors").write_bytes(data)
    with pytest.raises(CheckpointError, match=said):
        read_checkpoint(tmp_path / "in.safetensors")


def test_elements_that_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "in.safetensors").write_bytes(header(entry(dtype="F8_E8M0", shape=[8]), b"12345678"))
    assert read_checkpoint(tmp_path / "in.safetensors").refused == {
        "a": "its elements are of the kind F8_E8M0"
    }


def test_a_file_is_the_same_in_each_process(tmp_path: Path) -> None:
    """Though the package writes what it says of the file in any order."""
    code = (
        "import sys, torch; from archdsl.checkpoints import encode_checkpoint; "
        "from archdsl.checkpoints.pytorch import stored; "
        "made = {key: stored(torch.arange(size)) for key, size in [('b', 3), ('a', 2)]}; "
        "sys.stdout.buffer.write(encode_checkpoint('x.safetensors', made))"
    )
    made = {subprocess.run([sys.executable, "-c", code], capture_output=True).stdout for _ in range(4)}
    assert len(made) == 1 and b'{"__metadata__":{"archdsl":' in made.pop()[:40]


def archive(compression: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        made.writestr("archive/data.pkl", b"\x80\x02}." + b"\0" * 10000)
        made.writestr("archive/version", b"3\n")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "neither a safetensors file nor one of PyTorch"),
        (b"hello", "neither a safetensors file nor one of PyTorch"),
        (b"\x80", "in.pth"),
        (b"PK\x03\x04", "is no checkpoint of PyTorch"),
        (archive(zipfile.ZIP_DEFLATED), "what is in it is compressed"),
        (archive(zipfile.ZIP_STORED), "in.pth"),
    ],
)
def test_broken_files_of_pytorch(data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "in.pth").write_bytes(data)
    with pytest.raises(CheckpointError, match=said):
        read_checkpoint(tmp_path / "in.pth")


def test_a_file_of_pytorch_that_is_cut_off(tmp_path: Path) -> None:
    torch.save({"a": torch.rand(100)}, tmp_path / "in.pth")
    whole = (tmp_path / "in.pth").read_bytes()
    for length in range(1, len(whole), 97):
        (tmp_path / "in.pth").write_bytes(whole[:length])
        with pytest.raises(CheckpointError):
            read_checkpoint(tmp_path / "in.pth")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "no.pth", "there is no such file"), (tmp_path, "it is a folder")):
        with pytest.raises(CheckpointError, match=said):
            read_checkpoint(path)
    with pytest.raises(CheckpointError, match="does not say what to write"):
        encode_checkpoint("out.npz", {})


def test_tied_weights_stay_tied(tmp_path: Path) -> None:
    one = torch.rand(4, 4)
    torch.save({"a": one, "b": one, "c": one[:2]}, tmp_path / "in.pth")
    found = read_checkpoint(tmp_path / "in.pth").tensors
    assert found["a"].origin == found["b"].origin
    write_bytes(tmp_path / "out.pth", encode_checkpoint("out.pth", found))
    back = torch.load(tmp_path / "out.pth", weights_only=True)
    assert back["a"].data_ptr() == back["b"].data_ptr() != back["c"].data_ptr()
    package = pytest.importorskip("safetensors.torch")
    net = torch.nn.Linear(2, 2)
    net.again = net.weight
    package.save_model(net, str(tmp_path / "in.safetensors"))
    assert set(read_checkpoint(tmp_path / "in.safetensors").tensors) == {"weight", "bias", "again"}


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_own_files_are_written_over_and_others_are_not(suffix: str, tmp_path: Path) -> None:
    net = torch.nn.Linear(2, 2)
    theirs = tmp_path / f"theirs.{suffix}"
    if suffix == "pth":
        torch.save(net.state_dict(), theirs)
    else:
        pytest.importorskip("safetensors.torch").save_file(net.state_dict(), theirs)
    with pytest.raises(OutputError, match="was not written by archdsl"):
        write_bytes(theirs, b"x")
    ours = tmp_path / f"ours.{suffix}"
    made = encode_checkpoint(str(ours), read_checkpoint(theirs).tensors)
    write_bytes(ours, made)
    write_bytes(ours, made)
    if suffix == "pth":
        net.load_state_dict(torch.load(ours, weights_only=True), strict=True)
        net.load_state_dict(torch.load(ours, weights_only=True, mmap=True), strict=True)


def test_strict_loading_says_what_is_wrong(tmp_path: Path) -> None:
    net = torch.nn.Sequential(OrderedDict(a=torch.nn.Linear(2, 3), b=torch.nn.BatchNorm1d(3)))

    def load(**changed: Any) -> None:
        made = {**net.state_dict(), **{key.replace("__", "."): value for key, value in changed.items()}}
        torch.save({k: v for k, v in made.items() if v is not None}, tmp_path / "in.pth")
        load_strictly(net, read_checkpoint(tmp_path / "in.pth"))

    load(a__weight=torch.ones(3, 2))
    assert net.a.weight.eq(1).all()
    with pytest.raises(
        CheckpointError, match=r"the module's `a.bias` are not in it, and its `a.c` are not in"
    ):
        load(a__bias=None, a__c=torch.rand(2))
    with pytest.raises(CheckpointError, match=r"`a.weight` is 3×2 in the module and 4×2 in the file"):
        load(a__weight=torch.zeros(4, 2))
    with pytest.raises(CheckpointError, match=r"`a.weight` of `.*` is not read: it is sparse"):
        load(a__weight=torch.eye(3).to_sparse())
    assert net.a.weight.eq(1).all()


def test_a_name_in_front_that_is_the_modules_own_stays(tmp_path: Path) -> None:
    net = torch.nn.Sequential(OrderedDict(model=torch.nn.Linear(2, 3)))
    torch.save(net.state_dict(), tmp_path / "in.pth")
    found = read_checkpoint(tmp_path / "in.pth")
    assert list(found.tensors) == ["weight", "bias"]
    load_strictly(net, found)
    mine = found.seen_by(net.state_dict())
    assert list(mine.tensors) == ["model.weight", "model.bias"] and mine.notes == []
    torch.save({f"module.{key}": one for key, one in net.state_dict().items()}, tmp_path / "in.pth")
    load_strictly(torch.nn.Linear(2, 3), read_checkpoint(tmp_path / "in.pth"))
    load_strictly(net, read_checkpoint(tmp_path / "in.pth"))
    assert read_checkpoint(tmp_path / "in.pth").seen_by(net.state_dict()).notes == [
        "`module.` is taken off the front of the keys"
    ]
