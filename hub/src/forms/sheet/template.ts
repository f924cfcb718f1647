/** The workbook that a department fills in for a form: headings, lists to choose from, and a sheet that says how each column is written. */
import { columnLetters } from '../../platform/sheet/index.ts';
import type { CellField, Design } from '../design.ts';
import type { ValueField } from '../pure/index.ts';
import { columnsOf } from './cells.ts';
import { type Choice, type OutSheet, workbook } from './workbook.ts';

/** How a column is written, in a sentence. */
export function hintOf(f: ValueField | CellField): string {
  const unit = 'unit' in f && f.unit ? `，单位：${f.unit}` : '';
  switch (f.kind) {
    case 'integer':
      return `整数${unit}`;
    case 'decimal':
      return `数字，最多 ${f.places} 位小数${unit}`;
    case 'date':
      return '日期，如 2026-03-04';
    case 'datetime':
      return '日期时间，如 2026-03-04 09:30';
    case 'boolean':
      return '是 或 否';
    case 'choice':
      return f.table
        ? '国家标准代码'
        : `${f.multiple ? '可多选，以顿号分隔：' : '单选：'}${f.options
            .map((o) => o.title.zh)
            .join('、')
            .slice(0, 300)}`;
    case 'citizen-id':
      return '18 位公民身份号码，单元格须为文本';
    case 'phone':
      return '手机或固定电话，单元格须为文本';
    case 'uscc':
      return '18 位统一社会信用代码';
    case 'place':
      return '经度,纬度（WGS 84）';
    case 'relation':
      return '名称（导入后可在页面上关联）';
    case 'text':
    case 'long-text':
      return `文字，最多 ${f.maxLength} 字`;
    default:
      return '文字';
  }
}

const LISTS = '选项';

/** The bytes of the template. */
export function template(design: Design): AsyncGenerator<Buffer> {
  const columns = columnsOf(design);
  const lists: string[][] = [];
  const choices: Choice[] = [];
  columns.forEach((c, column) => {
    const f = c.cell ?? c.field;
    const titles =
      f.kind === 'boolean'
        ? ['是', '否']
        : f.kind === 'choice' && !f.table && !f.multiple
          ? f.options.map((o) => o.title.zh)
          : [];
    if (titles.length === 0) return;
    const letter = columnLetters(lists.length);
    lists.push(titles);
    choices.push({ column, formula: `'${LISTS}'!$${letter}$2:$${letter}$${titles.length + 1}`, hint: hintOf(f) });
  });
  const longest = Math.max(0, ...lists.map((l) => l.length));
  const required = (f: ValueField | CellField) =>
    'required' in f && f.required === true ? '是' : 'required' in f && f.required ? '视情况' : '否';
  const sheets: OutSheet[] = [
    { name: '填报', header: columns.map((c) => c.header), rows: [], choices, textColumns: true },
    {
      name: '填写说明',
      header: ['栏目', '必填', '写法', '提示'],
      rows: columns.map((c) => [
        c.header,
        required(c.cell ?? c.field),
        hintOf(c.cell ?? c.field),
        (c.cell ?? c.field).hint?.zh ?? null,
      ]),
    },
  ];
  if (lists.length)
    sheets.push({
      name: LISTS,
      header: lists.map((_, i) => `${i + 1}`),
      rows: Array.from({ length: longest }, (_, i) => lists.map((l) => l[i] ?? null)),
      hidden: true,
    });
  return workbook(sheets);
}
