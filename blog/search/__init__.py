"""The search of the publication: everything live is read into an index, and asked there.

`words` knows languages, `entries` keeps the index in the transactions that change what it says, `questions` reads what
somebody typed, `index` asks the database, `finding` ranks and filters, `spelling` mends, `passages` shows why.
Whoever writes calls `keep` and its sisters; everything else is for the pages of the search.
"""

from blog.search.entries import keep, keep_many, renew, renew_named, renew_person

__all__ = ["keep", "keep_many", "renew", "renew_named", "renew_person"]
