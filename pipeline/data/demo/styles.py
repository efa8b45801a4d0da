"""Styles as tables: tempo, swing, drum kits, chords and rhythms.

A rhythm is a string spread over a bar (16 characters: sixteenths of 4/4; 12: triplets of 4/4). In
all of them "." is a rest and "-" extends the note before. Drums: "X" loud, "x" normal, "o" soft,
"," ghost note. Bass: a degree of the chord, "1" to "8", or "a", a semitone below the next root.
Chords and melodies: "x", "X" accented, "o" softer. Arpeggios: "0" is the lowest voice of the
chord.
"""

from dataclasses import dataclass

# fmt: off
GENRES = (
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock",
)
# fmt: on
SONGS = ("rap", "trap", "disco", "house")


@dataclass(frozen=True)
class Style:
    """Options of one style; a piece chooses one of each tuple at random."""

    tempo: tuple[int, int]  # beats per minute, inclusive
    swings: tuple[int, ...]  # see score.Part
    pulse: int
    kits: tuple[int, ...]  # programs of the drum bank
    changes: tuple[str, ...]  # see harmony.Changes
    bass: tuple[str, ...]
    comp: tuple[str, ...]
    melody: tuple[str, ...]


# fmt: off
STYLES = {
    "blues": Style(
        tempo=(72, 128), swings=(240,), pulse=480, kits=(0, 8),
        changes=(
            "I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7",
            "I7 IV7 I7 I7 IV7 IV7 I7 VI7 ii7 V7 I7-VI7 ii7-V7",
            "i7 i7 i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 V7", "I7 V7 IV7 IV7 I7 V7 I7-IV7 I7-V7",
        ),
        bass=("1--3--5--6--", "1-13-35-56-6", "1--1-.5--5-6", "1--8--7--5-a", "1.13.35.57.5"),
        comp=("..x.....x...", "...x.....x..", "..x..x..x..x", "x-----..x...", "..x-....x-.."),
        melody=(
            "x-xx-xx-----", "..xx-xx-xx--", "x--..xx-x---", "....xxx-xx--", "x-----..x-x-",
            "............",
        ),
    ),
    "classical": Style(
        tempo=(66, 132), swings=(240,), pulse=480, kits=(48,),
        changes=(
            "I V7 I IV I ii6-V7 I V", "I vi ii6 V7 I IV V7 I", "I-V vi-iii IV-I ii7-V7",
            "i V7 i iv i iiø-V7 i V7", "i iv bVII bIII bVI iiø V7 i", "i-V7 i bVI-bIII iv-V7",
            "I IV viiø iii vi ii7 V7 I",
        ),
        bass=("1-------5-------", "1---3---5---3---", "1---------------"),
        comp=("x---x---x---x---", "x-------x-------", "..x-..x-..x-..x-"),
        melody=(
            "x---x-x-x---x---", "x-----x-x-x-x---", "x-x-x-x-x---....", "x-------x---x-x-",
            "xxxxx-x-x---x---", "x---x---x-------",
        ),
    ),
    "country": Style(
        tempo=(92, 150), swings=(240, 264), pulse=480, kits=(40, 0),
        changes=(
            "I I IV I I I V V7", "I IV I V7 I IV V7 I", "I V IV I I V7 I I",
            "vi IV I V I IV I-V I", "I I7 IV IV I V7 I I",
        ),
        bass=("1---....5---....", "1---..1.5---..a.", "1---1---5---5-a-"),
        comp=("....x-......x-..", "....x-x.....x-x.", "..x.x-..o.x.x-x."),
        melody=(
            "x-x-x---x-x-x---", "xxx-x-x-x---x-x-", "..x-x-x-x-x-x---", "x---x-xxx-------",
            "x-xxx-x-x-xxx---", "x-----x-x---....",
        ),
    ),
    "disco": Style(
        tempo=(112, 126), swings=(240,), pulse=480, kits=(0, 16),
        changes=(
            "i7 i7 iv7 iv7 bVI bVII i7 V7", "vi7 ii7 V7 IM7", "i9 iv9 bVII9 bIII",
            "i7 bVII bVI V7", "IM7 vi7 ii7 V7", "i7 i7 bIII bVII",
        ),
        bass=("1-8-1-8-1-8-1-8-", "1.8.1.8.1.8.5.8a", "1..18..15.8.7.8.", "1-8.1-8.7-8.5-a."),
        comp=("..x...x...x...x.", "x..x..x...x..x..", "x.......x..x....", "...x..x....x..x."),
        melody=(
            "x--x--x-x-------", "x-x-xxx-....x-x-", "....x-x-x-xxx---", "x---xxx-x-x-x---",
            "..x-x-x-x-------",
        ),
    ),
    "hiphop": Style(
        tempo=(82, 102), swings=(132, 140, 150), pulse=240, kits=(25, 0, 8),
        changes=(
            "i9 iv9", "i7 bVI", "i7 i7 iv7 V7", "ii9 V9 IM9 vi7", "i7-bVII bVI", "iv7 i7",
            "i9 i9 bVI v7",
        ),
        bass=("1--.......1--.5.", "1-.1....7-1-....", "1-----..5-..1-3-", "1..1......8-7.5."),
        comp=(
            "x-----..........", "x---..x-........", "...x--....x-----", "x-......x-......",
            "x--x--....x-....",
        ),
        melody=(
            "x..x..x...x.....", "..x.x.x-....x-..", "x.xx..x.x.......", "....x.x.x--x....",
            "x-....x-x-......",
        ),
    ),
    "jazz": Style(
        tempo=(120, 200), swings=(320, 310), pulse=480, kits=(32, 40),
        changes=(
            "ii7 V7 IM7 VI7", "ii9 V13 IM9 IM9", "iiø V7b9 i6 i6", "IM7 vi7 ii7 V13",
            "iii7 VI7 ii7 V7 IM7 IM7 iiø V7b9", "ii7-V7 IM7-VI7 ii7-V7 IM7",
            "i7 i7 i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 V7",
        ),
        bass=("1---5---8---5-a-", "1-----5-1-----a-"),
        comp=(
            "x.....x.........", "......x.....x...", "..x.........x-..", "x-....x.....x...",
            "......x-..x.....", "........x-......",
        ),
        melody=(
            "x-x-x-x-x-x-x-x-", "..x-x-x-x-x-x---", "x-x-x---..x-x-x-", "x---..x-x-x-x-x-",
            "x-xxx-x-x-x-....", "x-----x-........", "......x-x-x-x-x-",
        ),
    ),
    "metal": Style(
        tempo=(112, 184), swings=(240,), pulse=480, kits=(16,),
        changes=(
            "i5 i5 bVI5 bVII5", "i5 i5 i5 bII5", "i5 bVI5 bIII5 bVII5", "i5 i5 iv5 bV5",
            "i5 bII5 i5 bVII5", "i5 bIII5 bII5 i5",
        ),
        bass=(),
        comp=(),
        melody=("xxxxxxxxxxxxxxxx", "x-x-xxxxx-x-xxxx", "x---x-x-xxxxx---", "x-------x---x---"),
    ),
    "pop": Style(
        tempo=(96, 130), swings=(240,), pulse=480, kits=(0, 8, 24),
        changes=(
            "I V vi IV", "vi IV I V", "I vi IV V", "IV V iii7 vi", "I iii7 IV V", "IV I V vi",
            "i bVI bIII bVII",
        ),
        bass=("1-1-1-1-1-1-1-1-", "1-----1-1-----5-", "1--1--1-1--1--5-", "1---....1-1-..a."),
        comp=(
            "x---x---x---x---", "x--x--x-x--x--x-", "x-------x-------", "..x-..x-..x-..x-",
            "x-x-x-x-x-x-x-x-",
        ),
        melody=(
            "x-x-x---x-x-x---", "x--x--x-x-------", "..x-x-x-x--x----", "x-x-..x-x-x-x---",
            "x---x--x--x-x---", "x-x-x-x-....x-x-",
        ),
    ),
    "reggae": Style(
        tempo=(66, 88), swings=(250, 280), pulse=480, kits=(0, 8),
        changes=(
            "i7 iv7", "I IV", "i bVII", "I vi ii7 V", "I IV V IV", "i iv7 bVII bIII", "vi ii7",
        ),
        bass=(
            "1---..1-3-5-....", "....1-1-5-..3-1-", "1--1....5-3-1-..", "1-5-8---....5-a-",
            "..1-1---3---5---",
        ),
        comp=("....x.......x...",),
        melody=(
            "x-x-x---........", "....x-x-x---x---", "x---..x-x-x-....", "..x-x-x-x-------",
            "................",
        ),
    ),
    "rock": Style(
        tempo=(104, 150), swings=(240,), pulse=480, kits=(0, 16),
        changes=(
            "I5 bVII5 IV5 I5", "I5 IV5 V5 IV5", "i5 bVI5 bIII5 bVII5", "i5 bVII5 bVI5 bVII5",
            "I5 I5 IV5-bVII5 I5", "I5 V5 bVII5 IV5", "i5 bIII5 IV5 i5",
        ),
        bass=("1-1-1-1-1-1-1-1-", "1-1-1-8-1-1-5-a-", "1---1-1-1---1-5-", "1-1.1-1.1-1.7-8."),
        comp=(
            "x-x-x-x-x-x-x-x-", "x-----x-..x-x---", "x--x--x-x--x--x-", "x---x---x---x-x-",
            "x-xxx-xxx-xxx-xx",
        ),
        melody=(
            "x-x-x-x-x---....", "..x-x-x-x-------", "x---xxx-x-x-x---", "x-xxx-x-x---x---",
            "....x-x-x-xxx---", "x-------x-x-x-x-",
        ),
    ),
}
# fmt: on
