import equinox as eqx
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from magjax.io import checkpoint
from magjax.io.errors import FileFormatError


class State(eqx.Module):
    m: jax.Array
    key: jax.Array
    t: float
    step: int
    rule: object = eqx.field(default=abs)
    name: str = eqx.field(static=True, default="llg")


def state(dtype=np.float64, seed=0, n=4):
    keys = jax.random.split(jax.random.key(seed), 2)
    m = jax.random.normal(keys[0], (3, 1, 2, n), dtype)
    return State(m, keys, t=0.1 + 0.2 * seed, step=2**70 + seed)


def same(a, b):
    leaves_a, leaves_b = jax.tree.leaves(a), jax.tree.leaves(b)
    assert jax.tree.structure(a) == jax.tree.structure(b)
    for x, y in zip(leaves_a, leaves_b, strict=True):
        assert type(x) is type(y)
        if isinstance(x, jax.Array) and jax.dtypes.issubdtype(x.dtype, jax.dtypes.prng_key):
            assert x.dtype == y.dtype
            x, y = jax.random.key_data(x), jax.random.key_data(y)
        if hasattr(x, "dtype"):
            assert x.dtype == y.dtype
            assert np.asarray(x).tobytes() == np.asarray(y).tobytes()
        else:
            assert x == y


def test_a_module_comes_back_to_the_last_bit(tmp_path, dtype):
    path = tmp_path / "a folder" / "run.ckpt"
    checkpoint.save(path, state(dtype), {"t": 1e-9, "config": "µ\n"})
    loaded, metadata = checkpoint.load(path, state(dtype, seed=1))
    same(loaded, state(dtype))
    assert metadata == {"t": 1e-9, "config": "µ\n"} == checkpoint.read_metadata(path)
    assert list(path.parent.iterdir()) == [path]
    # The noise of a resumed run goes on as it would have.
    np.testing.assert_array_equal(jax.random.normal(loaded.key[1]), jax.random.normal(state().key[1]))


def test_every_kind_of_leaf(tmp_path):
    tree = {
        "half": jnp.arange(3, dtype=jnp.bfloat16),
        "complex": jnp.array([1 + 2j, -0.0j]),
        "mask": jnp.array([True, False]),
        "scalar": jnp.asarray(3, jnp.int8),
        "empty": jnp.zeros((0, 3)),
        "numpy": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "numpy half": np.ones(2, ml_dtypes.bfloat16),
        "generic": np.float64(0.1),
        "nan": np.array([np.nan, -0.0, np.inf, 5e-324]),
        "tiny": 5e-324,
        "yes": True,
        "z": 1 - 0.1j,
        "text": "µ",
        "none": None,
        "old key": jax.random.PRNGKey(3),
        "rbg": jax.random.key(3, impl="rbg"),
        "pair": (1, [2.5, jnp.ones(2)]),
    }
    checkpoint.save(tmp_path / "c", tree)
    loaded, _ = checkpoint.load(tmp_path / "c", tree)
    same(loaded, tree)


def test_shapes_may_stand_for_arrays(tmp_path):
    checkpoint.save(tmp_path / "c", state())
    template = jax.eval_shape(lambda: (state().m, state().key))
    loaded, _ = checkpoint.load(tmp_path / "c", eqx.tree_at(lambda s: (s.m, s.key), state(), template))
    same(loaded, state())


def test_promotion_survives(tmp_path):
    """A weakly typed number does not widen float32; after a checkpoint it must not either."""
    tree = {"weak": jnp.asarray(2.0), "strong": jnp.asarray(2.0, jnp.float64)}
    checkpoint.save(tmp_path / "c", tree)
    loaded, _ = checkpoint.load(tmp_path / "c", tree)
    for name in tree:
        assert (loaded[name] * jnp.ones((), jnp.float32)).dtype == (tree[name] * jnp.ones((), jnp.float32)).dtype


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (state(n=5), r"\.m is array float64\[3, 1, 2, 4\] there, but array float64\[3, 1, 2, 5\] in this run"),
        (state(np.float32), r"\.m is array float64.*precision"),
        (eqx.tree_at(lambda s: s.t, state(), 1), r"\.t is float there, but int"),
        (eqx.tree_at(lambda s: s.key, state(), jax.random.split(jax.random.key(0, impl="rbg"), 2)), r"\.key is key"),
        ({"m": state().m}, r"holds \.m where this run has \['m'\]"),
    ],
)
def test_checkpoint_of_another_system(tmp_path, template, message):
    checkpoint.save(tmp_path / "c", state())
    with pytest.raises(FileFormatError, match=message) as error:
        checkpoint.load(tmp_path / "c", template)
    assert "another system" in str(error.value)


def test_more_or_fewer_leaves(tmp_path):
    checkpoint.save(tmp_path / "c", [1, 2])
    with pytest.raises(FileFormatError, match=r"only this run has \[2\]"):
        checkpoint.load(tmp_path / "c", [1, 2, 3])
    with pytest.raises(FileFormatError, match=r"only it has \[1\]"):
        checkpoint.load(tmp_path / "c", [1])


def test_damage_is_noticed_wherever_it_is(tmp_path):
    path = tmp_path / "c"
    checkpoint.save(path, state())
    whole = path.read_bytes()
    for i in [*range(0, len(whole), 37), len(whole) - 1]:
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])
        with pytest.raises(FileFormatError, match="Cannot read"):
            checkpoint.load(path, state())
        path.write_bytes(whole[:i])
        with pytest.raises(FileFormatError, match="Cannot read"):
            checkpoint.load(path, state())


def test_a_failed_save_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "c"
    checkpoint.save(path, state())
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        checkpoint.save(path, state(seed=1))
    same(checkpoint.load(path, state())[0], state())
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"magjax checkpoint 1 sha256\n{}"])
def test_not_a_checkpoint(tmp_path, content):
    (tmp_path / "c").write_bytes(content)
    with pytest.raises(FileFormatError, match="no checkpoint"):
        checkpoint.load(tmp_path / "c", 1)


def test_later_version(tmp_path):
    (tmp_path / "c").write_bytes(b"magjax checkpoint 9 sha256 00\n")
    with pytest.raises(FileFormatError, match=r"version 9.*update"):
        checkpoint.load(tmp_path / "c", 1)


def test_objects_are_refused(tmp_path):
    with pytest.raises(ValueError, match="array of objects"):
        checkpoint.save(tmp_path / "c", [np.array([None])])
