"""Term weights equal scikit-learn's where it has an answer, and behave where it has none."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from matchmaker.matching.engine.text import analyse
from matchmaker.matching.engine.vectors import TermSpace

TEXTS = ["数控机床刀具磨损监测", "葡萄种植与葡萄酒酿造", "tool wear of CNC tools 刀具", "葡萄酒"]


def test_rows_equal_the_reference_implementation():
    reference = TfidfVectorizer(analyzer=analyse, sublinear_tf=True).fit_transform(TEXTS)

    space, rows = TermSpace.fit_transform(TEXTS)

    assert np.allclose(rows.toarray(), reference.toarray())
    assert np.allclose(space.rows(TEXTS).toarray(), reference.toarray())


def test_two_documents_by_hand():
    space = TermSpace.fit(["钢", "钢 铝"])  # df: 钢 2, 铝 1; idf: 1 and 1 + ln(3/2)

    rare = 1 + np.log(1.5)
    assert space.weigh("钢 铝") == pytest.approx({"钢": 1 / np.hypot(1, rare), "铝": rare / np.hypot(1, rare)})


def test_unknown_words_make_a_need_less_alike():
    space = TermSpace.fit(TEXTS)

    assert np.linalg.norm(space.query("葡萄")[1]) == pytest.approx(1)
    assert np.linalg.norm(space.query("葡萄 zzz")[1]) < 0.9


def test_new_documents_bring_new_terms():
    space = TermSpace.fit(TEXTS)
    before = space.n_terms

    assert space.rows(["石墨烯"]).shape == (1, before + 5)
    assert space.query("石墨烯")[0].tolist() == list(range(before, before + 5))


def test_nothing_to_learn_from_is_no_error():
    assert TermSpace.fit([]).n_terms == 0
    assert TermSpace.fit(["🚀"]).weigh("🚀") == {}
