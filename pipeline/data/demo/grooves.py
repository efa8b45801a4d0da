"""Drum patterns: grooves and fills of each style, and velocities.

The notation is that of styles.py; a fill lasts half a bar.
"""

from collections.abc import Mapping

Groove = Mapping[str, str]  # name of a drum -> its rhythm

# fmt: off
DRUMS = {  # keys of the General MIDI percussion map
    "kick": 36, "rim": 37, "snare": 38, "clap": 39, "closed": 42, "pedal": 44, "open": 46,
    "low tom": 45, "floor": 41, "mid tom": 47, "high tom": 50, "crash": 49, "ride": 51,
    "china": 52, "tambourine": 54, "conga": 63, "low conga": 64, "shaker": 70, "guiro": 73,
}

LOUDNESS = {"X": 116, "x": 94, "o": 66, ",": 40}  # velocities

# Velocity offsets that balance the SoundFont's drums, which differ in loudness; two kits have
# different hi-hats.
BALANCE = {
    "kick": -20, "snare": -4, "closed": 10, "open": 24, "ride": 6, "shaker": 14, "clap": 6,
}
KIT_BALANCE = {
    24: {"closed": -2, "open": 8},
    25: {"closed": -12, "open": -26, "shaker": -14},
}

GROOVES: Mapping[str, tuple[Groove, ...]] = {
    "blues": (
        {
            "ride": "x.xx.xx.xx.x", "kick": "X.....x.....", "snare": "...X.....X.,",
            "pedal": "...x.....x..",
        },
        {"closed": "X.ox.oX.ox.o", "kick": "X.....x.x...", "snare": "...X.,...X.."},
        {"closed": "XooxooXooxoo", "kick": "X....xx.....", "snare": "...X.....X.."},
    ),
    "country": (
        {"snare": "x,oXx,oXx,oXx,oX", "kick": "x.......x......."},
        {"closed": "x.o.x.o.x.o.x.o.", "rim": "....X.......X...", "kick": "X.......x.x....."},
        {"snare": "o.o.X.o.o.o.X.oo", "kick": "X.......X.......", "pedal": "....x.......x..."},
    ),
    "disco": (
        {
            "kick": "X...X...X...X...", "snare": "....X.......X...", "open": "..x...x...x...x.",
            "closed": "x.,.x.,.x.,.x.,.",
        },
        {
            "kick": "X...X...X...X...", "clap": "....X.......X...", "snare": "....x.......x..,",
            "closed": "xoxoxoxoxoxoxoxo", "open": "..........x...x.",
            "tambourine": "..x...x...x...x.",
        },
        {
            "kick": "X...X...X...X..o", "snare": "....X..,....X...", "open": "..x...x...x...x.",
            "conga": "x..x..x...x..x..", "low conga": "...x......x....x",
        },
    ),
    "hiphop": (
        {"kick": "X......x..X.....", "snare": "....X.......X..,", "closed": "x.x.x.xox.x.x.x."},
        {"kick": "X..x......Xx....", "snare": "....X..,....X...", "closed": "x.o.x.o.x.o.xxo."},
        {
            "kick": "X.x....x.xX....x", "snare": "....X.......X...",
            "closed": "xoxoxoxoxoxoxoxo", "open": "..............x.",
        },
        {
            "kick": "X.....x..X......", "clap": "....X.......X...", "snare": "....x..,.,..x...",
            "shaker": "x.xox.xox.xox.xo",
        },
    ),
    "jazz": (
        {"ride": "x...x.x.x...x.x.", "pedal": "....X.......X...", "kick": "o.......o......."},
        {
            "ride": "X...x.o.x...X.x.", "pedal": "....X.......X...", "snare": "......,.......o.",
            "kick": "o...o...o...o...",
        },
        {
            "ride": "x.x.x...x.x.x...", "pedal": "....X.......X...", "snare": "..,.......,.....",
            "kick": "......o.........",
        },
    ),
    "metal": (
        {"kick": "X.xxX.xxX.xxX.xx", "snare": "....X.......X...", "closed": "X...X...X...X..."},
        {"kick": "XxxxXxxxXxxxXxxx", "snare": "....X.......X...", "ride": "X...X...X...X..."},
        {"kick": "X.X.X.X.X.X.X.X.", "snare": "..X...X...X...X.", "closed": "X.x.X.x.X.x.X.x."},
        {"kick": "X..xX..xX.xx..x.", "snare": "........X.......", "china": "X...X...X...X..."},
    ),
    "pop": (
        {"kick": "X.....x.X.......", "snare": "....X.......X...", "closed": "x.o.x.o.x.o.x.o."},
        {
            "kick": "X...X...X...X...", "clap": "....X.......X...", "closed": "..x...x...x...x.",
            "shaker": "oooooooooooooooo",
        },
        {
            "kick": "X..x..x...x.x...", "snare": "....X.......X...",
            "closed": "x.x.x.x.x.x.x.x.", "tambourine": "....x.......x...",
        },
        {
            "kick": "X......xX.x.....", "snare": "....X.......X..,",
            "closed": "xoxoxoxoxoxoxoxo", "clap": "............x...",
        },
    ),
    "reggae": (
        {"rim": "........X.......", "kick": "........X.......", "closed": "x.o.x.o.x.o.x.o."},
        {"rim": "........X.....,.", "kick": "........X.......", "closed": "x.oox.oox.oox.o."},
        {"kick": "X...X...X...X...", "rim": "........X.......", "closed": "x.o.x.o.x.o.x.x."},
        {
            "kick": "X.......X.......", "rim": "......x.X.......", "closed": "x.o.x.o.x.o.x.o.",
            "guiro": "....o.......o...",
        },
    ),
    "rock": (
        {"kick": "X.......X.x.....", "snare": "....X.......X...", "closed": "X.x.X.x.X.x.X.x."},
        {"kick": "X.....x.X.x.....", "snare": "....X.......X...", "open": "X.x.X.x.X.x.X.x."},
        {"kick": "X..x..x.X.......", "snare": "....X.......X..,", "ride": "X.x.X.x.X.x.X.x."},
        {
            "kick": "X.X...X.X.X.....", "snare": "....X.......X...",
            "closed": "x.x.x.x.x.x.x...", "open": "..............x.",
        },
    ),
}

TOM_FILLS: tuple[Groove, ...] = (
    {"snare": "xxxX....", "high tom": "....xx..", "floor": "......xX", "kick": "x...x..."},
    {"snare": "X.xx.xX.", "low tom": "...x....", "floor": ".......X", "kick": "x.....x."},
    {"high tom": "xx......", "mid tom": "..xx....", "low tom": "....xx..", "floor": "......xX"},
    {"snare": "ooxxxxXX", "kick": "x...x..."},
)
FILLS: Mapping[str, tuple[Groove, ...]] = {
    "blues": (
        {"snare": "xxxXxX", "kick": "x..x.."},
        {"snare": "X.x...", "high tom": "...x..", "low tom": "....x.", "floor": ".....X"},
        {"snare": "..x..X", "kick": "x..x..", "closed": "x..x.."},
    ),
    "country": (
        {"snare": "x.xxXxxX", "kick": "x...x..."},
        {"snare": "..xxxxX.", "kick": "x.....x."},
    ),
    "disco": (
        {"snare": "xxxXxxXX", "kick": "X...X..."},
        {"high tom": "x.xx....", "floor": "....x.xX", "kick": "X...X..."},
        {"snare": "X..X..XX", "kick": "X...X...", "open": "..x...x."},
    ),
    "hiphop": (
        {"snare": "....x.xX", "kick": "x..x...."},
        {"kick": "x.xx...x", "snare": "....X..x"},
        {"snare": "X..,x,.X", "open": "......x."},
    ),
    "jazz": (
        {"snare": "x.xxX.x.", "ride": "x...x..."},
        {"snare": "..x.x...", "low tom": ".....x..", "floor": "......x."},
        {"snare": "x..x..X.", "kick": "..x....x"},
    ),
    "metal": (
        {"snare": "xxXx....", "high tom": "....xx..", "floor": "......XX", "kick": "xxxxxxxx"},
        {"high tom": "xxX.....", "mid tom": "...xxX..", "floor": "......XX", "kick": "x.x.x.x."},
        {"snare": "XxxxXxxX", "kick": "x.x.x.x."},
    ),
    "pop": (
        *TOM_FILLS,
        {"clap": "x..x..xX", "kick": "x...x..."},
    ),
    "reggae": (
        {"high tom": "x.x.....", "low tom": "....x.x.", "kick": "x......."},
        {"snare": "X..x..x.", "kick": "x......."},
        {"snare": "..xxx.X.", "floor": ".......x", "kick": "x......."},
    ),
    "rock": TOM_FILLS,
}
# fmt: on
