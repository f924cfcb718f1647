/** What the parts of the entries work with, and what is derived of all entries and made anew when one changes. */

import { isDeepStrictEqual } from 'node:util';
import type { Principal } from '../../platform/auth/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Db } from '../../platform/db/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import type { NoticePort } from '../../platform/notices/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { AuditPort } from '../../platform/room.ts';
import type { Catalogue } from '../catalogue.ts';
import { type Entry, type EntryBook, inForce } from './book.ts';
import { type CheckContext, check, type DeliveryRhythm, type Finding } from './check.ts';
import { codeOf } from './classes.ts';
import type { LegalDays } from './clock.ts';
import type { EntryContent } from './content.ts';
import { findings } from './findings.ts';
import { entryUnknown, notYours } from './problems.ts';
import { RepeatIndex } from './repeat.ts';
import { EntrySearch } from './search.ts';
import { declaredContent, mergedContent } from './takeover.ts';
import type { Words } from './words.ts';

export interface EntryPorts {
  db: Db;
  lake: Lake;
  clock: Clock;
  audit: AuditPort;
  notices: NoticePort;
}

/** Runs are asked for again after so long. */
const RHYTHM_MS = 60_000;

/** The entries of one hub at work. */
export class EntryContext {
  readonly ports: EntryPorts;
  readonly book: EntryBook;
  readonly words: Words;
  readonly legal: LegalDays;
  readonly catalogue: Catalogue;
  readonly search: EntrySearch;
  #repeats: { change: number; index: RepeatIndex } | undefined;
  #codes: { change: number; known: Set<string> } | undefined;
  #rhythms: { at: number; bySource: Map<string, DeliveryRhythm> } | undefined;
  /** `subject item` → organisation, as the authority decided. */
  readonly sourceDepartments = new Map<string, string>();

  constructor(ports: EntryPorts, given: { book: EntryBook; words: Words; legal: LegalDays; catalogue: Catalogue }) {
    this.ports = ports;
    this.book = given.book;
    this.words = given.words;
    this.legal = given.legal;
    this.catalogue = given.catalogue;
    this.search = new EntrySearch(this.book, this.words, (id) => this.organisation(id));
  }

  /** Reads what the authority decided. */
  async load(): Promise<this> {
    const decided = await this.ports.db.query<{ subject: string; item: string; organisation: string }>(
      'SELECT subject, item, organisation FROM catalogue.source_department',
    );
    for (const d of decided) this.sourceDepartments.set(`${d.subject} ${d.item}`, d.organisation);
    return this;
  }

  organisation(id: string): Bilingual {
    return this.catalogue.organisations.get(id)?.name ?? { zh: id, en: id };
  }

  get repeats(): RepeatIndex {
    const { change } = this.book;
    if (this.#repeats?.change !== change)
      this.#repeats = { change, index: new RepeatIndex(this.book.all(), this.words) };
    return this.#repeats.index;
  }

  /** Whether an id or a code is that of an entry. */
  known(idOrCode: string): boolean {
    if (this.book.get(idOrCode)) return true;
    const { change } = this.book;
    if (this.#codes?.change !== change) {
      const known = this.book.all().map((e) => codeOf((e.published ?? e.open)!.content.classification, e.sequence));
      this.#codes = { change, known: new Set(known) };
    }
    return this.#codes.known.has(idOrCode.normalize('NFKC'));
  }

  /** How often each source delivered of late, from the receipts of its runs. */
  async rhythms(): Promise<Map<string, DeliveryRhythm>> {
    const now = this.ports.clock.now().getTime();
    if (this.#rhythms && now - this.#rhythms.at < RHYTHM_MS) return this.#rhythms.bySource;
    const bySource = new Map<string, DeliveryRhythm>();
    const there = await this.ports.lake.first(
      "SELECT 1 AS one FROM duckdb_views() WHERE schema_name = 'v' AND view_name = 'run_v1'",
    );
    if (there) {
      const rows = await this.ports.lake.query<{ source: string; days: string[] }>(
        `SELECT source, list(DISTINCT day::VARCHAR ORDER BY day::VARCHAR DESC)[1:7] AS days
         FROM (SELECT source, CAST(finished AS DATE) AS day FROM v.run_v1 WHERE finished IS NOT NULL) GROUP BY source`,
      );
      for (const { source, days } of rows) {
        const at = days.map((d) => Date.parse(d) / 86_400_000);
        const gaps = at.slice(1).map((d, i) => at[i]! - d);
        gaps.sort((a, b) => a - b);
        const interval = gaps.length >= 2 ? gaps[gaps.length >> 1]! : null;
        bySource.set(source, { interval, since: Math.max(0, now / 86_400_000 - at[0]!) });
      }
    }
    this.#rhythms = { at: now, bySource };
    return bySource;
  }

  /** Everything that the machine finds in a content of an entry. `id` is empty for one that is not there yet. */
  async findings(id: string, provider: string, content: EntryContent): Promise<Finding[]> {
    const entry = this.book.get(id);
    const source = entry?.source ?? null;
    const context: CheckContext = {
      words: this.words,
      known: (other) => this.known(other),
      rhythm: source ? (await this.rhythms()).get(source) : undefined,
      sourceDepartment: (subject, item) => this.sourceDepartments.get(`${subject} ${item}`),
      provider,
      organisation: (other) => this.organisation(other),
    };
    const out = check(content, context);
    const add = (kind: keyof typeof findings, params: Record<string, unknown> = {}) => {
      const { severity, zh, en } = findings[kind];
      const say = (s: string, l: 'zh' | 'en') =>
        s.replace(/\{(\w+)\}/g, (_, name: string) => {
          const value = params[name] as string | number | Bilingual;
          return typeof value === 'object' ? value[l] : String(value);
        });
      out.push({ code: `catalogue.check.${kind}`, severity, pointer: '', zh: say(zh, 'zh'), en: say(en, 'en') });
    };
    // What others are only drafting is nobody's business yet.
    const repeats = this.repeats.of(id, provider, content).filter((r) => inForce(this.book.get(r.other)!));
    for (const repeat of repeats.slice(0, 5)) {
      const other = this.book.get(repeat.other)!;
      const title = (other.published ?? other.open)!.content.title.zh;
      add('repeat', {
        ...{ department: this.organisation(other.provider), title, n: repeat.items.length },
        items: repeat.items.slice(0, 6).join('、'),
      });
    }
    if (source) {
      const declared = this.catalogue.sources.get(source);
      if (!declared) add('source-gone');
      else if (!isDeepStrictEqual(mergedContent(content, declaredContent(declared.declaration)), content))
        add('declaration-ahead');
    }
    return out;
  }

  /** An entry as somebody may see it: what is in force, the own department's, and everything for the authority. */
  seen(id: string, p: Principal): Entry {
    const entry = this.book.get(id);
    if (!entry || !this.sees(entry, p)) throw new Problem(entryUnknown, { id });
    return entry;
  }

  sees(entry: Entry, p: Principal): boolean {
    return inForce(entry) || isAuthority(p) || p.organisation === entry.provider || entry.published !== null;
  }

  /** Whether somebody may look at what is being worked on of an entry. */
  seesDraft(entry: Entry, p: Principal): boolean {
    return isAuthority(p) || p.organisation === entry.provider;
  }
}

/** The authority over sharing (政务数据共享主管部门): who reviews, for all departments. */
export const isAuthority = (p: Principal): boolean => p.permissions.has('catalogue.review') && p.organisation === null;

/** Whether somebody drafts for a department: its own officer, or the authority on its behalf (the head still has to agree). */
export const drafts = (p: Principal, provider: string): boolean =>
  (p.permissions.has('catalogue.draft') && p.organisation === provider) || isAuthority(p);

/** Whether somebody agrees for a department. */
export const approves = (p: Principal, provider: string): boolean =>
  p.permissions.has('catalogue.approve') && p.organisation === provider;

/** Refuses who may not. */
export function must(may: boolean): void {
  if (!may) throw new Problem(notYours);
}
