"""Money taken back: at once, in part, twice, before the original is known, or without one."""

import numpy as np

from etl.reasons import RowReason
from etl.synth.behaviour import cut_of
from etl.synth.ledger import Array, Entry, Role
from etl.synth.plan import DAY
from etl.synth.scene import HOUR, RATES, Scene, knows_time, reason_index, reverses

_NOTHING = np.datetime64("NaT")


def add_reversals(scene: Scene) -> None:
    """Add the reversals of every campaign, where a feed can report them."""
    plan, ledger = scene.plan, scene.ledger
    can = scene.by_channel(lambda c: reverses(plan, c) and knows_time(plan, c))
    if not can.any():
        return
    opens = np.array([w.opens for w in plan.windows])[ledger["year_row"]]
    ends = np.minimum(np.array([w.deadline for w in plan.windows]), plan.as_of)[ledger["year_row"]]
    day = ledger["at"].astype(DAY)
    has_room_before, has_room_after = day > opens + 4, day + 4 < ends
    common = can & has_room_before & has_room_after
    _wrong_payment_taken_back(scene, scene.pick(RATES["reversed_and_paid_again"], *_fitting(scene, common)))
    wrong, first = _wrong_payment_taken_back(scene, scene.pick(RATES["reversal_repeated"], *_fitting(scene, common)))
    _reverse(
        scene, wrong, ledger["amount_fen"][wrong], ledger["at"][first] + 25 * HOUR, reason=RowReason.REVERSAL_REPEATED
    )
    wrong, _ = _wrong_payment_taken_back(scene, scene.pick(RATES["reversal_first"], *_fitting(scene, common)))
    # The original stands in a file two days after the one with its reversal.
    ledger["reported_on"][wrong] = ledger["at"][wrong].astype(DAY) + 3
    gone = scene.pick(RATES["reversed"], *_fitting(scene, common))
    _reverse(scene, gone, ledger["amount_fen"][gone], ledger["at"][gone] + 2 * HOUR)
    refunded = scene.pick(RATES["partly_refunded"], *_fitting(scene, common))
    _reverse(scene, refunded, ledger["amount_fen"][refunded] // 3 + 7, ledger["at"][refunded] + 26 * HOUR)
    kept = scene.pick(RATES["reversal_too_large"], *_fitting(scene, common))
    larger = ledger["amount_fen"][kept] + 10_000
    _reverse(scene, kept, larger, ledger["at"][kept] + 26 * HOUR, reason=RowReason.REVERSAL_TOO_LARGE)
    beside = scene.pick(RATES["reversal_orphan"], *_fitting(scene, common))
    orphans = _reverse(scene, beside, ledger["amount_fen"][beside], ledger["at"][beside] + 3 * HOUR)
    ledger["is_orphan"][orphans] = True


def _fitting(scene: Scene, common: Array) -> tuple[Array]:
    """`common` was computed before entries were added: none of those fits."""
    fit = np.zeros(len(scene.ledger), dtype=bool)
    fit[: len(common)] = common
    return (fit,)


def _wrong_payment_taken_back(scene: Scene, good: Array) -> tuple[Array, Array]:
    """Before each of the payments `good`: a payment by mistake and its reversal. Returns the positions of both."""
    ledger = scene.ledger
    at = ledger["at"][good] - 30 * HOUR
    wrong = ledger.repeat(good, at=at, role=Role.SPECIAL, settled_on=_NOTHING)
    return wrong, _reverse(scene, wrong, ledger["amount_fen"][wrong], at + HOUR)


def _reverse(scene: Scene, originals: Array, fen: Array, at: Array, reason: RowReason | None = None) -> Array:
    ledger = scene.ledger
    return ledger.repeat(
        originals,
        entry=Entry.REVERSAL,
        original=originals,
        amount_fen=fen,
        asked_fen=fen,
        at=np.minimum(at, cut_of(scene.plan) - np.timedelta64(1, "s")),
        settled_on=_NOTHING,
        role=Role.SPECIAL,
        reason=-1 if reason is None else reason_index(reason),
    )
