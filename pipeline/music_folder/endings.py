"""Endings of files of sound and video, all of which a study reads or names as faults."""

from pathlib import Path

SOUND = frozenset(
    # Music as people have it.
    ".wav .wave .bwf .rf64 .w64 .flac .mp3 .mp2 .mp1 .mpa .mpga .m2a .ogg .oga .ogx .opus .spx"
    " .mogg .aif .aiff .aifc .afc .caf .caff .au .snd .m4a .m4b .m4p .m4r .mp4a .f4a .aac .adts"
    " .adt .loas .latm .wma .mka .weba .ape .wv .tta .tak .ofr .ofs .la .shn .mpc .mp+ .vqf .dsf"
    " .dff .ac3 .ac4 .eac3 .ec3 .dts .dtshd .mlp .thd .truehd .aob .ra .ram .aa .aax .aaxc .cda"
    " .pcm"
    # Dictation machines and phones.
    " .amr .awb .3ga .qcp .gsm .dss .ds2 .dvf .msv .oma .aa3 .at3 .omg .vox .voc .sln .g722 .722"
    " .g723_1 .g728 .g729 .c2 .sbc .msbc .aptx .aptxhd .tco .rco"
    # Research, studios, and less usual coders.
    " .amb .sph .nist .ircam .pvf .htk .sd2 .sds .avr .paf .fap .svx .8svx .rso .wsd .lc3 .qoa"
    " .osq .aea .apc .apl .bonk .daud .302 .dfpwm .iamf .isma .laf .rka .vqe .vql .xwma"
    # Games.
    " .acm .adp .ads .adx .aix .ast .bcstm .bfstm .binka .brstm .dtk .fsb .fwse .genh .hca .mca"
    " .mtaf .musx .rsd .ss2 .svag .vag .vpk .xvag .bmv .moflex .usm .xmv .yop"
    # Scores and tracker music, which hold notes instead of sound.
    " .mid .midi .kar .rmi .xm .it .s3m .mptm .mtm .umx"
    # Video, of which the sound is read.
    " .mp4 .m4v .mp4v .mov .movie .qt .3gp .3gpp .3g2 .3gpp2 .3gp2 .mj2 .webm .mkv .mk3d .avi"
    " .divx .wmv .asf .wm .flv .f4v .mpg .mpeg .mpe .mpv .m1v .m2v .vob .evo .m4s .m2ts .m2t .tp"
    " .trp .ogv .ogm .rm .rmvb .rv .dv .mxf .nut .wtv .dvr-ms .amv .nsv .viv .y4m .bik .h261 .h264"
    " .264 .hevc .h265 .265 .h266 .266 .vvc .vc1 .rcv .apv .avs2 .avs3 .obu .evc .mxg .imx .ismv"
    " .ivr .kux .dav .dif .ifv .ty .ty+ .roq .smk"
    .split()
)  # fmt: skip
"""Endings that say sound or video, of formats that can be read and of those that cannot."""

MPEG_STREAM, VIDEO_CD, TRACKER = b"\x00\x00\x01\xba", b"CDXA", (b"M.K.", b"M!K!", b"4CHN", b"8CHN")


def is_music(path: Path) -> bool:
    """True if a file's ending says sound or video.

    Endings with another common meaning (`.ts` and `.mts` of TypeScript, `.mod` of Go and of Linux,
    `.dat`) need a beginning that says it too.
    """
    ending = path.suffix.lower()
    if ending not in (".ts", ".mts", ".mod", ".dat"):
        return ending in SOUND
    try:
        with path.open("rb") as file:
            start = file.read(1200)
    except OSError:
        return False
    match ending:
        case ".ts" | ".mts":  # packets of 188 bytes; on cameras each after a time code of 4
            return any(
                len(start) > 2 * packet
                and all(start[at] == ord("G") for at in range(packet - 188, 3 * packet, packet))
                for packet in (188, 192)
            )
        case ".mod":  # of a camcorder, or tracker music
            return start.startswith(MPEG_STREAM) or start[1080:1084] in TRACKER
        case _:  # of a video CD
            return start.startswith(MPEG_STREAM) or start[8:12] == VIDEO_CD
