"""The statements of `formulary.icd`. One row each, whatever is found: JSON holds the codes."""

from __future__ import annotations

_IN_FORCE = "valid_from <= %(on)s AND (valid_to IS NULL OR valid_to >= %(on)s)"
# Byte by byte, as the index on the code is: `~` follows every character of a code.
_BELOW = """
    SELECT count(*) AS total,
           json_agg(json_build_array(c.code, c.label) ORDER BY c.code)
               FILTER (WHERE c.place <= %(children)s) AS below
      FROM (SELECT code, label, row_number() OVER (ORDER BY code) AS place
              FROM formulary_diagnosiscode
             WHERE code ~>~ h.code AND code ~<~ (h.code || '~') AND billable AND {in_force}) c
"""
_SEARCH = """
    WITH hits AS MATERIALIZED (
        SELECT code, label, billable, other_names,
               CASE WHEN code = ANY(%(first)s) OR code LIKE ANY(%(first_below)s) THEN 0
                    WHEN code = ANY(%(then)s) OR code LIKE ANY(%(then_below)s) THEN 1
                    ELSE 2 END AS place
          FROM formulary_diagnosiscode
         WHERE {match} AND {in_force}
    ), best AS (SELECT * FROM hits AS h ORDER BY {order} LIMIT %(limit)s)
    SELECT (SELECT count(*) FROM hits),
           EXISTS (SELECT FROM formulary_diagnosiscode WHERE {in_force}),
           coalesce((
               SELECT json_agg(
                          json_build_array(h.code, h.label, h.billable, h.other_names, b.total, b.below)
                          ORDER BY {order})
                 FROM best h LEFT JOIN LATERAL ({below}) b ON NOT h.billable
           ), '[]')
"""
_LOOK_UP = """
    SELECT l.loaded, h.label, h.billable, h.release, h.valid_to, b.total, b.below
      FROM (SELECT EXISTS (SELECT FROM formulary_diagnosiscode WHERE {in_force}) AS loaded) l
      LEFT JOIN LATERAL (
               SELECT * FROM formulary_diagnosiscode
                WHERE code = %(code)s AND valid_from <= %(on)s
                ORDER BY valid_from DESC LIMIT 1) h ON true
      LEFT JOIN LATERAL ({below}) b ON NOT h.billable
"""
_BY_CODE = "code LIKE %(beginning)s"
_BY_WORDS = "search @@ to_tsquery('simple', %(words)s)"
_CODE_THEN_WORDS = "code LIKE %(beginning)s AND search @@ to_tsquery('simple', %(rest)s)"
# Of the formulary's codes by number; of all the others the plainest title first.
_PLAINEST = "h.place, NOT h.billable, CASE WHEN h.place < 2 THEN 0 ELSE length(h.label) END, h.code"
_AS_TYPED = "h.code <> %(code)s, h.code NOT LIKE %(beginning)s, h.place, h.code"


def _filled(statement: str, **parts: str) -> str:
    for name, part in (parts | {"below": _BELOW, "in_force": _IN_FORCE}).items():
        statement = statement.replace(f"{{{name}}}", part)
    return statement


SEARCH = {
    "words": _filled(_SEARCH, match=_BY_WORDS, order=_PLAINEST),
    "code": _filled(_SEARCH, match=f"({_BY_CODE} OR {_BY_WORDS})", order=_AS_TYPED),
    "code_and_words": _filled(
        _SEARCH, match=f"({_CODE_THEN_WORDS} OR {_BY_WORDS})", order=_AS_TYPED
    ),
}
LOOK_UP = _filled(_LOOK_UP)
