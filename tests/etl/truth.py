"""Holding a generation against the truth that the synthetic city wrote beside its files: row by row, fen by fen."""

from pathlib import Path

import duckdb
import pyarrow as pa

from etl.installation import Installation
from warehouse.generations import DATABASE_NAME, Warehouse

PARTICIPATION_COLUMNS = (
    "division_code", "category", "is_enrolled", "enrolled_on", "membership", "is_due", "not_due_reason",
    "assistance_group", "assisted_fen", "is_paid", "paid_at", "channel", "payer_relation", "reference", "tier",
    "paid_fen", "refund_due_fen", "price_class", "benefit_tier", "premium_due_fen", "subsidy_fen", "period",
    "waiting_months", "entitled_on", "order_state", "is_paid_last_year", "is_name_different", "card_state", "is_funded",
    "blocker",
)  # fmt: skip


class Comparison:
    """One city's truth beside the generation that is in use."""

    def __init__(self, site: Installation, truth: Path, city: str) -> None:
        self.city = city
        self.connection = duckdb.connect()
        database = Warehouse(site.home).current().path / DATABASE_NAME
        self.connection.execute(f"ATTACH '{database}' AS w (READ_ONLY)")
        for name in ("participation", "payments", "rows", "files"):
            self.connection.execute(f"CREATE VIEW t_{name} AS SELECT * FROM '{truth / city / name}.parquet'")
        ids = self.connection.execute(
            "SELECT DISTINCT person_id FROM (SELECT person_id FROM t_participation "
            "UNION ALL SELECT person_id FROM t_payments UNION ALL SELECT payer_id FROM t_payments) "
            "WHERE person_id IS NOT NULL"
        ).to_arrow_table()["person_id"]
        pseudonyms, _ = site.pseudonymiser.identify(ids.combine_chunks())
        self.connection.register("id_map", pa.table({"person_id": ids, "pseudonym": pseudonyms}))
        self.connection.execute(
            "CREATE TEMP TABLE person_of AS SELECT i.person_id, p.person_key "
            "FROM id_map i JOIN w.core_persons p USING (pseudonym)"
        )

    def differences_of_participation(self) -> list[tuple[object, ...]]:
        """Persons whose row is missing, too many, or different in any column."""
        own = ", ".join(PARTICIPATION_COLUMNS)
        truth = f"SELECT campaign_year, person_key, {own} FROM t_participation JOIN person_of USING (person_id)"
        found = f"SELECT campaign_year, person_key, {own} FROM w.core_participation WHERE city = '{self.city}'"
        return self._differences(truth, found)

    def differences_of_payments(self) -> list[tuple[object, ...]]:
        """Payments whose net amount, channel, time or standing is not the truth's."""
        own = "feed, reference, channel, amount_fen, net_fen, paid_at, standing"
        truth = f"SELECT campaign_year, person_key, {own} FROM t_payments JOIN person_of USING (person_id)"
        found = f"SELECT campaign_year, person_key, {own} FROM w.core_payments WHERE city = '{self.city}'"
        return self._differences(truth, found)

    def differences_of_rows(self) -> list[tuple[object, ...]]:
        """Rows set aside by one side only, or for another reason; rows of files in use only."""
        truth = (
            "SELECT r.file_name, r.line_no, r.reason FROM t_rows r JOIN t_files f USING (file_name) "
            "WHERE r.outcome = 'set_aside' AND f.refused_reason IS NULL AND NOT f.superseded AND f.duplicate_of IS NULL"
        )
        found = (
            "SELECT b.file_name, s.line_no, s.reason FROM w.load_set_aside s "
            f"JOIN w.load_batches b USING (batch_key) WHERE s.city = '{self.city}'"
        )
        return self._differences(truth, found)

    def differences_of_files(self) -> list[tuple[object, ...]]:
        """Files whose number of rows, readable sum or duplicates are not the truth's."""
        truth = (
            "SELECT f.file_name, f.rows, coalesce(f.readable_sum_fen, 0), "
            "count(*) FILTER (r.outcome = 'duplicate') "
            "FROM t_files f LEFT JOIN t_rows r USING (file_name) "
            "WHERE f.refused_reason IS NULL AND NOT f.superseded AND f.duplicate_of IS NULL GROUP BY ALL"
        )
        found = (
            "SELECT file_name, rows_read, read_fen, rows_duplicate FROM w.load_batches "
            f"WHERE city = '{self.city}'"
        )
        return self._differences(truth, found)

    def refused(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """(file, reason) of refused files: the truth's and ours."""
        truth = "SELECT file_name, refused_reason FROM t_files WHERE refused_reason IS NOT NULL ORDER BY file_name"
        found = f"SELECT file_name, reason FROM w.load_refused_files WHERE city = '{self.city}' ORDER BY file_name"
        return self.connection.execute(truth).fetchall(), self.connection.execute(found).fetchall()

    def _differences(self, truth: str, found: str) -> list[tuple[object, ...]]:
        missing = self.connection.execute(f"SELECT 'truth', * FROM ({truth} EXCEPT ALL {found}) LIMIT 10").fetchall()
        extra = self.connection.execute(f"SELECT 'found', * FROM ({found} EXCEPT ALL {truth}) LIMIT 10").fetchall()
        return missing + extra
