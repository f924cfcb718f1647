/**
 * A lake with exactly the published views that this room reads, filled with a small invented town: for tests and
 * benches only. Every view is over a table of the same columns in schema `fx`.
 */
import { type Lake, type LakeParam, openDuckDbLake } from '../platform/lake/index.ts';

/** The columns of each view, as the libraries publish them. */
export const VIEWS: Readonly<Record<string, string>> = {
  legal_person_v1: `entity INTEGER, name VARCHAR, uscc VARCHAR, orgcode VARCHAR, regno VARCHAR, kind VARCHAR,
    status VARCHAR, legal_representative VARCHAR, legal_representative_id VARCHAR, capital DECIMAL(18,2),
    currency VARCHAR, established DATE, closed DATE, address VARCHAR, division VARCHAR, industry VARCHAR,
    scope VARCHAR, phone VARCHAR, authority VARCHAR, employees VARCHAR, facts INTEGER, sources SMALLINT,
    contradictions SMALLINT, quality DOUBLE, first_run INTEGER, last_run INTEGER, recorded_at TIMESTAMP`,
  legal_person_alias_v1: `entity INTEGER, name VARCHAR, kind VARCHAR, first_seen DATE, last_seen DATE, fact BIGINT`,
  legal_person_fact_all_v1: `entity INTEGER, class SMALLINT, day DATE, fact BIGINT, record UBIGINT,
    amount DECIMAL(18,2), payload VARCHAR, run INTEGER, row BIGINT, closed_run INTEGER`,
  legal_person_relation_v1: `entity INTEGER, kind VARCHAR, person_name VARCHAR, person_token VARCHAR,
    other_entity INTEGER, other_name VARCHAR, position VARCHAR, amount DECIMAL(18,2), share DECIMAL(9,4),
    valid_from DATE, valid_to DATE, class SMALLINT, fact BIGINT`,
  legal_person_contradiction_v1: `entity INTEGER, attribute VARCHAR, value VARCHAR, class SMALLINT, rank SMALLINT,
    day DATE, fact BIGINT, chosen BOOLEAN`,
  legal_person_history_v1: `entity INTEGER, attribute VARCHAR, value VARCHAR, valid_from DATE, valid_to DATE,
    recorded_at TIMESTAMP, superseded_at TIMESTAMP, class SMALLINT, fact BIGINT`,
  class_v1: `class SMALLINT, source VARCHAR, owner VARCHAR, category VARCHAR, title_zh VARCHAR, title_en VARCHAR,
    level VARCHAR, subject VARCHAR, rank SMALLINT`,
  class_field_v1: `class SMALLINT, version INTEGER, position SMALLINT, name VARCHAR, title_zh VARCHAR,
    title_en VARCHAR, type VARCHAR, format VARCHAR, unit VARCHAR, protection VARCHAR, fact_role VARCHAR,
    golden VARCHAR`,
  refined_run_v1: `run INTEGER, source VARCHAR, class SMALLINT, version INTEGER, accepted BIGINT, finished TIMESTAMP,
    integration INTEGER, linked BIGINT, unlinked BIGINT, refined_at TIMESTAMP`,
  run_v1: `run INTEGER, source VARCHAR, number SMALLINT, input VARCHAR, blob VARCHAR, bytes BIGINT,
    started TIMESTAMP, finished TIMESTAMP, received BIGINT, accepted BIGINT, quarantined BIGINT, duplicate BIGINT,
    root BLOB, leaves BIGINT, declaration INTEGER, steps VARCHAR`,
};

/** Creates the tables and views, empty. */
export async function defineViews(lake: Lake): Promise<void> {
  const statements = ['CREATE SCHEMA IF NOT EXISTS fx', 'CREATE SCHEMA IF NOT EXISTS v'];
  for (const [view, columns] of Object.entries(VIEWS)) {
    statements.push(
      `CREATE TABLE IF NOT EXISTS fx.${view} (${columns})`,
      `CREATE OR REPLACE VIEW v.${view} AS SELECT * FROM fx.${view}`,
    );
  }
  statements.push(`CREATE OR REPLACE VIEW v.legal_person_fact_v1 AS
    SELECT entity, class, day, fact, record, amount, payload, run, row FROM fx.legal_person_fact_all_v1
    WHERE closed_run IS NULL`);
  await lake.define(statements);
}

/** Inserts rows given as objects; columns that are not named become null. */
export async function insert(lake: Lake, view: string, rows: readonly Record<string, LakeParam>[]): Promise<void> {
  await lake.session(async (s) => {
    for (const r of rows) {
      const names = Object.keys(r);
      await s.run(`INSERT INTO fx.${view} (${names.join(', ')}) VALUES (${names.map((n) => `$${n}`).join(', ')})`, r);
    }
  });
}

/** `fact` of a run's row. */
export const factOf = (run: number, row: number): bigint => (BigInt(run) << 32n) | BigInt(row);

/** A token as the vault makes them: the kind and 26 characters. */
export const token = (kind: 'c' | 'p' | 'b', seed: string): string =>
  `${kind}~${[...seed.padEnd(26, 'a')]
    .slice(0, 26)
    .map((c) => 'abcdefghijklmnopqrstuvwxyz234567'[c.codePointAt(0)! % 32])
    .join('')}`;

const AT = '2026-01-01 00:00:00';

type Enterprise = [
  entity: number,
  name: string,
  uscc: string | null,
  regno: string | null,
  status: string,
  representative: string,
  address: string,
  division: string,
  industry: string,
  facts: number,
];
const ENTERPRISES: Enterprise[] = [
  [
    1,
    '慈溪市公牛电器有限公司',
    '91330282000000001A',
    '330282000000011',
    '存续',
    '张伟',
    '慈溪市观海卫镇工业路1号',
    '330282101',
    'C3854',
    12,
  ],
  [
    2,
    '重庆长江轴承（慈溪）有限公司',
    '91330282000000002B',
    '330282000000022',
    '存续',
    '单云',
    '慈溪市观海卫镇新兴路8号',
    '330282101',
    'C3451',
    5,
  ],
  [
    3,
    '慈溪市中庆贸易有限公司',
    '91330282000000003C',
    null,
    '存续',
    '王芳',
    '慈溪市浒山街道解放路2号',
    '330282001',
    'F5199',
    3,
  ],
  [4, '慈溪长兴化纤厂', null, '330282000000044', '注销', '曾国强', '慈溪市长河镇长丰村', '330282107', 'C2822', 2],
  [
    5,
    '宁波慈溪农村商业银行股份有限公司',
    '91330282000000005E',
    null,
    '存续',
    '查良',
    '慈溪市白沙路街道北三环',
    '330282004',
    'J6620',
    30,
  ],
  [
    6,
    '慈溪市海天机械制造有限公司',
    '91330282000000006F',
    null,
    '存续',
    '张伟',
    '慈溪市周巷镇海天路3号',
    '330282110',
    'C3599',
    4,
  ],
  [
    7,
    '公牛集团股份有限公司',
    '91330282000000007G',
    null,
    '存续',
    '阮立',
    '慈溪市观海卫镇东区',
    '330282101',
    'C3854',
    90,
  ],
  [
    8,
    '慈溪市浒山公牛副食店',
    null,
    '330282600000088',
    '存续',
    '李强',
    '慈溪市浒山街道公牛巷4号',
    '330282001',
    'F5211',
    1,
  ],
  [
    9,
    '慈溪市TCL电子经营部',
    null,
    '330282600000099',
    '吊销',
    '陈晨',
    '慈溪市浒山街道青少年宫路',
    '330282001',
    'F5274',
    1,
  ],
  [
    10,
    '慈溪市行知电子科技有限公司',
    '9133028200000010AA',
    null,
    '存续',
    '张伟国',
    '慈溪市宗汉街道银行弄1号',
    '330282003',
    'I6510',
    6,
  ],
];

const CLASSES: [number, string, string, string, string, string, string][] = [
  [1, 'scjg.market-entity', 'scjg', 'registration', '市场主体登记', 'Market registration', 'important'],
  [2, 'scjg.penalty', 'scjg', 'penalty', '行政处罚', 'Administrative penalty', 'general'],
  [3, 'rsj.insurance', 'rsj', 'social-insurance', '社会保险缴纳', 'Social insurance', 'important'],
  [4, 'court.execution', 'court', 'court', '执行案件', 'Execution case', 'core'],
];

type Field = [string, string, string, string | null, string | null, string, string | null, string | null];
const FIELDS: Record<number, Field[]> = {
  1: [
    ['name', '名称', 'text', 'company-name', null, 'public', 'title', 'name'],
    ['uscc', '统一社会信用代码', 'text', 'uscc', null, 'public', null, 'uscc'],
    ['legal_rep', '法定代表人', 'text', 'person-name', null, 'personal', null, 'legal-representative'],
    ['legal_rep_id', '法定代表人证件号', 'text', 'citizen-id', null, 'sensitive', null, 'legal-representative-id'],
    ['phone', '联系电话', 'text', 'phone', null, 'sensitive', null, 'phone'],
    ['capital', '注册资本', 'decimal', 'amount', '万元', 'public', 'amount', 'capital'],
  ],
  2: [
    ['doc_no', '决定书文号', 'text', 'document-number', null, 'public', 'number', null],
    ['reason', '违法事实', 'text', null, null, 'public', 'title', null],
    ['fine', '罚款金额', 'decimal', 'amount', '元', 'public', 'amount', null],
    ['person', '当事人', 'text', 'person-name', null, 'personal', null, null],
    ['day', '处罚日期', 'date', null, null, 'public', 'date', null],
  ],
  3: [
    ['month', '费款所属期', 'text', null, null, 'internal', 'title', null],
    ['people', '参保人数', 'integer', null, '人', 'internal', null, null],
    ['amount', '应缴金额', 'decimal', 'amount', '元', 'internal', 'amount', null],
  ],
  4: [
    ['case_no', '案号', 'text', 'document-number', null, 'public', 'number', null],
    ['debtor', '被执行人', 'text', 'person-name', null, 'personal', 'title', null],
    ['debtor_id', '证件号', 'text', 'citizen-id', null, 'sensitive', null, null],
  ],
};

/** The identity tokens of the invented persons. */
export const ZHANG_1 = token('c', 'zhangweione');
export const ZHANG_2 = token('c', 'zhangweitwo');
export const PHONE_1 = token('p', 'phoneone');

/** Opens a lake in memory with the invented town. */
export async function fixtureLake(): Promise<Lake> {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await defineViews(lake);
  await insert(
    lake,
    'legal_person_v1',
    ENTERPRISES.map(([entity, name, uscc, regno, status, rep, address, division, industry, facts]) => ({
      entity,
      name,
      uscc,
      orgcode: uscc ? uscc.slice(8, 17) : null,
      regno,
      kind: '有限责任公司',
      status,
      legal_representative: rep,
      legal_representative_id: entity === 1 ? ZHANG_1 : entity === 6 ? ZHANG_2 : null,
      capital: entity * 100,
      currency: '人民币',
      established: '2001-05-17',
      address,
      division,
      industry,
      phone: entity === 1 ? PHONE_1 : null,
      employees: '10',
      facts,
      sources: 3,
      contradictions: entity === 1 ? 1 : 0,
      quality: 0.96,
      first_run: 1,
      last_run: 2,
      recorded_at: AT,
    })),
  );
  await insert(lake, 'legal_person_alias_v1', [
    { entity: 1, name: '慈溪市公牛电器有限公司', kind: 'current', first_seen: '2001-05-17', last_seen: '2025-12-01' },
    { entity: 1, name: '慈溪市金狮插座厂', kind: 'former', first_seen: '1995-01-01', last_seen: '2001-05-16' },
    { entity: 1, name: '公牛电气有限公司', kind: 'variant', first_seen: '2020-01-01', last_seen: '2020-01-01' },
    { entity: 6, name: '慈溪市公牛五金厂', kind: 'former', first_seen: '1999-01-01', last_seen: '2003-01-01' },
  ]);
  await insert(lake, 'legal_person_relation_v1', [
    rel(1, 'legal-representative', '张伟', ZHANG_1, null, null, null),
    rel(1, 'shareholder', '张伟', ZHANG_1, null, null, 60),
    rel(1, 'executive', '李强', null, null, null, null, '监事'),
    rel(7, 'shareholder', '张伟', ZHANG_1, null, null, 20),
    rel(6, 'legal-representative', '张伟', ZHANG_2, null, null, null),
    rel(3, 'executive', '张伟', null, null, null, null, '经理'),
    rel(2, 'shareholder', null, null, 1, '慈溪市公牛电器有限公司', 40),
    rel(2, 'shareholder', '单云', null, null, null, 60),
  ]);
  await insert(
    lake,
    'class_v1',
    CLASSES.map(([klass, source, owner, category, zh, en, level]) => ({
      class: klass,
      source,
      owner,
      category,
      title_zh: zh,
      title_en: en,
      level,
      subject: 'legal-person',
      rank: klass * 10,
    })),
  );
  for (const [klass, fields] of Object.entries(FIELDS)) {
    await insert(
      lake,
      'class_field_v1',
      fields.map(([name, title, type, format, unit, protection, role, golden], position) => ({
        class: Number(klass),
        version: 1,
        position: position + 1,
        name,
        title_zh: title,
        title_en: name,
        type,
        format,
        unit,
        protection,
        fact_role: role,
        golden,
      })),
    );
  }
  // The second version of the penalties has one more column in front.
  await insert(
    lake,
    'class_field_v1',
    [['office', '处罚机关', 'text', null, null, 'public', 'authority', null] as Field, ...FIELDS[2]!].map((f, i) => ({
      class: 2,
      version: 2,
      position: i + 1,
      name: f[0],
      title_zh: f[1],
      title_en: f[0],
      type: f[2],
      format: f[3],
      unit: f[4],
      protection: f[5],
      fact_role: f[6],
      golden: f[7],
    })),
  );
  const runs = [
    run(1, 'scjg.market-entity', 1, 1),
    run(2, 'scjg.penalty', 2, 1),
    run(3, 'scjg.penalty', 2, 2),
    run(4, 'rsj.insurance', 3, 1),
    run(5, 'court.execution', 4, 1),
  ];
  await insert(lake, 'run_v1', runs);
  await insert(
    lake,
    'refined_run_v1',
    runs.map((r) => ({ run: r.run!, source: r.source!, class: r.number!, version: r.declaration! })),
  );
  await insert(lake, 'legal_person_fact_all_v1', [
    fact(1, 1, '2001-05-17', 1, 1, `慈溪市公牛电器有限公司|91330282000000001A|张伟|${ZHANG_1}|${PHONE_1}|100`, null),
    fact(1, 2, '2020-03-01', 2, 1, '慈市监罚〔2020〕1号|=虚假宣传|2000.5|张伟|2020-03-01', '2000.50'),
    fact(1, 2, '2021-04-02', 3, 1, '市场监管局|慈市监罚〔2021〕9号|价格欺诈|1000|\u0018张  伟？|2021-04-02', '1000.00'),
    fact(1, 3, '2021-05-01', 4, 1, '202105|12|3456.78', '3456.78'),
    fact(1, 3, '2021-06-01', 4, 2, '202106|\u0018十二|3456.78', '3456.78'),
    fact(1, 4, '2022-01-05', 5, 1, `（2022）浙0282执1号|张伟|${ZHANG_1}`, null),
    fact(3, 2, '2020-03-01', 2, 2, '慈市监罚〔2020〕2号|+cmd|300||2020-03-01', '300.00'),
    fact(4, 2, null, 2, 3, '慈市监罚〔2020〕3号|无照经营|50||', '50.00'),
    fact(0, 2, '2020-07-01', 2, 4, '慈市监罚〔2020〕4号|无主记录|70||2020-07-01', '70.00'),
    { ...fact(1, 2, '2019-01-01', 2, 5, '旧文号|旧|1||2019-01-01', '1.00'), closed_run: 3 },
  ]);
  await insert(lake, 'legal_person_contradiction_v1', [
    contra('capital', '100.00', 1, 10, '2001-05-17', factOf(1, 1), true),
    contra('capital', '120.00', 3, 30, '2021-05-01', factOf(4, 1), false),
  ]);
  await insert(lake, 'legal_person_history_v1', [
    {
      entity: 1,
      attribute: 'capital',
      value: '100.00',
      valid_from: '2001-05-17',
      recorded_at: AT,
      class: 1,
      fact: factOf(1, 1),
    },
    {
      entity: 1,
      attribute: 'legal-representative',
      value: '张伟',
      valid_from: '2001-05-17',
      recorded_at: AT,
      class: 1,
      fact: factOf(1, 1),
    },
    {
      entity: 1,
      attribute: 'legal-representative',
      value: '李强',
      valid_from: '1995-01-01',
      valid_to: '2001-05-16',
      recorded_at: AT,
      superseded_at: AT,
      class: 1,
      fact: factOf(1, 1),
    },
  ]);
  return lake;
}

function rel(
  entity: number,
  kind: string,
  person: string | null,
  personToken: string | null,
  other: number | null,
  otherName: string | null,
  share: number | null,
  position: string | null = null,
): Record<string, LakeParam> {
  return {
    entity,
    kind,
    person_name: person,
    person_token: personToken,
    other_entity: other,
    other_name: otherName,
    position,
    amount: share === null ? null : share * 10,
    share,
    valid_from: '2001-05-17',
    class: 1,
    fact: factOf(1, entity),
  };
}

function run(id: number, source: string, number: number, declaration: number): Record<string, LakeParam> {
  return {
    run: id,
    source,
    number,
    input: `${source}.csv`,
    bytes: 1000,
    started: AT,
    finished: AT,
    received: 5,
    accepted: 5,
    quarantined: 0,
    duplicate: 0,
    root: new Uint8Array(32).fill(id),
    leaves: 5,
    declaration,
  };
}

/** A fact; `payload` is written with | between the fields. */
function fact(
  entity: number,
  klass: number,
  day: string | null,
  runId: number,
  row: number,
  payload: string,
  amount: string | null,
): Record<string, LakeParam> {
  return {
    entity,
    class: klass,
    day,
    fact: factOf(runId, row),
    record: runId * 100 + row,
    amount,
    payload: payload.replaceAll('|', '\u001f'),
    run: runId,
    row,
  };
}

function contra(
  attribute: string,
  value: string,
  klass: number,
  rank: number,
  day: string,
  factId: bigint,
  chosen: boolean,
): Record<string, LakeParam> {
  return { entity: 1, attribute, value, class: klass, rank, day, fact: factId, chosen };
}
