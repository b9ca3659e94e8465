"""Resources are found in a checkout and in a wheel."""

from matchmaker.core import paths


def test_resource_dir_in_a_checkout_is_beside_the_package():
    assert paths.resource_dir("seeds") == paths.PACKAGE.parent / "seeds"


def test_resource_dir_in_a_wheel_is_inside_the_package(tmp_path, monkeypatch):
    (tmp_path / "_data" / "seeds").mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", tmp_path)

    assert paths.resource_dir("seeds") == tmp_path / "_data" / "seeds"
