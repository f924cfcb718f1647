/** From the cells of a resource to its content, each word that is not understood with its cell. */

import { parseDate } from '@jingwei/codes';
import type { Bilingual } from '../../platform/i18n/index.ts';
import { classOf, parseCode } from './classes.ts';
import { type EntryContent, entryContent } from './content.ts';
import type { Meaning } from './sheet-columns.ts';
import * as words from './sheet-columns.ts';
import type { Cell, SheetResource } from './sheet-read.ts';

/** Says what is wrong with a cell. */
export type Fault = (cell: Cell, code: string, text: Bilingual) => void;

/** Days from 1899-12-30 that stand for a date between 1990 and 2100: what spreadsheets keep dates as. */
const serial = (text: string): boolean =>
  /^\d{5}(\.\d+)?$/.test(text) && Number(text) >= 32_874 && Number(text) <= 73_051;

const list = (values: readonly string[]): Bilingual => ({
  zh: `无法识别，应为：${values.join('、')}`,
  en: `Not understood; one of: ${values.join(', ')}`,
});

/** The content of a resource. `code` is that of an entry that it changes, where the sheet names one. */
export function contentOfSheet(resource: SheetResource, fault: Fault): { content: EntryContent; code: string | null } {
  const { cells } = resource;
  const text = (meaning: Meaning, from = cells): string => (from.get(meaning)?.text ?? '').trim();
  const long = (meaning: Meaning, most: number): string => {
    const own = text(meaning);
    if (own.length > most)
      fault(cells.get(meaning)!, 'long', { zh: `最多 ${most} 个字。`, en: `At most ${most} characters.` });
    return own.slice(0, most);
  };
  const read = <T>(
    meaning: Meaning,
    reader: (text: string) => T | undefined,
    allowed: readonly string[],
    from = cells,
  ): T | null => {
    const cell = from.get(meaning);
    if (!cell) return null;
    const value = reader(cell.text);
    if (value === undefined) fault(cell, `word-${meaning}`, list(allowed));
    return value ?? null;
  };

  const code = text('code') ? parseCode(text('code')) : undefined;
  if (text('code') && !code)
    fault(cells.get('code')!, 'code', {
      zh: '信息资源代码应为 分类码/顺序码。',
      en: 'The code is a classification code, / and a sequence code.',
    });
  const type = read('sharing', words.readSharing, ['无条件共享', '有条件共享', '不予共享']);
  const condition = long('condition', 500);
  const ground = long('ground', 500);
  checkDate(cells.get('published'), fault);
  const content: EntryContent = {
    title: { zh: long('title', 200), en: long('titleEn', 200) },
    abstract: { zh: long('abstract', 2000), en: '' },
    classification: classification(resource, code?.classification, fault),
    format: long('format', 40),
    subject: read('subject', words.readSubject, ['法人', '自然人', '地点', '无']) ?? 'none',
    level: read('level', words.readLevel, ['核心数据', '重要数据', '一般数据']),
    sharing: {
      type,
      // The form has one column for both: the condition, or the ground of a refusal.
      condition: type === 'refused' || words.bare(condition) === '无条件' ? '' : condition,
      ground: type === 'refused' ? ground || condition : ground,
      ways:
        read('ways', words.readWays, ['系统对接', '联机查询', '在线浏览', '调用在线服务', '下载', '拷贝', '其他']) ??
        [],
    },
    open: { open: read('open', words.readYes, ['是', '否']) === 'true', condition: long('openCondition', 500) },
    cycle: read('cycle', words.readCycle, ['实时', '每日', '每周', '每半月', '每月', '每季度', '每年']),
    related: words.split(text('related')).slice(0, 50),
    tags: words
      .split(text('tags'))
      .map((t) => t.slice(0, 20))
      .slice(0, 20),
    items: resource.items.map((item) => {
      const length = text('itemLength', item).normalize('NFKC');
      if (length && !/^\d{1,9}$/.test(length))
        fault(item.get('itemLength')!, 'length', { zh: '数据长度应为整数。', en: 'A length is a whole number.' });
      return {
        title: { zh: text('item', item).slice(0, 200), en: text('itemEn', item).slice(0, 200) },
        field: text('itemField', item).slice(0, 64) || null,
        type: read(
          'itemType',
          words.readType,
          [
            'C 字符型',
            'N 数值型',
            'Y 货币型',
            'D 日期型',
            'T 日期时间型',
            'L 逻辑型',
            'M 备注型',
            'G 通用型',
            'B 双精度型',
            'I 整型',
            'F 浮点型',
          ],
          item,
        ),
        length: /^[1-9]\d{0,8}$/.test(length) ? Number(length) : null,
        unit: text('itemUnit', item).slice(0, 20) || null,
        required: read('itemRequired', words.readYes, ['是', '否'], item) === 'true',
        key: read('itemKey', words.readYes, ['是', '否'], item) === 'true',
        protection:
          read('itemProtection', words.readProtection, ['公开', '内部', '个人信息', '敏感个人信息'], item) ??
          'internal',
        role: null,
        note: text('itemNote', item).slice(0, 300),
      };
    }),
  };
  // Items written into one cell have names only; their types are asked for by the check.
  const named = new Set(content.items.map((i) => i.title.zh));
  for (const name of words.split(text('itemList'))) {
    if (named.has(name)) continue;
    named.add(name);
    content.items.push(entryContent.shape.items.unwrap().element.parse({ title: { zh: name.slice(0, 200) } }));
  }
  if (content.items.length > 500) {
    fault(cells.get('title')!, 'items', { zh: '信息项最多 500 个。', en: 'At most 500 items.' });
    content.items.length = 500;
  }
  return { content, code: code ? text('code').normalize('NFKC') : null };
}

function classification(resource: SheetResource, ofCode: string | undefined, fault: Fault): string {
  const { cells } = resource;
  const given = cells.get('classification');
  const digits = given?.text.normalize('NFKC').replace(/\D/g, '') ?? '';
  if (given && digits) {
    if ('wrong' in classOf(digits))
      fault(given, 'class', {
        zh: '分类码不存在（类 1 位、项 2 位、目 3 位）。',
        en: 'There is no such classification code.',
      });
    return digits.slice(0, 20);
  }
  if (cells.has('part') || cells.has('class')) {
    const of = (m: Meaning) => cells.get(m)?.text ?? '';
    const own = words.readClass({
      class: of('class'),
      part: of('part'),
      section: of('section'),
      subsection: of('subsection'),
    });
    if (own) return own;
    const cell = cells.get('part') ?? cells.get('class')!;
    fault(cell, 'class', { zh: '没有这样的类、项、目。', en: 'There is no such class, part or section.' });
  }
  return ofCode ?? '307001';
}

function checkDate(cell: Cell | undefined, fault: Fault): void {
  if (!cell || serial(cell.text)) return;
  if (!parseDate(cell.text).ok) fault(cell, 'date', { zh: '不是日期。', en: 'Not a date.' });
}
