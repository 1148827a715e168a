"""Where the demo plays: counties around the four lakes and Tianjin, and how each part of the country farms."""

from dataclasses import dataclass
from enum import StrEnum


class Farmland(StrEnum):
    """How a part of the country farms; the plan takes crops, animals and film from it."""

    DONGTING = "dongting"
    TAIHU = "taihu"
    DANJIANGKOU = "danjiangkou"
    ULANSUHAI = "ulansuhai"
    TIANJIN = "tianjin"


DEMO_COUNTIES: dict[str, Farmland] = {
    code: farmland
    for farmland, codes in {
        Farmland.DONGTING: (
            "430611 430621 430623 430624 430681 430682 430703 430721 430722 430723 430725 430726 430781 430903 430921"
            " 430981 421081 421083 421088"
        ),
        Farmland.TAIHU: (
            "320281 320282 320412 320413 320481 320506 320507 320509 320581 320582 320585 330482 330483 330502 330503"
            " 330521 330522 330523"
        ),
        Farmland.DANJIANGKOU: "411323 411325 411326 411381 420303 420304 420322 420323 420324 420325 420381",
        Farmland.ULANSUHAI: "150802 150821 150822 150823 150824 150825 150826",
        Farmland.TIANJIN: "120110 120111 120112 120113 120114 120115 120116 120117 120118 120119",
    }.items()
    for code in codes.split()
}
"""County codes (GB/T 2260) of Hunan, Jiangsu, Zhejiang, Henan, Hubei, Inner Mongolia and Tianjin."""


@dataclass(frozen=True, slots=True)
class CountyPlace:
    """A county of the demo. `townships` are (code, name).

    `spots` are (longitude, latitude, metres to the border at least) inside it, CGCS2000.
    """

    code: str
    name: str
    farmland: Farmland
    townships: tuple[tuple[str, str], ...]
    spots: tuple[tuple[float, float, float], ...]
