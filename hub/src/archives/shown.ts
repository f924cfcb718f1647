/** Archives as answers. */
import { algorithmOf } from '@jingwei/keyless';
import type { z } from 'zod';
import { catalogueOf } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { isArchivist, isOwn, loanOf, type Sight } from './access.ts';
import type * as api from './api.ts';
import { dueDay } from './appraisal.ts';
import type { BorrowingRow } from './borrowing.ts';
import { checkOf } from './checks.ts';
import type { ArchiveDeps } from './deps.ts';
import { formatOf } from './formats.ts';
import type { Hit } from './search.ts';
import { actions, type StepRecord, type StepRow } from './steps.ts';
import {
  type ArchiveRow,
  type ExaminationRow,
  examinationsOf,
  type FileRow,
  filesOf,
  generationsOf,
  kept,
} from './store.ts';

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOr = (value: unknown): number | null => (Number.isInteger(value) ? (value as number) : null);
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** An organisation with its name; one that is no longer listed by its id. */
export function namedOrganisation(deps: Pick<ArchiveDeps, 'lake'>, id: string) {
  return { id, name: catalogueOf(deps.lake).organisations.get(id)?.name ?? { zh: id, en: id } };
}

type Row = Pick<
  Hit,
  | 'id'
  | 'state'
  | 'condition'
  | 'organisation'
  | 'package'
  | 'metadata'
  | 'reference'
  | 'personal'
  | 'created_at'
  | 'archived_at'
>;

/** A line of a list. */
export function itemOf(
  deps: Pick<ArchiveDeps, 'lake'>,
  row: Row,
  whole: boolean,
  size: { files: number; bytes: number },
): z.input<typeof api.item> {
  const { metadata: m } = row;
  return {
    ...{ id: row.id, state: row.state, condition: row.condition, package: row.package, reference: row.reference },
    organisation: namedOrganisation(deps, row.organisation),
    ...{ title: textOr(m.title), year: numberOr(m.year), category: textOr(m.category), retention: textOr(m.retention) },
    ...{ responsible: whole ? textOr(m.responsible) : null, date: whole ? textOr(m.date) : null },
    personal: whole && row.personal,
    created: row.created_at.toISOString(),
    archived: iso(row.archived_at),
    files: whole ? size.files : null,
    bytes: whole ? size.bytes : null,
    whole,
  };
}

/** How the console may show a format. */
function previewOf(format: string | null): 'text' | 'image' | 'pdf' | null {
  const { kind, id } = formatOf(format ?? 'unknown');
  if (kind === 'text' || kind === 'xml') return 'text';
  if (kind === 'pdf') return 'pdf';
  return id === 'jpeg' || id === 'png' || id === 'gif' ? 'image' : null;
}

const fileItem = (f: FileRow): z.input<typeof api.fileItem> => ({
  ...{ no: f.no, name: f.name, role: f.role, bytes: f.bytes, sha256: f.sha256 },
  ...{ declaredSha256: f.declared_sha256, software: f.software, format: f.format },
  formatTitle: f.format === null ? null : formatOf(f.format).title,
  preview: previewOf(f.format),
});

function examinationOf(e: ExaminationRow): z.input<typeof api.examination> {
  return {
    ...{ id: e.id, phase: e.phase, at: e.at.toISOString(), by: e.by_login, outcome: e.outcome },
    items: e.items.flatMap((o) => {
      const check = checkOf(o.code);
      if (!check) return [];
      const { respect, severity, title } = check;
      return [{ ...o, respect, severity, title, ground: e.grounds[o.code] ?? null }];
    }),
  };
}

/** Everything of one archive that somebody may see. */
export async function archiveOf(
  deps: ArchiveDeps,
  principal: Principal,
  row: ArchiveRow,
  sight: Sight,
): Promise<z.input<typeof api.archive>> {
  const whole = sight === 'whole';
  const files = await filesOf(deps.db, row.id);
  const generations = await generationsOf(deps.db, row.id);
  const loan = await loanOf(deps.db, deps.clock.now(), principal, row.id);
  const archivist = isArchivist(principal);
  const own = isOwn(principal, row);
  const inStore = kept.includes(row.state);
  const gone = row.state === 'destroyed';
  const open = ['draft', 'failed', 'passed'].includes(row.state);
  const size = { files: files.length, bytes: files.reduce((n, f) => n + f.bytes, 0) };
  const seals = await Promise.all(
    generations.map(async (g) => ({
      ...{ no: g.no, seal: g.seal, root: g.root, leaves: g.leaves.length, at: g.at.toISOString() },
      algorithm: algorithmOf(g.algorithm)?.name ?? String(g.algorithm),
      signedAt: iso((await deps.seal.get(g.seal))?.signedAt ?? null),
    })),
  );
  const { title, fonds, category, year, retention } = row.metadata;
  return {
    ...itemOf(deps, row, whole, size),
    metadata: whole ? row.metadata : { title, fonds, category, year, retention },
    depositor: whole ? row.depositor : null,
    verified: iso(row.verified_at),
    destroyed: iso(row.destroyed_at),
    due: dueDay(row),
    fileList: whole ? files.map(fileItem) : [],
    examinations: whole ? (await examinationsOf(deps.db, row.id)).map(examinationOf) : [],
    seals,
    loan: loan ? { id: loan.id, kind: loan.kind, until: loan.until.toISOString() } : null,
    may: {
      change: (archivist || own) && open && principal.permissions.has('archive.deposit'),
      submit:
        (archivist || own) &&
        (row.state === 'draft' || row.state === 'failed') &&
        principal.permissions.has('archive.deposit'),
      takeIn: archivist && row.state === 'passed',
      view: !gone && (archivist || own || loan !== undefined),
      download: !gone && (archivist || (own && !inStore) || loan?.kind === 'download'),
      borrow: inStore && !archivist && loan?.kind !== 'download',
      verify: archivist && row.state === 'preserved',
    },
  };
}

/** The life-cycle line. */
export async function stepItems(
  deps: Pick<ArchiveDeps, 'seal'>,
  rows: readonly StepRow[],
): Promise<z.input<typeof api.step>[]> {
  const signed = new Map<number, string | null>();
  for (const seal of new Set(rows.flatMap((r) => r.seal ?? [])))
    signed.set(seal, iso((await deps.seal.get(seal))?.signedAt ?? null));
  return rows.map((row) => {
    const record = JSON.parse(row.record) as StepRecord;
    return {
      ...{ seq: row.seq, action: row.action, title: actions[row.action], at: record.at, actor: record.actor },
      ...{ organisation: record.organisation, detail: record.detail, previous: record.previous, seal: row.seal },
      hash: Buffer.from(row.hash).toString('hex'),
      signedAt: row.seal === null ? null : (signed.get(row.seal) ?? null),
    };
  });
}

/** A borrowing; a lent one whose days are over is overdue. */
export const borrowingOf = (row: BorrowingRow, principal: Principal, now: Date): z.input<typeof api.borrowing> => ({
  ...{ id: row.id, archive: row.archive, reference: row.reference, title: row.title, login: row.login },
  ...{ organisation: row.organisation, kind: row.kind, purpose: row.purpose, days: row.days },
  state: row.state === 'lent' && row.until! <= now ? 'overdue' : row.state,
  at: row.at.toISOString(),
  ...{ decidedBy: row.decided_by, decidedAt: iso(row.decided_at), reason: row.reason, until: iso(row.until) },
  mine: row.user_id === principal.userId,
});
