/**
 * What others are told of the catalogue: entries in force as plain datasets, for whoever asks. Strangers see what is open to society;
 * the rest of the catalogue is announced to government departments only (decree 809, article 16), which are signed in here or are
 * other hubs with a key. What is not shared and core data is never told to strangers, even where an entry was marked as open.
 */
import { sql } from 'kysely';
import type { Db } from '../../platform/db/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { type Entry, inForce } from '../entry/book.ts';
import { entriesOf, type PublishedEntry, type PublishedItem, publishedItems, shownEntry } from '../entry/published.ts';
import { catalogueOf } from '../module.ts';
import type { Organisation } from '../organisations.ts';

/** Who asks: anybody, or a department (signed in, or another hub with a key). */
export type Audience = 'public' | 'government';

/** One way in which a dataset is had. */
export interface DcatDistribution {
  /** Unique within the dataset: `csv`, `request`. */
  id: string;
  title: Bilingual;
  /** Extension of its format: csv, json, xlsx … */
  format: string;
  /** Where it is had, from this hub's root: `/…`, or an address elsewhere. */
  accessUrl: string;
  downloadUrl?: string;
  /** Size in bytes and SHA-256 (hexadecimal), where there is a file. */
  bytes?: number;
  sha256?: string;
  licence?: { url: string; title: Bilingual };
  modified?: Date;
  /** A data service of the catalogue through which it is had: `ckan`. */
  service?: string;
}

/** A data service of this hub. */
export interface DcatService {
  id: string;
  title: Bilingual;
  description: Bilingual;
  endpoint: string;
  descriptionUrl?: string;
  /** Standard that it conforms to. */
  conformsTo?: { url: string; title: string };
}

/** An entry in force as others are told of it. */
export interface DcatDataset extends PublishedEntry {
  /** Classification code and sequence apart. */
  classification: string;
  sequence: number;
  format: string;
  publisher: { id: string; name: Bilingual; code: string | null; kind: string | null };
  items: readonly PublishedItem[];
  tags: readonly string[];
  related: readonly string[];
  /** When it was first published. */
  issued: Date;
  distributions: readonly DcatDistribution[];
}

type Ports = { db: Db; lake: Lake };
type DistributionsOf = (entries: readonly Entry[]) => Promise<ReadonlyMap<string, readonly DcatDistribution[]>>;

const providers = new WeakMap<Db, { distributions: DistributionsOf[]; services: DcatService[] }>();
const held = (db: Db) => {
  const own = providers.get(db) ?? { distributions: [], services: [] };
  providers.set(db, own);
  return own;
};

/** Later rooms tell how datasets are had. */
export const addDistributions = (db: Db, of: DistributionsOf): void => void held(db).distributions.push(of);
/** Later rooms tell of services. A service told twice is told as it was last. */
export function addDataService(db: Db, service: DcatService): void {
  const own = held(db);
  own.services = [...own.services.filter((s) => s.id !== service.id), service];
}
/** Data services of this hub. */
export const dataServices = (db: Db): readonly DcatService[] => held(db).services;

/** Whether an entry is told to whoever asks. */
export function told(entry: Entry, audience: Audience): boolean {
  if (!inForce(entry)) return false;
  if (audience === 'government') return true;
  const { open, level, sharing } = entry.published!.content;
  return open.open && level !== 'core' && sharing.type !== 'refused';
}

/** Entries told to whoever asks, in the order of their ids. */
export const toldEntries = (db: Db, audience: Audience): Entry[] =>
  entriesOf(db)
    .all()
    .filter((e) => told(e, audience))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

const publisherOf = (own: Organisation | undefined, id: string): DcatDataset['publisher'] => ({
  ...{ id, name: own?.name ?? { zh: id, en: id }, code: own?.code ?? null, kind: own?.kind ?? null },
});

/** Datasets of entries, in their order. */
export async function datasets(ports: Ports, entries: readonly Entry[]): Promise<DcatDataset[]> {
  const ids = entries.map((e) => e.id);
  const first = await sql<{ entry: string; at: Date }>`SELECT entry, min(decided_at) AS at
    FROM catalogue.entry_version WHERE entry = ANY(${ids}) AND state = 'published' AND kind = 'change' GROUP BY entry`.execute(
    ports.db.kysely,
  );
  const issued = new Map(first.rows.map((r) => [r.entry, r.at]));
  const ways = await Promise.all(held(ports.db).distributions.map((of) => of(entries)));
  const { organisations } = catalogueOf(ports.lake);
  return entries.map((entry) => {
    const { content: c } = entry.published!;
    const shown = shownEntry(entry);
    return {
      ...shown,
      ...{ classification: c.classification, sequence: entry.sequence, format: c.format.toLowerCase() },
      ...{ tags: c.tags, related: c.related, items: publishedItems(entry) },
      publisher: publisherOf(organisations.get(entry.provider), entry.provider),
      issued: issued.get(entry.id) ?? shown.publishedAt,
      distributions: ways.flatMap((w) => w.get(entry.id) ?? []),
    };
  });
}

/** Entries whose datasets are made at a time. */
const SLICE = 200;

/** Datasets of entries, made slice by slice: ten thousand of them stand nowhere at once. */
export async function* datasetsOf(
  ports: Ports,
  asked: { audience: Audience; entries?: readonly Entry[] },
): AsyncGenerator<DcatDataset> {
  const entries = asked.entries ?? toldEntries(ports.db, asked.audience);
  for (let at = 0; at < entries.length; at += SLICE) yield* await datasets(ports, entries.slice(at, at + SLICE));
}
