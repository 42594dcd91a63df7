"""The index in Milvus, for sites that one machine no longer holds; needs the package pymilvus.

What it is for: the same protocol as the index files (matching.protocols) over collections: a
writer and a keeper of views. ``Place`` says where.
What it must not know: ranking, the site. Nothing here is imported unless it is asked for.
"""

from matching.milvus.connection import MilvusUnavailable, Place
from matching.milvus.reading import MilvusKeeper, MilvusView
from matching.milvus.writing import MilvusWriter

__all__ = ["MilvusKeeper", "MilvusUnavailable", "MilvusView", "MilvusWriter", "Place"]
