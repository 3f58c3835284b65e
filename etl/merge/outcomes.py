"""The policy's rules applied to everyone: the merge hands arrays to insurance/rules.py and takes arrays back."""

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from configuration.cities import CityFolder
from configuration.problems import ConfigurationError, file_problem
from etl.merge.city_facts import policy_for
from insurance.rules import UNKNOWN, Facts, Outcome, apply_rules


def participation_outcomes(connection: duckdb.DuckDBPyConnection, folders: Mapping[str, CityFolder]) -> None:
    """Fill the temporary table `outcomes`, one row per row of `facts`."""
    campaigns = connection.execute(
        "SELECT DISTINCT city, campaign_year FROM facts ORDER BY city, campaign_year"
    ).fetchall()
    connection.register("outcome_block", _arrow(np.array([], dtype=np.int64), None))
    connection.execute("CREATE TEMP TABLE outcomes AS SELECT * FROM outcome_block")
    for city, year in campaigns:
        frame = connection.execute(
            "SELECT row_no, category, tier, paid_on, membership FROM facts WHERE city = ? AND campaign_year = ?",
            [city, year],
        ).to_arrow_table()
        row_no = frame["row_no"].to_numpy()
        connection.register("outcome_block", _arrow(row_no, _apply(frame, folders[city], year, connection)))
        connection.execute("INSERT INTO outcomes SELECT * FROM outcome_block")


def _apply(
    frame: pa.Table, folder: CityFolder, year: int, connection: duckdb.DuckDBPyConnection
) -> Outcome:
    categories = tuple(category.code for category in folder.city.categories)
    tiers = tuple(tier.code for tier in folder.city.tiers)
    membership = frame["membership"].to_pandas()
    dates = connection.execute(
        "SELECT opens_on, deadline_on, is_synthetic FROM campaign_facts JOIN meta_cities USING (city) "
        "WHERE city = ? AND campaign_year = ?",
        [folder.city.code, year],
    ).fetchone()
    if dates is None:
        raise ConfigurationError(
            [file_problem(folder.path / "city.yaml", f"rows of {year} are loaded: keep its campaign", key="campaigns")]
        )
    facts = Facts(
        categories=categories,
        category=_index(frame["category"], categories),
        tiers=tiers,
        tier=_index(frame["tier"], tiers),
        paid_on=frame["paid_on"].cast(pa.timestamp("s")).to_numpy().astype("datetime64[D]"),
        is_first_time=(membership == "first").to_numpy(dtype=bool),
        is_lapsed=(membership == "returned").to_numpy(dtype=bool),
        deadline_on=dates[1],
        opens_on=dates[0],
    )
    return apply_rules(policy_for(folder, year, bool(dates[2])), facts)


def _index(texts: pa.ChunkedArray, codes: tuple[str, ...]) -> NDArray[np.int16]:
    """Positions of `texts` in `codes`, -1 for none."""
    encoded = texts.combine_chunks().dictionary_encode()
    position = np.array([codes.index(t) if t in codes else -1 for t in encoded.dictionary.to_pylist()] + [-1])
    index = encoded.indices.fill_null(len(position) - 1).to_numpy(zero_copy_only=False)
    found: NDArray[np.int16] = position[index].astype(np.int16)
    return found


def _arrow(row_no: NDArray[np.int64], outcome: Outcome | None) -> pa.Table:
    names = pa.schema(
        [
            ("row_no", pa.int64()),
            ("price_class", pa.string()),
            ("premium_due_fen", pa.int64()),
            ("subsidy_fen", pa.int64()),
            ("period", pa.string()),
            ("waiting_months", pa.int16()),
            ("entitled_on", pa.date32()),
            ("benefit_tier", pa.string()),
        ]
    )
    if outcome is None:
        return names.empty_table()

    def named(index: NDArray[np.int16], texts: tuple[str, ...]) -> pa.Array:
        return pa.array(texts, pa.string()).take(pa.array(index.astype(np.int64), mask=index < 0))

    def known(values: NDArray[np.int64] | NDArray[np.int16]) -> pa.Array:
        return pa.array(values, mask=values == UNKNOWN)

    is_unpaid = outcome.period == 0
    return pa.table(
        [
            pa.array(row_no),
            named(outcome.price_class, outcome.price_classes),
            known(outcome.premium_due_fen),
            pa.array(outcome.subsidy_fen, mask=outcome.subsidy_fen == UNKNOWN),
            pa.array(["on_time", "late"]).take(pa.array(outcome.period.astype(np.int64) - 1, mask=is_unpaid)),
            known(outcome.waiting_months).cast(pa.int16()),
            pa.array(outcome.entitled_on),
            named(outcome.benefit_tier, outcome.benefit_tiers),
        ],
        schema=names,
    )
