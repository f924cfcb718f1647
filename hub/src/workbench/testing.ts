/** A small lake with views of every kind of protection, and people who ask it. For tests only. */
import type { Permission, Principal, Role } from '../platform/auth/principal.ts';
import { permissionsOf } from '../platform/auth/principal.ts';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import type { AuditEntry } from '../platform/room.ts';
import type { Contract, ContractColumn, ViewContract } from './contract.ts';
import { type Parameter, Runner } from './run.ts';

/** Values that stand in closed columns and nowhere else. */
export const secrets = {
  name: '欧阳骉',
  token: 'c~abcdefghijklmnopqrstuvwxyz',
  note: '慢性病骉骉',
  payload: '原文猋猋',
  born: '1949-07-13',
  wage: '73519',
  home: '慈溪市浒山街道毳毳路77号',
} as const;

/** Somebody with these roles. */
export function somebody(roles: Role[], more: Partial<Principal> = {}): Principal {
  return {
    ...{
      userId: `u-${roles.join('-')}`,
      login: 'x',
      name: 'x',
      organisation: null,
      roles,
      sessionId: 's',
      purpose: null,
    },
    permissions: new Set<Permission>(permissionsOf(roles)),
    ...more,
  };
}

const column = (name: string, protection: ContractColumn['protection'], format?: string): ContractColumn => ({
  ...{ name, title: { zh: name, en: name }, protection },
  ...(format ? { format } : {}),
});

const view = (name: string, columns: ContractColumn[], more: Partial<ViewContract> = {}): ViewContract => ({
  ...{ name, title: { zh: name, en: name }, from: { kind: 'source', id: name, title: { zh: name, en: name } } },
  ...{ owner: 'rsj', level: 'general', needs: ['library.read'], people: false, columns },
  ...more,
});

const firm = [
  column('entity', 'internal'),
  column('town', 'public'),
  column('name', 'personal', 'person-name'),
  column('home', 'personal', 'address'),
  column('born', 'personal'),
  column('wage', 'personal'),
  column('token', 'sensitive', 'citizen-id'),
  column('note', 'sensitive'),
  column('amount', 'internal'),
];

/** The contract of the lake; `raw` is a column of the view that the contract does not name. */
export const contract: Contract = {
  views: new Map(
    [
      view('firm_v1', firm),
      view('resident_v1', firm, { people: true }),
      view('economy_v1', [column('entity', 'internal'), column('value', 'internal')], { needs: ['economy.detail'] }),
      view('absent_v1', [column('entity', 'internal')]),
      view('count_v1', [column('measure', 'internal'), column('n', 'internal')], {
        rowsWithoutPersons: `measure <> 'person'`,
      }),
      view('said_v1', [column('attribute', 'internal'), { ...column('value', 'internal'), byAttribute: true }]),
    ].map((v) => [v.name, v]),
  ),
  attributes: [
    { name: 'kind', guard: { level: 'general', owner: 'scjg', protection: 'public' } },
    { name: 'legal-representative', guard: { level: 'general', owner: 'scjg', protection: 'personal' } },
    { name: 'phone', guard: { level: 'general', owner: 'scjg', protection: 'sensitive' } },
  ],
};

/** What a test asks with. */
export interface Bench {
  lake: Lake;
  runner: Runner;
  audited: AuditEntry[];
  /** Asks; rows as texts. */
  ask(text: string, who: Principal, parameters?: Parameter[]): Promise<(string | null)[][]>;
  close(): Promise<void>;
}

/** Opens the lake with its runner. */
export async function openBench(limits: Partial<Record<string, number>> = {}): Promise<Bench> {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 2, memoryMiB: 512 });
  const row = (entity: number, town: string) =>
    `(${entity}, '${town}', '${secrets.name}', '${secrets.home}', DATE '${secrets.born}', ${secrets.wage}, '${secrets.token}', '${secrets.note}', ${entity * 10}, '${secrets.payload}')`;
  await lake.define([
    'CREATE SCHEMA lib',
    'CREATE SCHEMA v',
    `CREATE TABLE lib.firm AS SELECT * FROM (VALUES ${row(1, '浒山')}, ${row(2, '浒山')}, ${row(3, '宗汉')})
       t(entity, town, name, home, born, wage, token, note, amount, raw)`,
    'CREATE VIEW v.firm_v1 AS SELECT * FROM lib.firm',
    'CREATE VIEW v.resident_v1 AS SELECT * FROM lib.firm',
    'CREATE VIEW v.economy_v1 AS SELECT entity, wage AS value FROM lib.firm',
    `CREATE VIEW v.count_v1 AS SELECT * FROM (VALUES ('building', 7), ('person', 1)) t(measure, n)`,
    `CREATE VIEW v.said_v1 AS SELECT * FROM (VALUES ('kind', '有限公司'), ('legal-representative', '${secrets.name}'),
       ('phone', '${secrets.token}'), ('other', '${secrets.payload}')) t(attribute, value)`,
    `CREATE VIEW v.hidden_v1 AS SELECT * FROM lib.firm`,
  ]);
  const audited: AuditEntry[] = [];
  const workbench = {
    ...{ seconds: 5, memoryMiB: 256, running: 2, waiting: 2, exportRows: 1000, historyDays: 90, historyPerPerson: 10 },
    ...limits,
  };
  const audit = { append: async (entry: AuditEntry) => void audited.push(entry) };
  const runner = new Runner({ lake, audit, config: { workbench } }, () => contract);
  return {
    ...{ lake, runner, audited },
    ask: async (text, who, parameters = []) => (await runner.run(text, parameters, who, 1000)).rows,
    close: () => lake.close(),
  };
}
