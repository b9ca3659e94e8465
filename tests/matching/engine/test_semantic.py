"""Vectors of meaning: pieces of long texts, what is kept, the middle; and the encoder where it is installed."""

import numpy as np
import pytest

from matchmaker.matching.engine import semantic

needs_encoder = pytest.mark.skipif(semantic.encoder() is None, reason="the extra `semantic` is not installed")


def test_a_short_text_is_one_piece():
    assert semantic.chunks(" 刀具  磨损\n监测 ") == ["刀具 磨损 监测"]


def test_a_long_text_is_cut_after_sentences_and_ends_somewhere():
    sentence = "切削力信号反映刀具的磨损状态。"

    pieces = semantic.chunks(sentence * 200)

    assert len(pieces) == semantic.MOST_CHUNKS
    assert all(piece.endswith("。") and len(piece) <= semantic.CHUNK for piece in pieces)
    assert "".join(pieces) == (sentence * 200)[: sum(map(len, pieces))]


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "<!-- x -->"])
def test_nothing_is_one_empty_piece(text):
    assert semantic.chunks(text) == [""]


def test_signs_that_no_encoder_takes_are_left_out():
    assert semantic.chunks("刀\ud800具\0磨") == ["刀具 磨"]


def test_a_digest_follows_what_is_read():
    assert semantic.digest("刀具  磨损") == semantic.digest("刀具 磨损\n")
    assert semantic.digest("刀具磨损") != semantic.digest("刀具磨损监测")


def test_kept_vectors_are_exact_to_three_decimals_and_stay_what_they_are():
    vectors = np.random.default_rng(1).normal(size=(5, semantic.DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    kept = semantic.rounded(vectors)

    assert np.abs(kept - vectors).max() < 0.001
    assert np.linalg.norm(kept, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert len(semantic.packed(vectors)[0]) == 2 * semantic.DIMENSIONS
    assert semantic.unpacked([]).shape == (0, semantic.DIMENSIONS)


def test_without_the_middle_vectors_point_apart():
    common = np.zeros((2, semantic.DIMENSIONS), dtype=np.float32)
    common[:, 0], common[0, 1], common[1, 1] = 0.9, 0.1, -0.1
    middle = semantic.centre(common)

    first, second = semantic.centred(common, middle)

    assert float(first @ second) == pytest.approx(-1)
    assert float(first @ first) == pytest.approx(1)


def test_the_middle_of_nothing_is_the_prior():
    prior = np.ones((2, semantic.DIMENSIONS), dtype=np.float32)
    nothing = np.zeros((0, semantic.DIMENSIONS), dtype=np.float32)

    assert (semantic.centre(nothing, prior) == 1).all()
    assert (semantic.centre(nothing) == 0).all()


@needs_encoder
def test_a_row_depends_on_its_text_alone():
    encoder = semantic.encoder()
    texts = ["刀具磨损监测", "葡萄酒酿造工艺", "tool wear monitoring", "", "切削力" * 400, "\0😀"]

    together = encoder.encode(texts)

    assert together.shape == (len(texts), encoder.dimensions)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    for text, row in zip(texts, together, strict=True):
        assert (encoder.encode([text])[0] == row).all()
    assert encoder.encode([]).shape == (0, encoder.dimensions)


@needs_encoder
def test_meaning_crosses_words_and_languages():
    encoder = semantic.encoder()
    texts = ["数控机床刀具磨损在线监测", "葡萄种植与葡萄酒酿造工艺", "股权投资与企业上市辅导"]
    asked = ["cutters on our milling machines become blunt too early", "we want to make better wine", "想找人投钱"]
    middle = semantic.centre(encoder.encode([*texts, *semantic.PRIOR]))

    likeness = semantic.centred(encoder.encode(asked), middle) @ semantic.centred(encoder.encode(texts), middle).T

    assert likeness.argmax(axis=1).tolist() == [0, 1, 2]
