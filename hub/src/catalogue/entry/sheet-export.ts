/** The catalogue as the form that departments fill in: one row per item, the resource's columns repeated in each. */
import { XLSX_TYPE, type XlsxCell, xlsx } from '../../platform/sheet/index.ts';
import { contentOf, type Entry } from './book.ts';
import { classOf, codeOf } from './classes.ts';
import { itemTypes } from './content.ts';
import type { EntryContext } from './context.ts';
import { headings, type Meaning } from './sheet-columns.ts';
import { cycleWords, levelWords } from './views.ts';

const columns: readonly Meaning[] = [
  ...(['class', 'part', 'section', 'subsection', 'title', 'titleEn', 'code', 'provider', 'providerCode'] as const),
  ...(['abstract', 'format', 'subject', 'item', 'itemEn', 'itemField', 'itemType', 'itemLength', 'itemUnit'] as const),
  ...(['itemRequired', 'itemKey', 'itemProtection', 'itemNote', 'sharing', 'condition', 'ways', 'open'] as const),
  ...(['openCondition', 'cycle', 'published', 'related', 'level', 'tags'] as const),
];
const sharing = { unconditional: '无条件共享', conditional: '有条件共享', refused: '不予共享' };
const protection = { public: '公开', internal: '内部', personal: '个人信息', sensitive: '敏感个人信息' };
const subjects = { 'legal-person': '法人', 'natural-person': '自然人', place: '地点', none: '无' };
const yes = (v: boolean) => (v ? '是' : '否');

function rowsOf(context: EntryContext, entry: Entry): XlsxCell[][] {
  const c = contentOf(entry);
  const read = classOf(c.classification);
  const words = 'words' in read ? read.words.map((w) => w.zh) : [];
  const { type, condition, ground, ways } = c.sharing;
  const own: Partial<Record<Meaning, string>> = {
    ...{ class: words[0] ?? '', part: words[1] ?? '', section: c.classification.slice(3, 6) },
    ...{ subsection: c.classification.slice(6), title: c.title.zh, titleEn: c.title.en },
    code: entry.published ? codeOf(c.classification, entry.sequence) : '',
    provider: context.organisation(entry.provider).zh,
    providerCode: context.catalogue.organisations.get(entry.provider)?.code ?? '',
    ...{ abstract: c.abstract.zh, format: c.format, subject: subjects[c.subject] },
    sharing: type ? sharing[type] : '',
    condition: type === 'unconditional' ? '无条件' : type === 'refused' ? ground : condition,
    ...{ ways: ways.join('、'), open: yes(c.open.open), openCondition: c.open.condition },
    cycle: c.cycle ? cycleWords[c.cycle] : '',
    published: entry.published?.decided_at?.toISOString().slice(0, 10) ?? '',
    ...{ related: c.related.join('、'), level: c.level ? levelWords[c.level] : '', tags: c.tags.join('、') },
  };
  const items = c.items.map(
    (i): Partial<Record<Meaning, string>> => ({
      ...{
        item: i.title.zh,
        itemEn: i.title.en,
        itemField: i.field ?? '',
        itemLength: i.length ? String(i.length) : '',
      },
      itemType: i.type ? `${i.type} ${itemTypes[i.type].zh}` : '',
      ...{ itemUnit: i.unit ?? '', itemRequired: yes(i.required), itemKey: yes(i.key) },
      ...{ itemProtection: protection[i.protection], itemNote: i.note },
    }),
  );
  return (items.length ? items : [{}]).map((item) => columns.map((m) => (own[m] ?? item[m]) || null));
}

/** The workbook; without entries it is the empty form. */
export function exportSheet(context: EntryContext, entries: Iterable<Entry>) {
  async function* rows() {
    for (const entry of entries) yield* rowsOf(context, entry);
  }
  return {
    type: XLSX_TYPE,
    chunks: xlsx(
      '政务信息资源目录',
      columns.map((m) => headings[m][0]!),
      rows(),
    ),
  };
}
