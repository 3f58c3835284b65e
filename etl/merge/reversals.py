"""Which reversal takes effect: decided one by one, in the order of the batches: each leaves less for the next."""

import duckdb

from etl.reasons import RowReason

APPLIED, PENDING = "applied", "pending"


def decide(amount_fen: int | None, reversals: list[int]) -> list[str]:
    """Outcome of each reversal amount (fen, in order) of one original of `amount_fen`; None: it has not arrived."""
    if amount_fen is None:
        return [PENDING] * len(reversals)  # fault 22: nets to 0 once the original comes
    outcomes: list[str] = []
    left = amount_fen
    for reversal in reversals:
        if left == 0:
            outcomes.append(RowReason.REVERSAL_REPEATED)
        elif reversal > left:
            outcomes.append(RowReason.REVERSAL_TOO_LARGE)
        else:
            left -= reversal
            outcomes.append(APPLIED)
    return outcomes


def decide_reversals(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the temporary table `reversal_decisions` for the reversals in `payments_kept`."""
    rows = connection.execute(
        """
        SELECT r.city, r.feed, r.original_txn_no, p.amount_fen, r.batch_key, r.line_no, r.amount_fen
        FROM payments_kept r
        LEFT JOIN payments_kept p ON p.city = r.city AND p.feed = r.feed AND p.txn_no = r.original_txn_no
                                 AND p.entry_type = 'payment'
        WHERE r.entry_type = 'reversal'
        ORDER BY r.city, r.feed, r.original_txn_no, r.batch_key, r.line_no
        """
    ).fetchall()
    originals: dict[tuple[str, str, str], list[tuple[int | None, int, int, int]]] = {}
    for city, feed, original, amount_fen, batch_key, line_no, reversal_fen in rows:
        originals.setdefault((city, feed, original), []).append((amount_fen, batch_key, line_no, reversal_fen))
    decided = []
    for group in originals.values():
        outcomes = decide(group[0][0], [reversal_fen for *_, reversal_fen in group])
        decided += [
            (batch_key, line_no, str(outcome), fen)
            for (_, batch_key, line_no, fen), outcome in zip(group, outcomes, strict=True)
        ]
    connection.execute(
        "CREATE TEMP TABLE reversal_decisions (batch_key INTEGER, line_no INTEGER, outcome VARCHAR, amount_fen BIGINT)"
    )
    if decided:
        connection.executemany("INSERT INTO reversal_decisions VALUES (?, ?, ?, ?)", decided)
