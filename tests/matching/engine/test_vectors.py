"""Term weights equal scikit-learn's where it has an answer, and behave where it has none."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from matchmaker.matching.engine.vectors import TermSpace
from matchmaker.matching.engine.words import CHARACTER, terms, worth

TEXTS = ["数控机床刀具磨损监测", "葡萄种植与葡萄酒酿造", "tool wear of CNC tools 刀具", "葡萄酒"]


def test_rows_equal_the_reference_implementation():
    vectorizer = TfidfVectorizer(analyzer=terms, sublinear_tf=True, norm=None)
    weighed = vectorizer.fit_transform(TEXTS).toarray() * [worth(term) for term in vectorizer.get_feature_names_out()]
    reference = weighed / np.linalg.norm(weighed, axis=1, keepdims=True)

    space, rows = TermSpace.fit_transform(TEXTS)

    assert np.allclose(rows.toarray(), reference)
    assert np.allclose(space.rows(TEXTS).toarray(), reference)


def test_two_documents_by_hand():
    space = TermSpace.fit(["钢", "钢 铝"])  # df: 钢 2, 铝 1; idf: 1 and 1 + ln(3/2)

    rare = 1 + np.log(1.5)
    assert space.weigh("钢 铝") == pytest.approx({"钢": 1 / np.hypot(1, rare), "铝": rare / np.hypot(1, rare)})


def shares(*weights):
    return np.array(weights) / np.linalg.norm(weights)


def test_unknown_words_make_a_need_less_alike():
    space = TermSpace.fit(TEXTS)

    assert np.linalg.norm(space.query("葡萄")[1]) == pytest.approx(1)
    assert np.linalg.norm(space.query("葡萄 zzz")[1]) < 0.9


def test_new_documents_bring_new_terms():
    space = TermSpace.fit(TEXTS)
    before = space.n_terms

    assert space.rows(["蔚蔼"]).shape == (1, before + 3)
    assert space.query("蔚蔼")[0].tolist() == list(range(before, before + 3))
    assert space.weigh("蔚蔼") == pytest.approx(
        dict(zip(["蔚", "蔼", "蔚蔼"], shares(CHARACTER, CHARACTER, 1), strict=True))
    )


def test_nothing_to_learn_from_is_no_error():
    assert TermSpace.fit([]).n_terms == 0
    assert TermSpace.fit(["🚀"]).weigh("🚀") == {}
