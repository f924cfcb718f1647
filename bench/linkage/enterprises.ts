/**
 * Enterprises without any code: rows of several departments' classes of a synthetic city (packages/synthcity), every code column left out, brought
 * together by name, address, legal representative and telephone alone, and held against the city's truth. Identity and telephone numbers are
 * what departments deliver of them: tokens, equal or not, never near.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../packages/linkage/src/index.ts';

/** Where a class says what; columns by their names in the file. */
interface ClassColumns {
  id: string;
  name: string;
  address?: string;
  representative?: string;
  /** Telephone: a token. */
  phone?: string;
  /** Identity number of the legal representative: a token. */
  person?: string;
  /** A register: one row for each enterprise. */
  register?: boolean;
}

/** The classes: registers, permits, penalties, courts, customs, taxes, inspections. */
export const CLASSES: readonly ClassColumns[] = [
  { id: 'scjg.market-entity', register: true, name: 'comp_nm', address: 'addr', representative: 'legal_repre' },
  {
    id: 'scjg.legal-representative',
    register: true,
    name: 'comp_nm',
    representative: 'nm',
    phone: 'mobtel',
    person: 'cer_no',
  },
  {
    id: 'sw.tax-registration',
    register: true,
    name: 'comp_nm',
    address: 'opr_addr',
    representative: 'legal_repre',
    phone: 'tel_num',
  },
  {
    id: 'rsj.insurance-registration',
    register: true,
    name: 'comp_nm',
    address: 'unit_addr',
    representative: 'legal_repre',
  },
  { id: 'gaj.seal-record', name: 'unit_nm', representative: 'legal_repre', person: 'legal_repre_id' },
  {
    id: 'hg.registration',
    register: true,
    name: 'comp_nm',
    address: 'addr',
    representative: 'legal_repre',
    phone: 'tel_num',
  },
  {
    id: 'swj.foreign-trade',
    register: true,
    name: 'comp_nm',
    address: 'addr',
    representative: 'legal_repre',
    phone: 'tel_num',
  },
  { id: 'xfj.fire-inspection', name: 'unit_nm', address: 'unit_addr', phone: 'tel_num' },
  { id: 'fy.judgment', name: 'party_nm', representative: 'legal_repre' },
  { id: 'scjg.penalty', name: 'comp_nm', representative: 'legal_per', person: 'legal_per_ident' },
  { id: 'scjg.food-permit', name: 'comp_nm', address: 'opt_addr', representative: 'legal_repre' },
  { id: 'zhzf.urban-penalty', name: 'comp_nm', address: 'case_addr', representative: 'legal_repre' },
  { id: 'yjgl.hazard-inspection', name: 'comp_nm', address: 'insp_addr' },
];

/**
 * Fills `${table}(id, class, enterprise, code, name, address, representative, phone, person)` from a city's folder; `code` is kept for judging only.
 * Rows of persons and of enterprises elsewhere keep an entity of their own.
 */
export async function loadEnterprises(engine: Engine, folder: string, table: string): Promise<void> {
  const parts = CLASSES.map((c, i) => {
    const at = join(folder, ...c.id.split('.'));
    const file = existsSync(at) ? readdirSync(at).find((f) => f.endsWith('.csv')) : undefined;
    if (!file) throw new Error(`${folder} has no file of ${c.id}: make the city with --formats csv`);
    const token = (column: string | undefined) =>
      column ? `CASE WHEN ${column} <> '' THEN 'c~' || left(md5(${column}), 26) END` : 'NULL';
    const code = c.id === 'sw.tax-registration' ? 'tax_payer_no' : 'uni_social_crd_cd';
    return `SELECT '${c.id}:' || f.n AS id, ${i} AS class, coalesce(CAST(t.enterprise AS VARCHAR), '${c.id}:' || f.n) AS enterprise, t.defects, f.* EXCLUDE (n) FROM (
      SELECT row_number() OVER () AS n, upper(trim(${code})) AS code, ${c.name} AS name, ${c.address ?? 'NULL'} AS address, ${c.representative ?? 'NULL'} AS representative, ${token(c.phone)} AS phone, ${token(c.person)} AS person
      FROM read_csv('${join(at, file)}', header = true, all_varchar = true, nullstr = '', parallel = false)) AS f JOIN read_parquet('${join(folder, 'truth', `${c.id}.parquet`)}') AS t ON t."row" = f.n`;
  });
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS ${parts.join(' UNION ALL ')}`);
}

/** The model: what the columns are, nothing else. */
export const enterprisesModel = (table: string) => ({
  id: 'id',
  tables: CLASSES.map((c, i) => ({
    name: c.id,
    relation: `(SELECT * FROM ${table} WHERE class = ${i})`,
    ...(c.register ? { unique: true } : {}),
  })),
  columns: {
    name: { kind: 'company', chinese: true, home: '3302' },
    address: { kind: 'address', chinese: true },
    representative: { kind: 'name', chinese: true },
    phone: { kind: 'code' },
    person: { kind: 'code' },
  },
  comparisons: [
    { column: 'name' },
    { column: 'address' },
    { column: 'representative' },
    { column: 'phone', levels: ['exact'] },
    { column: 'person', levels: ['exact'] },
  ],
});
