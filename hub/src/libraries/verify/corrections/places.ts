/**
 * What of a record may be corrected: for every value that somebody sees, plain or masked, the field of the source that says it, the
 * received row and the department that answers for it. Values themselves are never read here, so nothing can be learned of them.
 */
import { catalogueOf, type GoldenAttribute, type SourceDeclaration } from '../../../catalogue/index.ts';
import type { Principal } from '../../../platform/auth/principal.ts';
import { purposeNeeded } from '../../../platform/auth/problems.ts';
import { visibility } from '../../../platform/auth/protection.ts';
import type { Bilingual } from '../../../platform/i18n/index.ts';
import { Problem } from '../../../platform/problem.ts';
import type { Deps } from '../../../platform/room.ts';
import { unknownEntity } from '../../../refinery/index.ts';
import { attributeTitles, guardOf } from '../../attributes.ts';
import { baseLibraries, byName, type LibraryDeclaration, personForbidden } from '../../base/index.ts';
import type { RecordTarget } from './api.ts';
import { libraryNotYours, libraryUnknown, recordOver, recordUnknown } from './problems.ts';
import { claimsOf } from './raise.ts';

export type RecordPorts = Pick<Deps, 'lake' | 'db' | 'clock' | 'audit' | 'folders'>;

/** One who asks, for what. */
export interface Asked {
  principal: Principal;
  purpose?: string | undefined;
}

/** One value that may be corrected. */
export interface Place {
  /** Attribute of the library; null where the source's field is none. */
  attribute: string | null;
  /** Field of the source; `record` where the row says it by being there. */
  field: string;
  title: Bilingual;
  shown: 'plain' | 'masked';
  source: string;
  sourceTitle: Bilingual;
  owner: string;
  fact: bigint;
}

/** A record and what of it may be corrected. */
export interface RecordPlaces {
  subject: 'person' | 'legal-person' | 'other';
  /** legal-person, or the name of a declared library. */
  library: string;
  entity: number | null;
  places: Place[];
}

const LEGAL = 'legal-person';

/** The name by which what a row says by being there is called. */
const AS_SUCH = 'record';

/** Resolves what is asked about; throws where there is no such record or it is not for whoever asks. */
export function placesOf(ports: RecordPorts, target: RecordTarget, asked: Asked): Promise<RecordPlaces> {
  if ('fact' in target) return ofFact(ports, BigInt(target.fact), asked);
  return target.library === LEGAL
    ? ofLegalPerson(ports, target.entity, asked)
    : ofBase(ports, target.library, target.entity, asked);
}

const viewerOf = ({ principal, purpose }: Asked) => ({ ...principal, purpose: purpose ?? principal.purpose });

/** Records of persons are for those who may look persons up and say what for; a refusal is kept. */
async function needPersons(ports: RecordPorts, asked: Asked, object: string): Promise<void> {
  const allowed = asked.principal.permissions.has('person.read');
  if (allowed && viewerOf(asked).purpose) return;
  const detail = { reason: allowed ? 'no purpose' : 'no permission' };
  const entry = { actor: asked.principal, action: 'correction.raise', object, outcome: 'refused' as const, detail };
  await ports.audit.append(entry);
  throw new Problem(allowed ? purposeNeeded : personForbidden);
}

async function ofFact(ports: RecordPorts, fact: bigint, asked: Asked): Promise<RecordPlaces> {
  const found = await ports.lake.first<{ entity: number; class: number; closed: boolean }>(
    `SELECT entity, class, closed_run IS NOT NULL AS closed FROM v.legal_person_fact_all_v1 WHERE fact = $fact
     ORDER BY closed LIMIT 1`,
    { fact },
  );
  const d = catalogueOf(ports.lake)
    .declarations()
    .find((x) => x.number === found?.class);
  if (!found || !d) throw new Problem(recordUnknown);
  if (d.subject === 'natural-person') await needPersons(ports, asked, `fact/${fact}`);
  if (found.closed) throw new Problem(recordOver);
  const places = d.fields.flatMap((f) => {
    const shown = visibility(viewerOf(asked), { level: d.level, owner: d.owner, protection: f.protection });
    const place = { attribute: f.golden ?? null, field: f.name, title: f.title, fact };
    return shown === 'hidden' ? [] : [{ ...place, shown, ...sourceOf(d) }];
  });
  return { subject: LEGAL, library: LEGAL, entity: found.entity || null, places };
}

const sourceOf = (d: SourceDeclaration) => ({ source: d.id, sourceTitle: d.title, owner: d.owner });

async function ofLegalPerson(ports: RecordPorts, entity: number, asked: Asked): Promise<RecordPlaces> {
  const known = await ports.lake.first('SELECT 1 AS one FROM v.legal_person_v1 WHERE entity = $entity', { entity });
  if (!known) throw new Problem(unknownEntity, { entity });
  const { sources } = catalogueOf(ports.lake);
  const all = catalogueOf(ports.lake).declarations();
  const names = Object.keys(attributeTitles) as GoldenAttribute[];
  const claims = new Map((await claimsOf(ports.lake, [entity], names)).map((c) => [c.attribute, c]));
  const places = names.flatMap((attribute): Place[] => {
    const claim = claims.get(attribute);
    const d = claim && sources.get(claim.source)?.declaration;
    const field = d?.fields.find((f) => f.golden === attribute);
    const { declaration, field: guard } = guardOf(all, attribute);
    const seen = visibility(viewerOf(asked), { ...declaration, protection: guard.protection });
    if (!claim || !d || !field || seen === 'hidden') return [];
    const title = attributeTitles[attribute];
    return [{ attribute, field: field.name, title, shown: seen, ...sourceOf(d), fact: BigInt(claim.fact) }];
  });
  return { subject: LEGAL, library: LEGAL, entity, places };
}

/** Field of a row by which a mention says an attribute; null where none does. */
function fieldOf(mention: LibraryDeclaration['sources'][number] | undefined, attribute: string): string | null {
  const said = mention?.attributes[attribute];
  if (said === undefined) return null;
  return typeof said === 'string' ? said : (said.field ?? said.point?.[0] ?? AS_SUCH);
}

async function ofBase(ports: RecordPorts, name: string, entity: number, asked: Asked): Promise<RecordPlaces> {
  if (!asked.principal.permissions.has('library.read')) throw new Problem(libraryNotYours);
  const d = byName(baseLibraries(ports.lake, ports.folders).libraries, name)?.declaration;
  if (!d) throw new Problem(libraryUnknown, { library: name });
  if (d.personal) await needPersons(ports, asked, `${name}/${entity}`);
  const values = await ports.lake.query<{ attribute: number; fact: bigint | number; mention: number | null }>(
    `SELECT v.attribute, v.fact, l.source AS mention FROM lib.base_value v
     LEFT JOIN lib.base_link l ON l.library = $library AND l.entity = $entity AND l.fact = v.fact AND l.closed_run IS NULL
     WHERE v.library = $library AND v.entity = $entity ORDER BY v.attribute, l.source`,
    { library: d.number, entity },
  );
  if (!values.length) throw new Problem(unknownEntity, { entity });
  const { sources } = catalogueOf(ports.lake);
  const places = new Map<string, Place>();
  const seats = new Map<number, Promise<RecordPlaces>>();
  for (const v of values) {
    const a = d.attributes[v.attribute - 1];
    const mention = v.mention === null ? undefined : d.sources[v.mention - 1];
    const field = a ? fieldOf(mention, a.name) : null;
    if (!a || !mention || field === null || places.has(a.name)) continue;
    const shown = visibility(viewerOf(asked), { level: d.level, owner: d.owner, protection: a.protection });
    if (shown === 'hidden') continue;
    const fact = BigInt(v.fact);
    if (fact < 0n) {
      // Said by a legal person's golden record: asked of whoever says it there.
      const seat = Number(-fact);
      if (!seats.has(seat)) seats.set(seat, ofLegalPerson(ports, seat, asked));
      const said = (await seats.get(seat)!).places.find((p) => p.attribute === field.replaceAll('_', '-'));
      if (said) places.set(a.name, { ...said, attribute: a.name, title: a.title, shown });
      continue;
    }
    const source = sources.get(mention.source)?.declaration;
    if (source) places.set(a.name, { attribute: a.name, field, title: a.title, shown, ...sourceOf(source), fact });
  }
  const subject = name === 'person' ? 'person' : 'other';
  return { subject, library: name, entity, places: [...places.values()] };
}
