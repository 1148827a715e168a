"""Problems of an imported file, of its cells and of its lines."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

IMPORT_PROBLEMS: Mapping[str, ProblemType] = {
    # An imported file as a whole.
    "import_too_large": ProblemType(
        413, "文件超过 {limit} MB，请按乡镇拆分后导入。", "The file exceeds {limit} MB; split it by township."
    ),
    "import_unpacks_too_large": ProblemType(
        413,
        "工作簿展开后超过 {limit} MB，不予读取。请删去图片和多余的工作表，只留数据。",
        "The workbook unpacks to more than {limit} MB and is not read; keep the data only.",
    ),
    "import_too_many_rows": ProblemType(
        413, "数据超过 {limit} 行，请按乡镇拆分后导入。", "More than {limit} rows; split the file by township."
    ),
    "import_too_many_columns": ProblemType(
        413,
        "表格超过 {limit} 列，不是填报表，不予读取。",
        "More than {limit} columns: this is no form and is not read.",
    ),
    "import_missing_file": ProblemType(422, "请选择要导入的文件（字段名 file）。", "Attach the file (field `file`)."),
    "import_broken_form": ProblemType(
        400, "上传内容不是有效的 multipart/form-data。", "The body is not valid multipart/form-data."
    ),
    "import_not_a_table": ProblemType(
        415,
        "不是可读取的 XLSX 或 CSV 文件，或文件已损坏。请用 Excel 或 WPS 另存为“.xlsx”后重试。",
        "This is no readable XLSX or CSV file, or it is damaged; save it as .xlsx and try again.",
    ),
    "import_old_excel": ProblemType(
        415,
        "文件是旧版 Excel（.xls）格式或设有打开密码。请取消密码，另存为“.xlsx”后重试。",
        "The file is in the old Excel format (.xls) or has a password; save it as .xlsx without one.",
    ),
    "import_macro": ProblemType(
        415,
        "工作簿带有宏，不予读取。请另存为不含宏的“.xlsx”后重试。",
        "The workbook has macros and is not read; save it as .xlsx without them.",
    ),
    "import_encoding": ProblemType(
        422,
        "第 {line} 行的文字编码有误，无法辨认。请另存为“CSV UTF-8”或“.xlsx”后重试。",
        "The text encoding is broken in line {line}; save the file as CSV UTF-8 or .xlsx.",
    ),
    "import_broken_csv": ProblemType(
        422,
        "第 {line} 行的引号不成对，无法分列。请检查该行，或另存为“.xlsx”后重试。",
        "The quotes do not match in row {line}; check it, or save the file as .xlsx.",
    ),
    "import_no_header": ProblemType(
        422,
        "没有找到表头。请使用下载的模板，或让表头含有：{expected}……",
        "No header was found; use the template, or headings such as: {expected} ...",
    ),
    "import_no_identity_column": ProblemType(
        422,
        "表中没有“主体编号”或“主体名称”列，无法认出各行是哪一个主体。",
        "There is no column for the roster number or the farm's name, so no line can be told whom it is about.",
    ),
    "import_duplicate_column": ProblemType(
        422,
        "{columns} 两列都是“{label}”，不知以哪一列为准，请删去一列。",
        "The columns {columns} are both '{label}'; remove one of them.",
    ),
    "import_no_rows": ProblemType(422, "表中没有数据。", "The file holds no data."),
    "import_file_changed": ProblemType(
        409,
        "文件与预览时的不一致，未写入任何内容。请重新预览。",
        "The file is not the one that was previewed; nothing was written. Preview it again.",
    ),
    "import_out_of_scope": ProblemType(
        403,
        "您的账号不能在“{region}”填报，请联系县农业农村局。",
        "Your account may not report for '{region}'; ask the county bureau.",
    ),
    "import_busy": ProblemType(
        503,
        "该县正在导入另一个文件，请稍后重试。",
        "Another file of this county is being imported; try again shortly.",
    ),
    # A cell of an imported file.
    "import_number": ProblemType(
        422,
        "“{label}”中的“{value}”不是数字。可写 1234.5、1,234.5，或带单位，如 20斤。",
        "'{value}' in '{label}' is no number; write 1234.5 or 1,234.5, with a unit if you like.",
    ),
    "import_none_in_number": ProblemType(
        422,
        "“{label}”应填数字，收到“{value}”。确实没有的填 0，未调查的留空。",
        "'{label}' takes a number, got '{value}'; write 0 for none, or leave it blank if not known.",
    ),
    "import_number_size": ProblemType(
        422,
        "“{label}”中的“{value}”超出可填范围（至多 12 位整数，个数不为负）。",
        "'{value}' in '{label}' is outside what can be stored (12 integer digits, counts not negative).",
    ),
    "import_decimals": ProblemType(
        422,
        "“{label}”中的“{value}”有 6 位以上小数，系统不代为取舍，请自行保留至 6 位以内。",
        "'{value}' in '{label}' has more than 6 decimals; round it yourself, the service does not.",
    ),
    "import_not_whole": ProblemType(
        422, "“{label}”应为整数，收到“{value}”。", "'{label}' takes a whole number, got '{value}'."
    ),
    "import_scientific": ProblemType(
        422,
        "“{label}”中的“{value}”是科学记数法，可能已丢失数位，请写出全部数字。",
        "'{value}' in '{label}' is in scientific notation and may have lost digits; write the number out.",
    ),
    "import_bare_share": ProblemType(
        422,
        "“{label}”是比率，“{value}”不知是否为百分数。请写成 12% 或 0.12。",
        "'{label}' is a share and '{value}' may or may not be in percent; write 12% or 0.12.",
    ),
    "import_unclear_share": ProblemType(
        422,
        "“{label}”的表头是百分数，“{value}”不知是 {value}% 还是小数，请在单元格中写上百分号。",
        "The heading of '{label}' says percent, yet '{value}' may be a fraction; write the percent sign in the cell.",
    ),
    "import_unit": ProblemType(
        422,
        "“{label}”中的“{value}”单位不对，应能换算为{unit}。",
        "The unit of '{value}' in '{label}' cannot be converted to {unit}.",
    ),
    "import_code": ProblemType(
        422,
        "“{label}”应为 {digits} 位数字，收到“{value}”。代码请按文本格式填写。",
        "'{label}' must be {digits} digits, got '{value}'; keep codes as text.",
    ),
    "import_digits_lost": ProblemType(
        422,
        "“{label}”中的“{value}”已被表格软件当作数字缩写，后面的数位丢失。请将该列设为文本格式后重新填写。",
        "'{value}' in '{label}' was shortened as a number and lost digits; set the column to text and type it again.",
    ),
    "import_township": ProblemType(
        422,
        "该县没有名为“{value}”的乡镇，请改填 9 位乡镇代码。",
        "The county has no township named '{value}'; give its 9-digit code.",
    ),
    "import_choice": ProblemType(
        422, "“{label}”没有“{value}”这一项，可填：{choices}。", "'{label}' has no '{value}'; choose from: {choices}."
    ),
    "import_yes_or_no": ProblemType(
        422, "“{label}”请填“是”或“否”，收到“{value}”。", "'{label}' takes yes or no, got '{value}'."
    ),
    "import_date": ProblemType(
        422,
        "“{label}”中的“{value}”不是日期，请写成 2025-03-01。",
        "'{value}' in '{label}' is no date; write 2025-03-01.",
    ),
    "import_formula": ProblemType(
        422,
        "“{label}”单元格是公式，但文件中没有计算结果。请用 Excel 或 WPS 打开并保存一次，或改填数值。",
        "The cell of '{label}' is a formula without a stored result; open and save the file, or type the value.",
    ),
    "import_cell_error": ProblemType(
        422,
        "“{label}”单元格是表格软件的错误值“{value}”，请更正。",
        "The cell of '{label}' holds the error value '{value}'; please correct it.",
    ),
    "import_cell_too_long": ProblemType(
        422, "“{label}”单元格内容过长：“{value}”……", "The cell of '{label}' is too long: '{value}' ..."
    ),
    "import_cannot_clear": ProblemType(
        422, "“{label}”为必填项，不能清空。", "'{label}' is required and cannot be cleared."
    ),
    "import_code_missing": ProblemType(
        422,
        "该行填了“{label}”，但没有写明是哪一种，请补填前面的种类列。",
        "The line answers '{label}' but does not say of which kind; fill the column that names it.",
    ),
    "import_no_heading": ProblemType(
        422,
        "{label} 列的“{value}”上方没有列名，不知是什么内容。",
        "'{value}' in column {label} has no heading above it.",
    ),
    # A line of an imported file.
    "import_total_row": ProblemType(422, "合计行，不导入。", "A row of totals; not imported."),
    "import_remark_row": ProblemType(422, "表尾说明，不导入。", "A remark below the table; not imported."),
    "import_no_identity": ProblemType(
        422,
        "该行没有主体编号，也没有主体名称。",
        "The line has neither a roster number nor a name.",
    ),
    "import_row_twice": ProblemType(
        422,
        "与第 {first} 行是同一主体，一个文件中只能有一行。若是同名的另一主体，请填写主体编号。",
        "This is the farm of line {first} again; a file has one line each. Give roster numbers to farms of one name.",
    ),
    "import_lines_differ": ProblemType(
        422,
        "“{label}”与第 {first} 行所填不一致，同一主体只能有一个答案。",
        "'{label}' differs from line {first}; one farm has one answer.",
    ),
    "import_farm_unknown": ProblemType(
        422,
        "花名册中没有“{name}”，请先导入经营主体花名册，或核对编号、名称和乡镇。",
        "'{name}' is not in the roster; import the roster first, or check number, name and township.",
    ),
    "import_farm_ambiguous": ProblemType(
        422,
        "有几个主体都叫“{name}”，请填写主体编号或乡镇代码以区别。",
        "Several farms fit '{name}'; give the roster number or the township.",
    ),
    "import_county_differs": ProblemType(
        422, "该行是“{value}”的，与导入时所选的县不一致。", "The line is about '{value}', not the county chosen."
    ),
    "import_period_differs": ProblemType(
        422,
        "该行的统计期是“{value}”，与导入时所选的不一致。",
        "The line is about the period '{value}', not the one chosen.",
    ),
}
