/** A filled-in form becomes drafts: looked at first, kept only when no cell is at fault, all of it or nothing. */
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type * as api from './api.ts';
import { contentOf, type Entry } from './book.ts';
import { codeOf } from './classes.ts';
import type { EntryContent } from './content.ts';
import { drafts, type EntryContext } from './context.ts';
import { bare } from './sheet-columns.ts';
import { contentOfSheet, type Fault } from './sheet-content.ts';
import { type CellFault, readSheetOf, type SheetResource } from './sheet-read.ts';
import { change, create } from './workflow.ts';

/** Largest file. */
export const IMPORT_BYTES = 10 * 1024 * 1024;
/** Most faults and entries that an answer lists. */
const SHOWN = 500;

interface Planned {
  resource: SheetResource;
  provider: string | null;
  content: EntryContent;
  /** The entry that it changes. */
  entry: Entry | null;
}

/** Reads the request's body, which the route has bounded. */
export async function bytesOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** Departments by every name that a form may call them: id, code, full name, name without its city. */
function departments(context: EntryContext): (text: string) => string | undefined {
  const known = new Map<string, string>();
  for (const o of context.catalogue.organisations.values()) {
    const short = o.name.zh.replace(/^[\p{Script=Han}]{2,3}[市县区]/u, '');
    for (const name of [o.id, o.code ?? o.id, o.name.zh, o.name.en, short, `市${short}`]) known.set(bare(name), o.id);
  }
  return (text) => known.get(bare(text));
}

/** Reads a workbook into entries; `keep` makes drafts of them. @throws a Problem where it is no such workbook. */
export async function importSheet(
  context: EntryContext,
  file: Buffer,
  given: { keep: boolean; provider?: string | undefined },
  p: Principal,
): Promise<z.input<typeof api.importAnswer>> {
  const read = await readSheetOf(file);
  const faults: CellFault[] = [...read.faults];
  const fault: Fault = (cell, code, text: Bilingual) =>
    void faults.push({
      sheet: read.sheet,
      cell: cell.at,
      code: `catalogue.import.${code}`,
      ...text,
      value: cell.text.slice(0, 100),
    });
  const department = departments(context);
  const byCode = new Map(context.book.all().map((e) => [codeOf(contentOf(e).classification, e.sequence), e]));
  const byName = new Map(
    context.book
      .all()
      .flatMap((e) => (e.retiredAt ? [] : [[`${e.provider} ${bare(contentOf(e).title.zh)}`, e] as const])),
  );
  const planned = read.resources.map((resource): Planned => {
    const own = resource.cells.get('provider') ?? resource.cells.get('providerCode');
    const provider = (own ? department(own.text) : (given.provider ?? p.organisation)) ?? null;
    const cell = own ?? resource.cells.get('title')!;
    if (provider === null)
      fault(
        cell,
        'provider',
        own
          ? { zh: '没有这个部门。', en: 'There is no such department.' }
          : { zh: '没有写明提供部门。', en: 'The department is not given.' },
      );
    else if (!drafts(p, provider))
      fault(cell, 'not-yours', { zh: '只能导入本部门的目录。', en: 'Only entries of your own department.' });
    const { content, code } = contentOfSheet(resource, fault);
    const entry = (code ? byCode.get(code) : byName.get(`${provider} ${bare(content.title.zh)}`)) ?? null;
    const named = resource.cells.get('code') ?? resource.cells.get('title')!;
    if (code && !entry)
      fault(named, 'code-unknown', {
        zh: '目录中没有这个代码；新编的资源请留空。',
        en: 'No such code in the catalogue; leave it blank for what is new.',
      });
    else if (entry && entry.provider !== provider)
      fault(named, 'not-yours', { zh: '此代码属于其他部门。', en: 'The code is of another department.' });
    else if (entry?.retiredAt) fault(named, 'retired', { zh: '此资源已注销。', en: 'This resource was retired.' });
    else if (entry?.open && !['draft', 'returned'].includes(entry.open.state))
      fault(named, 'in-review', { zh: '此资源正在审核，退回或发布后再改。', en: 'This resource is being reviewed.' });
    return { resource, provider, content: entry ? kept(contentOf(entry), content) : content, entry };
  });
  const entries = [];
  for (const { resource, provider, content, entry } of planned.slice(0, SHOWN)) {
    const found = await context.findings(entry?.id ?? '', provider ?? '', content);
    const errors = found.filter((f) => f.severity === 'error').length;
    entries.push({
      ...{
        title: content.title.zh,
        items: content.items.length,
        cell: resource.at,
        errors,
        warnings: found.length - errors,
      },
      provider: provider ? { id: provider, name: context.organisation(provider) } : null,
    });
  }
  const made = given.keep && faults.length === 0 ? await keep(context, planned, p) : [];
  return {
    ...{ sheet: read.sheet, rows: read.rows, columns: read.columns, entries, total: planned.length },
    ...{ errors: faults.slice(0, SHOWN), errorsTotal: faults.length, made },
  };
}

/** What the form has no column for stays as it was. */
function kept(before: EntryContent, after: EntryContent): EntryContent {
  const known = new Map(before.items.map((i) => [i.field ?? i.title.zh, i]));
  const items = after.items.map((item) => {
    const was = known.get(item.field ?? item.title.zh);
    return was ? { ...item, role: was.role, title: { zh: item.title.zh, en: item.title.en || was.title.en } } : item;
  });
  const title = { zh: after.title.zh, en: after.title.en || before.title.en };
  return { ...after, title, abstract: { zh: after.abstract.zh, en: before.abstract.en }, items };
}

async function keep(context: EntryContext, planned: readonly Planned[], p: Principal): Promise<string[]> {
  const fresh = planned.filter((x) => !x.entry);
  const made = await create(
    context,
    fresh.map((x) => ({ provider: x.provider!, content: x.content, origin: 'file' as const })),
    p,
  );
  const changed: string[] = [];
  for (const { entry, content } of planned) {
    if (entry && (await change(context, entry.id, content, p))) changed.push(entry.id);
  }
  return [...made, ...changed];
}
