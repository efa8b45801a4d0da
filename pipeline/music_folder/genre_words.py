"""Words by which a folder's name is recognised as that of a genre of music."""

import re
import unicodedata

GENRES = frozenset(
    "acid acoustic acustica african afro afrobeat alternativa alternative ambient anime bachata"
    " baroque barroco bebop bluegrass blues bolero bolivian boogaloo boogie bossa bossanova"
    " breakbeat breaks britpop cabaret calypso candombe carnatic carnavalito celtic chacarera"
    " chamame chamber chanson chicha children chill chillout chillwave chiptune choral choro"
    " christian clasica classic classica classical copla coplas coral corridos country cuarteto"
    " cueca cumbia dance dancehall dembow disco doom downtempo drill drone drum drums dub"
    " dubstep edm electro electronic electronica emo ethnic experimental fado flamenco folclore"
    " folk folklore forro freestyle funk fusion gangsta garage glam glitch gospel goth gothic"
    " grime grunge guaracha hardcore hardstyle himnos hip hiphop hop house huapango huayno idm"
    " indie industrial infantil instrumental international italo jazz joropo jota jungle karaoke"
    " klezmer kpop kuduro latin latina latino llanera lofi lounge malambo mambo mariachi"
    " marinera medieval merengue metal metalcore milonga minimal motown mpb murga neoclassical"
    " newage noise norteno opera orchestral orquestal pagode pasillo payada phonk polka pop"
    " popular progressive psychedelic punk qawwali raga ragtime ranchera rancheras rap rave"
    " reggae reggaeton religious renaissance rnb rock rockabilly romantic romantica rumba rural"
    " salsa samba sertanejo shoegaze singersongwriter ska sludge soca son soul soundtrack spoken"
    " surf swing synth synthpop synthwave tango techno tejano thrash tonada trance trap tribal"
    " triphop trova vallenato vals vaporwave waltz world zamba zarzuela zouk zydeco".split()
)
"""Single words, without accents: of ID3's list of genres, of GTZAN, FMA and MTG-Jamendo, and of
Latin America. Not a complete list: only its absence from most folders says anything."""


def is_genre_name(name: str) -> bool:
    """True if a word of a folder's name is known as a genre's."""
    return not GENRES.isdisjoint(words(name))


def words(name: str) -> set[str]:
    """The words of a name, in lower case and without accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(one for one in letters if not unicodedata.combining(one))
    return set(re.findall(r"[a-z]+", plain))
