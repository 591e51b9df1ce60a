import dataclasses
import getpass
import json
import pathlib
import platform

import jax.numpy as jnp
import numpy as np

import magjax as mj
from magjax.io import metadata
from magjax.mesh import Mesh


def test_what_made_a_result():
    found = metadata.gather(
        config="[mesh]\ncells = 3", seed=np.int64(4), dtype=jnp.float32, timings={"relax": 2.0}, n=3
    )
    assert json.loads(json.dumps(found)) == found
    assert found["dtype"] == "float32"
    assert found["seed"] == 4
    assert found["config"].startswith("[mesh]")
    assert found["n"] == 3
    assert found["device"]["count"] >= 1
    assert {"python", "jax", "jaxlib", "diffrax"} <= set(found["versions"])
    # Also where magjax runs from its source tree and the packaging knows nothing of it.
    assert found["versions"]["magjax"] == mj.__version__
    assert found["date"].endswith("+00:00")


def test_unknown_things_are_left_out():
    found = metadata.gather()
    assert not {"seed", "config", "timings"} & set(found)
    assert found["dtype"] == "float64"


def test_names_of_host_and_user_are_left_out():
    text = metadata.dumps(metadata.gather())
    assert platform.node() not in text
    assert f'"{getpass.getuser()}"' not in text


def test_anything_becomes_json():
    @dataclasses.dataclass
    class Options:
        folder: pathlib.PurePath
        names: set[str]

    found = metadata.loads(
        metadata.dumps(
            {
                "array": jnp.arange(3.0),
                "number": np.float64(0.1),
                "options": Options(pathlib.PurePosixPath("out/sp4"), {"b", "a"}),
                "mesh": Mesh((1, 2, 3), 1e-9),
                "text": "µ\n#",
            }
        )
    )
    assert found["array"] == [0.0, 1.0, 2.0]
    assert found["number"] == 0.1
    assert found["options"] == {"folder": "out/sp4", "names": ["a", "b"]}
    assert found["mesh"]["cells"] == [1, 2, 3]
    assert found["text"] == "µ\n#"


def test_foreign_text_survives():
    assert metadata.loads("not json") == {"text": "not json"}
    assert metadata.loads("[1]") == {"text": "[1]"}
