"""What is said when the gate is shut: why (to the client), what the client can do next, what the clinic can do next.

No free text of a verdict, a hold or an answer stands here: who reads a refusal may not be allowed to read those.
"""

WORDS: dict[str, tuple[str, str, str]] = {
    "no verdict": (
        "A practitioner has not yet decided with you whether this treatment suits you.",
        "Please book a free consultation first.",
        "Book a consultation, then sign a verdict.",
    ),
    "not suitable": (
        "Your practitioner found that this treatment does not suit you for now.",
        "Your page “Suitability” says why. If something has changed, please call us or book a free consultation.",
        "Only a new signed verdict opens booking.",
    ),
    "deferred": (
        "Your practitioner would like to wait until {day} before deciding.",
        "Please book a free consultation for {day} or later.",
        "See the client on {day} or later, then sign a new verdict.",
    ),
    "expired": (
        "Your practitioner’s decision is valid for sessions up to {day}.",
        "Please choose an earlier day, or book a free consultation to renew it.",
        "Offer an earlier day, or see the client and sign a new verdict.",
    ),
    "other treatment": (
        "Your practitioner’s decision is about another treatment.",
        "Please book the treatment you agreed on, or a free consultation about this one.",
        "Book the treatment that the verdict covers, or sign a new verdict.",
    ),
    "used up": (
        "Your practitioner’s decision covers a number of sessions ({count}), and all of them are done or booked.",
        "Please book a free consultation to look at the result together and decide how to go on.",
        "See the client and sign a new verdict for further sessions.",
    ),
    "zones": (
        "Your plan names parts of the scalp that your practitioner’s decision does not cover.",
        "Please call us: your practitioner puts this right.",
        "Change the course to the zones of the verdict, or sign a new verdict.",
    ),
    "depth": (
        "Your plan goes deeper than your practitioner’s decision allows.",
        "Please call us: your practitioner puts this right.",
        "Change the course to the depth of the verdict, or sign a new verdict.",
    ),
    "health decide": (
        "You told us about a change in your health, and a practitioner has not looked at it yet.",
        "You need not do anything: we will be in touch. If you wait too long, please call us.",
        "Look at the changed answers: let the verdict stand, or sign a new one.",
    ),
    "health not now": (
        "Because of what you told us about your health, we wait until {day}.",
        "Please answer the health questions again on {day} or later, or call us if something has changed.",
        "Wait until {day}, or look at the answers and sign a new verdict.",
    ),
    "health asked again": (
        "Something in your health answers was to be asked again from {day} on.",
        "Please answer the health questions again.",
        "Ask the client to answer the health questions again, or sign a new verdict.",
    ),
    "health stop": (
        "Because of what you told us about your health, no session can be booked for now.",
        "Please call us, or book a free consultation to talk about it.",
        "See the client. Only a new signed verdict opens booking.",
    ),
    "consent no document": (
        "The clinic has not yet put the consent for this treatment in writing.",
        "Please call us: it takes us a moment.",
        "An admin publishes the consent document of this treatment.",
    ),
    "consent missing": (
        "You have not yet signed your consent to this treatment.",
        "Please read and sign it on your page “Consents”.",
        "Ask the client to sign the consent in the portal.",
    ),
    "consent outdated": (
        "The consent to this treatment has changed since you signed it.",
        "Please read and sign the new text on your page “Consents”.",
        "Ask the client to sign the new consent in the portal.",
    ),
    "consent expired": (
        "Your consent to this treatment is valid up to {day}.",
        "Please choose an earlier day, or sign it again on your page “Consents”.",
        "Offer an earlier day, or ask the client to sign the consent again.",
    ),
    "consent withdrawn": (
        "You have withdrawn your consent to this treatment.",
        "If you change your mind, you can sign it again on your page “Consents”.",
        "Respect it. Only the client can sign the consent again.",
    ),
    "cooling off": (
        "There is time to think before the first session: it can be on {day} at the earliest.",
        "Please choose {day} or a later day.",
        "Offer {day} or a later day.",
    ),
    "too soon": (
        "The scalp rests for {days} days between sessions, and the one before is on {last}.",
        "Please choose {day} or a later day.",
        "Offer {day} or a later day.",
    ),
    "too close": (
        "The scalp rests for {days} days between sessions, and the next one is booked for {last}.",
        "Please choose another day, or move that session first.",
        "Offer another day, or move that session first.",
    ),
    "side_effect": (
        "New sessions are paused until we have looked after what you reported.",
        "You need not do anything: we will be in touch. If it gets worse, please report it again or call us.",
        "Review and close the report: that ends the pause.",
    ),
    "practitioner": (
        "Your practitioner has paused new sessions for now.",
        "Your page “Suitability” says why. Please call us if you have a question.",
        "End the pause on the client’s verdict page once its reason is gone.",
    ),
}
