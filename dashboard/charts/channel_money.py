"""Money by channel beside what the treasury received, to the fen."""

import pandas as pd


def shape(money: pd.DataFrame) -> pd.DataFrame:
    """Net payments against receipts.

    Args:
        money: channel, payments, net_fen, received_fen (NA without receipts), suspense_fen, paid_twice_fen.

    Returns:
        the same rows with difference_fen = received − net (NA without receipts), largest net first.
    """
    rows = money.assign(difference_fen=money["received_fen"] - money["net_fen"])
    return rows.sort_values(["net_fen", "channel"], ascending=[False, True]).reset_index(drop=True)


def disagreement(frame: pd.DataFrame) -> tuple[int, int, int]:
    """Channels with receipts, of them those that differ, and the sum of the differences without sign (fen)."""
    differences = frame["difference_fen"].dropna().astype(int)
    return len(differences), int((differences != 0).sum()), int(differences.abs().sum())
