"""Likeness of a need and a profile's documents: cosine per document, combined over the documents."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

MEANING = 0.5  # share of the encoder where there is one; the words have the rest
# What the best document counts beside the mean, see `combined`: chosen for profiles of three, falling as the documents
# grow in number and a chance hit among them grows likely; on real papers a tenth is right from a dozen on.
BEST_SHARE, BEST_OF, LEAST_BEST_SHARE = 0.4, 3, 0.1


def cosines(documents: sparse.csr_array, columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Cosine of a need with every document.

    Parameters
    ----------
    documents : csr_array of shape (n_terms, n_documents), columns of length 1 (terms first: a need touches few)
    columns, weights : ndarrays of shape (n_known_terms,), see `TermSpace.query`

    Returns
    -------
    ndarray of shape (n_documents,), in [0, 1]
    """
    known = columns < documents.shape[0]
    likeness = documents[columns[known]].T @ weights[known]
    return np.clip(likeness, 0.0, 1.0)


def between(needs: sparse.csr_array, documents: sparse.csr_array) -> np.ndarray:
    """Cosine of every need with every document, shape (n_needs, n_documents), in [0, 1].

    Parameters
    ----------
    needs : csr_array of shape (n_needs, n_terms)
    documents : csr_array of shape (n_terms, n_documents)
    """
    return np.clip((needs @ documents).toarray(), 0.0, 1.0)


def combined(likeness: np.ndarray, owner: np.ndarray, share: np.ndarray, n_profiles: int) -> np.ndarray:
    """One likeness a profile: the weighted mean of its documents and its best document.

    Parameters
    ----------
    likeness : ndarray of shape (n_documents,)
    owner : int ndarray of shape (n_documents,), the profile of each document, never falling
    share : ndarray of shape (n_documents,), weight of the document in its profile; sums to 1 for each profile

    Returns
    -------
    ndarray of shape (n_profiles,), in [0, 1]

    Notes
    -----
    The mean alone punishes a helper of many interests, the best document alone rewards a chance hit, the more so the
    more documents there are; `docs/matching-quality.md` has the measured comparison.
    """
    best, mean = np.zeros((2, n_profiles))
    counts = np.bincount(owner, minlength=n_profiles)
    if len(owner):
        first = np.concatenate([[0], np.flatnonzero(owner[1:] != owner[:-1]) + 1])
        best[owner[first]] = np.maximum.reduceat(likeness, first)
        mean[owner[first]] = np.add.reduceat(share * likeness, first)
    return blended(mean, best, counts)


def blended(mean: Any, best: Any, counts: Any) -> Any:
    """One likeness out of the mean over a profile's documents and that of the best of them, and how many there are."""
    share = best_share(counts)
    return (1 - share) * mean + share * best


def best_share(counts: Any) -> Any:
    """What the best of so many documents counts beside their mean."""
    return np.clip(BEST_SHARE * BEST_OF / np.maximum(counts, 1), LEAST_BEST_SHARE, BEST_SHARE)


def text_score(likeness: np.ndarray) -> np.ndarray:
    """Stretch a cosine onto the scale of the other features: its square root.

    A good match of two short Chinese texts has a cosine of about 0.15 to 0.3; without the stretch the structured
    features would decide everything. It is monotone, so the order by text alone stays.
    """
    return np.sqrt(likeness)


def fused(words: np.ndarray, meaning: np.ndarray, known: np.ndarray | bool = True) -> np.ndarray:
    """One text score out of likeness in words and in meaning, both combined over the documents, in [0, 1].

    Parameters
    ----------
    words, meaning : ndarrays of one shape, last axis n_profiles
    known : whether the meaning of the profile is known (yet); words decide alone where it is not
    """
    return np.where(known, (1.0 - MEANING) * text_score(words) + meaning_part(meaning), text_score(words))


def meaning_part(meaning: np.ndarray) -> np.ndarray:
    """What the meaning adds to a text score."""
    return MEANING * meaning
