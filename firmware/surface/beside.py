"""The card that a panel's board is checked against: the configured one, or the one that is found here."""

from __future__ import annotations

from drivers.card_profile import CardProfile
from firmware.desk_config import DeskConfig


def card_of(desk: DeskConfig) -> CardProfile | None:
    """The profile of the desk's card; None where there is none here, so that nothing is known of its pins.

    Raises ProfileError.
    """
    from drivers.cards import detect, match
    from firmware import boards

    profiles = boards.profiles()
    if desk.card in profiles:
        return profiles[desk.card]
    found = match(profiles, [card for card in detect() if desk.card in ("auto", card.card_id)])
    return None if found is None else found[0]
