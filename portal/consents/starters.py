"""Our own first texts, so that a clinic need not begin with an empty page. Drafts: the clinic adapts them and has them
checked by somebody who knows the law and the medicine of its country. Not reviewed by a clinician or a lawyer.

Facts and sources: docs/clinical-rules.md. Redness for hours to three days (PMC8008152), everything passing gone within
a week, and what may stay: dark marks, lines, lumps (review of 2,805 people, doi 10.1097/01.dss.0000790428.70373.f6);
hair is not among the uses the FDA names for such devices; studies differ widely (I² 88 %, PMID 40056230).
"""

from dataclasses import dataclass

from portal.consents.rules import Check, Purpose


@dataclass(frozen=True, slots=True)
class Starter:
    """The words of one first text."""

    title: str
    body: str
    statements: tuple[str, ...]
    checks: tuple[Check, ...]
    valid_months: int | None = None


_NEEDLING = """\
Please take your time. This text says what we do, what may happen, and what we do not know. Ask us anything before \
you sign, in the portal, by phone or when you are here.

What it is

Very fine, sterile needles prick the skin of the scalp many times, only as deep and only where your practitioner’s \
signed decision allows. We use a new sterile cartridge for each session. You may feel pricking and warmth. A session \
is over when the skin is evenly pink; there may be tiny points of blood.{rest}

What it is for, and what we do not know

The pricks set off the skin’s own repair. Some studies found more hair after several sessions, often together with \
other treatment; others found little. The studies are small and differ a great deal, and nobody can say beforehand \
whether it will help you. We do not promise growth. With your practitioner you agree on a day when you both look \
whether it works, and we stop if it does not.

In some countries, for example the USA, devices of this kind are authorised for other uses and not for hair. There, \
using them on the scalp is called off-label. Your practitioner tells you how it is where you are treated.

What often happens

Redness for a few hours to a day, sometimes up to three days. Swelling, warmth, tenderness, itching, flaking, and \
pin-point crusts. On brown or black skin redness can look darker, purple or grey. All this should be gone within a \
week.

What rarely happens

An infection of the skin. An allergic reaction to something we put on the skin. Dark or light marks, more often on \
darker skin, which can last for months. Scars, fine lines or small lumps, which can stay. A faint feeling during the \
session.

If your face, lips or tongue swell or you have trouble breathing, call the emergency number at once. For spreading \
redness, pus, fever or pain that grows, call us the same day. The portal is not watched around the clock.

What else you could do

You can do nothing: thinning hair is no danger to your health. There are medicines for the scalp or to swallow, \
which a doctor can explain, surgery, and ways to cover thin areas. We are glad to talk about them.

What we need from you

Tell us about illnesses, medicines, allergies and pregnancy, and whenever something changes. Follow the advice for \
the days after a session: it keeps the risk of infection small.

Your choice

You may stop at any time, also in the middle of a session, and withdraw this consent in the portal without giving a \
reason. Nobody will hold it against you, and everything else we do for you stays as it is. What was already done \
cannot be undone.\
"""


def needling(name: str, interval_days: int) -> Starter:
    """The first text of a needling treatment called `name`, with so many days of rest between sessions."""
    rest = f" Between two sessions the scalp rests for at least {interval_days} days." if interval_days else ""
    return Starter(
        f"Consent: {name}"[:120],
        _NEEDLING.format(rest=rest),
        (
            "I have read this text and could ask my questions.",
            "I know what often happens, and that infection, allergic reactions, marks and scars are rare but possible.",
            "I know that nobody can promise me that hair grows.",
            "What I said about my health is true, and I will tell the clinic when something changes.",
            "I want this treatment, and I know that I may stop at any time.",
        ),
        (
            Check(
                "Will your hair grow back for certain?",
                ("Yes, after enough sessions", "Nobody can promise that", "Yes, if the redness is strong"),
                1,
                "Please read “What it is for, and what we do not know” once more.",
            ),
            Check(
                "Your scalp is red the evening after a session. What is that?",
                ("Something that often happens and passes", "A scar", "A sign that I must never come again"),
                0,
                "Please read “What often happens” once more.",
            ),
            Check(
                "When may you stop?",
                ("Only before the first session", "Only with a good reason", "At any time, without a reason"),
                2,
                "Please read “Your choice” once more.",
            ),
        ),
        valid_months=12,
    )


_TAKE_BACK = Check(
    "You say yes today. May you change your mind?",
    ("No, a yes is for good", "Yes, at any time, in the portal"),
    1,
    "Please read “Your choice” once more.",
)
PHOTOS = {
    Purpose.PHOTO_RECORD: Starter(
        "Consent: photos in your record",
        """\
What it means

You or we take photos of your scalp, always from the same places, so that you and your practitioner can see what \
changes. They are kept with your record, encrypted. Only you and the practitioners of this clinic can open them, and \
each look by one of us is written down.

What they can show

Mostly your hair and scalp, sometimes parts of your face. Please leave out what should not be seen: rings, papers, \
other people.

Your choice

You can be treated without photos; it is only harder to judge whether the treatment works. You may withdraw this \
consent at any time in the portal, without giving a reason. All photos, and every picture made of them, are then \
deleted at once and for good, and we take no new ones. What was written stays in your record. You can also remove \
single photos.\
""",
        ("I agree that photos of my scalp are kept with my record.",),
        (_TAKE_BACK,),
    ),
    Purpose.PHOTO_TEACHING: Starter(
        "Consent: photos for teaching",
        """\
What it means

When we train our team or colleagues we would like to show photos of your scalp. We take out your name and \
everything else that names you, and choose photos without your face. We give no copies to those who listen.

What we cannot rule out

Somebody who knows you well might recognise you by your hair, a mark or a scar.

Your choice

This has nothing to do with your treatment: a no changes nothing. You may withdraw this consent at any time in the \
portal, without giving a reason. From then on we show your photos no more, and pictures made for it are \
deleted at once.\
""",
        ("I agree that photos of my scalp, without my name, are shown when colleagues are trained.",),
        (_TAKE_BACK,),
    ),
    Purpose.PHOTO_PUBLICATION: Starter(
        "Consent: photos in public",
        """\
What it means

We would like to show photos of your scalp on our website or in print, so that others see what treatment can and \
cannot do. We take out your name and choose photos without your face. We show you each photo before we publish it, \
and we do not pay for it.

What we cannot rule out

Everybody can see, keep and copy what is public. We cannot call copies back. Somebody who knows you well might \
recognise you.

Your choice

This has nothing to do with your treatment: a no changes nothing. You may withdraw this consent at any time in the \
portal, without giving a reason. We then take your photos off our own pages and print them no more. Pictures made \
for it are deleted at once.\
""",
        (
            "I agree that photos of my scalp, without my name, are published.",
            "I know that what was published can be copied and cannot be called back everywhere.",
        ),
        (_TAKE_BACK,),
    ),
}
