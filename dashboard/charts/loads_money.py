"""Two witnesses of the same money: what the channels report net, and what the treasury received."""

import pandas as pd

COLUMNS = [
    "channel", "days", "net_fen", "received_fen", "difference_fen", "days_different", "open_days", "open_fen",
    "suspense_fen", "paid_twice_fen",
]  # fmt: skip


def shape(days: pd.DataFrame) -> pd.DataFrame:
    """One row a channel, the largest difference first.

    `days`: channel, paid_on, net_fen, received_fen, suspense_fen, paid_twice_fen (mart_money_daily). Money is compared
    on days the treasury has reported; days without its report are `open_days` with `open_fen`, never a difference.
    difference_fen = received less net, missing when no day can be compared.
    """
    typed = days.astype(dict.fromkeys(["net_fen", "received_fen", "suspense_fen", "paid_twice_fen"], "Int64"))
    rows = []
    for channel, part in typed.groupby("channel", sort=False):
        reported = part[part["received_fen"].notna()]
        waiting = part[part["received_fen"].isna()]
        net = reported["net_fen"].fillna(0)
        has_days = len(reported) > 0
        rows.append(
            {
                "channel": channel,
                "days": len(reported),
                "net_fen": net.sum() if has_days else pd.NA,
                "received_fen": reported["received_fen"].sum() if has_days else pd.NA,
                "difference_fen": (reported["received_fen"] - net).sum() if has_days else pd.NA,
                "days_different": int((reported["received_fen"] != net).sum()),
                "open_days": len(waiting),
                "open_fen": waiting["net_fen"].sum(),
                "suspense_fen": part["suspense_fen"].sum(),
                "paid_twice_fen": part["paid_twice_fen"].sum(),
            }
        )
    result = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS[1:], "Int64"))
    by_size = result["difference_fen"].abs()
    return (
        result.assign(size=by_size)
        .sort_values(["size", "received_fen", "channel"], ascending=[False, False, True], na_position="last")
        .drop(columns="size")
        .reset_index(drop=True)
    )


def differing_days(days: pd.DataFrame) -> pd.DataFrame:
    """Days on which both witnesses speak and differ: channel, paid_on, net_fen, received_fen, difference_fen."""
    typed = days.astype({"net_fen": "Int64", "received_fen": "Int64"})
    net = typed["net_fen"].fillna(0)
    result = typed.assign(net_fen=net, difference_fen=typed["received_fen"] - net)
    result = result[result["received_fen"].notna() & (result["difference_fen"] != 0)]
    columns = ["channel", "paid_on", "net_fen", "received_fen", "difference_fen"]
    return result[columns].sort_values(["paid_on", "channel"]).reset_index(drop=True)
