"""The designations of counties that the plan speaks of, as a closed vocabulary."""

from collections.abc import Mapping
from enum import StrEnum


class DesignationKind(StrEnum):
    """What a county has been designated as; the lists themselves are loaded, each row with its source and year."""

    GRAIN_PRODUCTION = "grain_production"
    LIVESTOCK_AQUACULTURE = "livestock_aquaculture"
    PROTECTED_AGRICULTURE = "protected_agriculture"
    SPECIALITY_PRODUCTS = "speciality_products"
    FILM_INTENSIVE = "film_intensive"
    GREEN_CONTROL = "green_control"
    STRAW_WHOLE_COUNTY = "straw_whole_county"
    FRAGILE_ECOLOGY = "fragile_ecology"
    WATER_OVERUSE = "water_overuse"


DESIGNATION_NAMES: Mapping[DesignationKind, tuple[str, str]] = {
    DesignationKind.GRAIN_PRODUCTION: ("粮食主产区", "main grain-producing area"),
    DesignationKind.LIVESTOCK_AQUACULTURE: ("畜禽水产养殖优势区", "leading livestock and aquaculture area"),
    DesignationKind.PROTECTED_AGRICULTURE: ("设施农业重点区", "key area of protected agriculture"),
    DesignationKind.SPECIALITY_PRODUCTS: ("特色农产品生产区", "speciality farm products area"),
    DesignationKind.FILM_INTENSIVE: ("用膜大县", "film-intensive county"),
    DesignationKind.GREEN_CONTROL: ("绿色防控县", "green pest control county"),
    DesignationKind.STRAW_WHOLE_COUNTY: ("秸秆整县推进县", "whole-county straw programme"),
    DesignationKind.FRAGILE_ECOLOGY: ("生态环境脆弱区", "ecologically fragile area"),
    DesignationKind.WATER_OVERUSE: ("水资源开发过度区", "area of overused water resources"),
}
"""Kind -> what it is called, zh and en."""

BY_NAME: Mapping[str, DesignationKind] = {names[0]: kind for kind, names in DESIGNATION_NAMES.items()}
"""A list may say the kind in Chinese."""
