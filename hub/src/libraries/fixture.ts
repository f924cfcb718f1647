/** A small city for tests: registers, other classes, and codes that are valid. */
import { regno, uscc } from '@jingwei/codes';
import { catalogueTables, record } from '../catalogue/index.ts';
import { ManualClock } from '../platform/clock.ts';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { refineryTables, refineryViews, type VersionedDeclaration } from '../refinery/index.ts';
import { declare, receivedTables } from '../refinery/testing.ts';
import { type IntegrationResult, integrate } from './integrate.ts';
import { libraryTables } from './tables.ts';
import { libraryViews } from './views.ts';

/** A valid unified code of Cixi. */
export const codeOf = (n: number): string => uscc.generate(n, { division: '330282' });
/** A valid registration number. */
export const regnoOf = (n: number): string => regno.generate(n);

export const market = declare(
  'scjg.market-entity',
  1,
  [
    { name: 'id' },
    { name: 'code', format: 'uscc', role: 'uscc', golden: 'uscc' },
    { name: 'regno', format: 'regno', role: 'regno', golden: 'regno' },
    { name: 'name', format: 'company-name', role: 'name', golden: 'name', required: true },
    { name: 'status', format: 'status', synonyms: { 在业: '存续' }, golden: 'status' },
    { name: 'addr', format: 'address', role: 'address', golden: 'address' },
    { name: 'person', format: 'person-name', role: 'person', protection: 'personal', golden: 'legal-representative' },
    { name: 'capital', type: 'decimal', format: 'amount', unit: '万元', min: 0, fact: 'amount', golden: 'capital' },
    { name: 'est', type: 'date', fact: 'date', golden: 'established' },
    { name: 'until', type: 'date', fact: 'valid-to' },
  ],
  { register: true, rank: 5, mode: 'changes', key: ['id'] },
);

export const former = declare(
  'scjg.name-change',
  4,
  [
    { name: 'id' },
    { name: 'code', format: 'uscc', role: 'uscc' },
    { name: 'was', format: 'company-name', role: 'former-name' },
    { name: 'name', format: 'company-name', role: 'name' },
    { name: 'day', type: 'date', fact: 'date' },
  ],
  { mode: 'changes', key: ['id'] },
);

export const tax = declare(
  'sw.tax-registration',
  31,
  [
    { name: 'no' },
    { name: 'code', format: 'uscc', role: 'uscc', golden: 'uscc' },
    { name: 'name', format: 'company-name', role: 'name', golden: 'name' },
    { name: 'addr', format: 'address', role: 'address', golden: 'address' },
    { name: 'person', format: 'person-name', role: 'person', golden: 'legal-representative' },
    { name: 'day', type: 'date', fact: 'date' },
    { name: 'paid', type: 'decimal', format: 'amount', unit: '元', fact: 'amount' },
  ],
  { rank: 20, key: ['no'] },
);

export const holder = declare(
  'scjg.shareholder',
  3,
  [
    { name: 'id' },
    { name: 'code', format: 'uscc', role: 'uscc' },
    { name: 'name', format: 'company-name', role: 'name' },
    { name: 'person', format: 'person-name', protection: 'personal' },
    { name: 'cer', format: 'citizen-id', protection: 'sensitive' },
    { name: 'corp', format: 'company-name' },
    { name: 'amount', type: 'decimal', format: 'amount', unit: '万元' },
    { name: 'share', type: 'decimal', unit: '%', min: 0, max: 100 },
    { name: 'day', type: 'date', fact: 'date' },
  ],
  {
    rank: 10,
    mode: 'changes',
    key: ['id'],
    relations: [
      {
        kind: 'shareholder',
        person: 'person',
        personId: 'cer',
        organisation: 'corp',
        amount: 'amount',
        share: 'share',
        from: 'day',
      },
    ],
  },
);

export const penalty = declare(
  'scjg.penalty',
  40,
  [
    { name: 'no', format: 'document-number' },
    { name: 'code', format: 'uscc', role: 'uscc' },
    { name: 'name', format: 'company-name', role: 'name' },
    { name: 'addr', format: 'address', role: 'address' },
    { name: 'person', format: 'person-name', role: 'person' },
    { name: 'fine', type: 'decimal', format: 'amount', unit: '元', min: 0, fact: 'amount' },
    { name: 'day', type: 'date', fact: 'date' },
    { name: 'grade', codes: { '1': '轻微', '2': '一般', '3': '严重' } },
  ],
  { category: 'penalty', key: [] },
);

export const declarations: readonly VersionedDeclaration[] = [market, former, tax, holder, penalty];

/** A lake with every table and view. With several threads the one that waits turns in circles meanwhile: few rows are made sooner by one. */
export async function openLibraries(path = ':memory:', threads = 1): Promise<Lake> {
  const lake = await openDuckDbLake({ path, threads });
  await lake.define([
    ...catalogueTables,
    ...receivedTables,
    ...refineryTables,
    ...refineryViews,
    ...libraryTables,
    ...libraryViews,
  ]);
  await record(
    lake,
    new ManualClock(),
    declarations.map(({ declaration }) => ({ declaration, sha256: declaration.id, folder: '' })),
  );
  return lake;
}

/** Integrates what waits. */
export const settle = (lake: Lake, more: { chunkRows?: number } = {}): Promise<IntegrationResult | null> =>
  integrate({ lake, clock: new ManualClock('2026-02-01T00:00:00Z'), declarations: async () => declarations, ...more });
