"""Problems of findings and estimates."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

FINDING_PROBLEMS: Mapping[str, ProblemType] = {
    "unknown_finding": ProblemType(404, "没有这条待核问题：{id}。", "There is no such finding: {id}."),
    "finding_changed": ProblemType(
        409,
        "该问题的依据已变化或已消除，请刷新后再处理。",
        "What the finding rests on has changed or is gone; please read it again first.",
    ),
    "finding_not_yours": ProblemType(
        403,
        "该问题应由{office}处理。",
        "This finding is for {office} to settle.",
    ),
    "positions_not_yours": ProblemType(
        403,
        "地块的确切位置只向“{region}”的县农业农村局和所在乡镇公开，您的账号不能查看。",
        "Exact positions are shown to the county bureau of '{region}' and the townships that they lie in only; your "
        "account may not see them.",
    ),
    "not_sampled": ProblemType(
        422,
        "“{indicator}”不是抽样指标，没有抽样误差，请查看汇总数。",
        "'{indicator}' is not sampled and has no sampling error; see the summary instead.",
    ),
    "no_sample_design": ProblemType(
        404,
        "{region}{period}统计期尚未录入抽样设计（分层、抽中村和村内农户数）。",
        "There is no sample design of {region} for {period} yet (strata, villages drawn, households).",
    ),
    "no_sample_answers": ProblemType(
        404,
        "{region}{period}统计期抽中村尚无可用于估计的农户填报，或缺少系数。",
        "No household of a drawn village of {region} can be used for {period} yet, or a coefficient is missing.",
    ),
    "design_village_twice": ProblemType(422, "村 {village} 重复列出。", "Village {village} is listed twice."),
    "design_stratum_differs": ProblemType(
        422,
        "层“{stratum}”的村总数前后不一致。",
        "Stratum '{stratum}' is given different numbers of villages.",
    ),
    "design_stratum_small": ProblemType(
        422,
        "层“{stratum}”的村总数 {villages} 少于抽中村数 {drawn}。",
        "Stratum '{stratum}' has {villages} villages, fewer than the {drawn} drawn.",
    ),
}
