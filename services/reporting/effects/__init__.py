"""What followed from a household's class: entitlements, roll, offers and referrals."""
