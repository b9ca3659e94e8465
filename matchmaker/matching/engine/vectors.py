"""Term weights: fitted once on the profiles' documents, applied to any text afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from scipy import sparse

from matchmaker.matching.engine.words import terms, worth


class TermSpace:
    """TF-IDF with sublinear term frequency over the terms of `words.terms`, each times its `words.worth`.

    A term never seen when fitting gets a new column with the weight of the rarest possible term, so that documents can
    be added without a new fit; a need's unknown terms count in its length, so that a score does not rise because
    most of a need was not understood.

    References
    ----------
    Salton, Buckley, 1988, Term-weighting approaches in automatic text retrieval; weights as in scikit-learn's
    TfidfTransformer(sublinear_tf=True, smooth_idf=True): (1 + ln tf) · (1 + ln((1 + n) / (1 + df))), rows of length 1.
    """

    def __init__(self, columns: dict[str, int], idf: np.ndarray, *, n_documents: int) -> None:
        self._columns = columns
        self._terms = sorted(columns, key=columns.__getitem__)
        self._idf = [float(weight) for weight in idf]
        self._unseen = 1.0 + float(np.log(1.0 + n_documents))

    @classmethod
    def fit(cls, texts: Sequence[str]) -> TermSpace:
        """Learn how rare each term is.

        Parameters
        ----------
        texts : n_documents texts, in any order
        """
        return cls.fit_transform(texts)[0]

    @classmethod
    def fit_transform(cls, texts: Sequence[str]) -> tuple[TermSpace, sparse.csr_array]:
        """As `fit`, with the documents' rows, shape (n_documents, n_terms)."""
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        if not any(terms(text) for text in texts):
            return cls({}, np.array([]), n_documents=len(texts)), sparse.csr_array((len(texts), 0))
        counter = CountVectorizer(analyzer=terms, dtype=np.float64)
        counts = counter.fit_transform(texts)
        weights = TfidfTransformer(sublinear_tf=True).fit(counts)
        columns = {str(term): int(column) for term, column in counter.vocabulary_.items()}
        weights.idf_ = weights.idf_ * np.array([worth(term) for term in sorted(columns, key=columns.__getitem__)])
        space = cls(columns, weights.idf_, n_documents=len(texts))
        return space, sparse.csr_array(weights.transform(counts))

    @property
    def n_terms(self) -> int:
        return len(self._idf)

    def weigh(self, text: str) -> dict[str, float]:
        """Weight of each term of a text, in order of first occurrence; the squares add up to 1 (or there is none)."""
        counts = Counter(terms(text))
        weights = {term: _damped(n) * self._weight(term) for term, n in counts.items()}
        length = float(np.sqrt(sum(weight * weight for weight in weights.values())))
        return {term: float(weight / length) for term, weight in weights.items()}

    def query(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and weights of the known terms of a need, both of shape (n_known_terms,), by rising column."""
        known = sorted((self._columns[term], w) for term, w in self.weigh(text).items() if term in self._columns)
        return np.array([c for c, _ in known], dtype=np.int64), np.array([w for _, w in known], dtype=float)

    def names(self, columns: np.ndarray) -> list[str]:
        """The terms of some columns."""
        return [self._terms[column] for column in columns.tolist()]

    def rows(self, texts: Iterable[str]) -> sparse.csr_array:
        """Rows of documents, shape (n_texts, n_terms); new terms get new columns."""
        data: list[float] = []
        indices: list[int] = []
        ends = [0]
        for text in texts:
            row = sorted((self._column(term), weight) for term, weight in self.weigh(text).items())
            indices += (column for column, _ in row)
            data += (weight for _, weight in row)
            ends.append(len(indices))
        shape = (len(ends) - 1, self.n_terms)
        return sparse.csr_array((np.array(data), np.array(indices, dtype=np.int64), np.array(ends)), shape=shape)

    def _weight(self, term: str) -> float:
        column = self._columns.get(term)
        return self._unseen * worth(term) if column is None else self._idf[column]

    def _column(self, term: str) -> int:
        column = self._columns.setdefault(term, len(self._idf))
        if column == len(self._idf):
            self._idf.append(self._unseen * worth(term))
            self._terms.append(term)
        return column


@lru_cache(maxsize=1024)
def _damped(count: int) -> float:
    return 1.0 + float(np.log(count))
