/**
 * The demonstration of forms: the civil affairs bureau's two forms with some records, made once through the same services as everybody's, by its demo
 * accounts. Names and numbers are made up or taken from the synthetic city where it is integrated already; without it everything works as well.
 */
import { createHash } from 'node:crypto';
import { catalogueOf } from '../catalogue/index.ts';
import { demoUsers } from '../platform/auth/bootstrap.ts';
import { type Principal, permissionsOf } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { type DesignInput, design, type Values } from './design.ts';
import { begin, publish } from './designs.ts';
import type { FormsPorts } from './ports.ts';
import { create, take } from './records.ts';
import { formOf, recordOf } from './store.ts';
import { makeTask } from './tasks.ts';

function demoPerson(login: string): Principal | undefined {
  const user = demoUsers.find((u) => u.login === login);
  if (!user) return undefined;
  return {
    ...{ userId: login, login, name: user.name, organisation: user.organisation, roles: [user.role] },
    ...{ permissions: permissionsOf([user.role]), sessionId: 'demo', purpose: null },
  };
}

const w = (zh: string, en: string) => ({ zh, en });
const o = (code: string, zh: string, en: string) => ({ code, title: w(zh, en) });

/** 走访登记. */
const visits: DesignInput = {
  title: w('独居老人走访登记', 'Visits to old people living alone'),
  abstract: w(
    '社区网格员上门走访独居老人的登记：基本情况、身体状况和需求。（演示表单）',
    'What community workers note when they visit old people who live alone: how they are and what they need. (Demonstration)',
  ),
  caption: 'elder',
  listed: ['elder', 'visited', 'health', 'risk', 'needs_cost'],
  fields: [
    { kind: 'section', name: 'part_elder', title: w('老人情况', 'The person') },
    { kind: 'text', name: 'elder', title: w('姓名', 'Name'), required: true, maxLength: 30, meaning: 'person-name' },
    {
      kind: 'citizen-id',
      name: 'id_no',
      title: w('公民身份号码', 'Citizen identity number'),
      hint: w('可不填；填写后进入保险库，只显示掩码。', 'Optional; kept in the vault and shown masked.'),
    },
    { kind: 'phone', name: 'tel', title: w('联系电话', 'Telephone') },
    { kind: 'integer', name: 'age', title: w('年龄', 'Age'), unit: '岁', min: 60, max: 120, required: true },
    { kind: 'address', name: 'home', title: w('住址', 'Address'), required: true },
    { kind: 'section', name: 'part_visit', title: w('走访情况', 'The visit') },
    { kind: 'date', name: 'visited', title: w('走访日期', 'Visited on'), required: true, max: 'today' },
    { kind: 'place', name: 'spot', title: w('走访位置', 'Where'), accuracy: 1000 },
    {
      kind: 'choice',
      name: 'health',
      title: w('身体状况', 'Health'),
      required: true,
      options: [o('good', '良好', 'Good'), o('fair', '一般', 'Fair'), o('poor', '较差', 'Poor')],
    },
    {
      kind: 'choice',
      name: 'illness',
      title: w('慢性病', 'Chronic illness'),
      multiple: true,
      visible: "health != 'good'",
      options: [
        o('bp', '高血压', 'High blood pressure'),
        o('dm', '糖尿病', 'Diabetes'),
        o('heart', '心脏病', 'Heart disease'),
        o('other', '其他', 'Other'),
      ],
    },
    { kind: 'boolean', name: 'bell', title: w('已装呼叫铃', 'Emergency bell installed'), required: true },
    {
      ...{ kind: 'table', name: 'needs', title: w('需求清单', 'Needs'), max: 10 },
      fields: [
        {
          kind: 'choice',
          name: 'kind',
          title: w('类别', 'Kind'),
          required: true,
          options: [
            o('meal', '助餐', 'Meals'),
            o('bath', '助浴', 'Bathing'),
            o('clean', '保洁', 'Cleaning'),
            o('medical', '就医', 'Medical'),
            o('repair', '维修', 'Repairs'),
          ],
        },
        { kind: 'text', name: 'detail', title: w('说明', 'What exactly'), maxLength: 100 },
        { kind: 'integer', name: 'cost', title: w('预计费用', 'Estimated cost'), unit: '元', min: 0, max: 50000 },
      ],
    },
    {
      kind: 'calculated',
      name: 'needs_cost',
      title: w('费用合计', 'Cost together'),
      expression: 'sum(needs.cost)',
      places: 0,
      unit: '元',
    },
    {
      kind: 'calculated',
      name: 'risk',
      title: w('关注等级', 'Attention'),
      expression: "if(health == 'poor' and bell == false, '重点', if(health == 'poor' or age >= 85, '关注', '一般'))",
    },
    { kind: 'picture', name: 'photo', title: w('现场照片', 'Pictures'), most: 3 },
    { kind: 'long-text', name: 'remark', title: w('备注', 'Remarks'), maxLength: 500 },
  ],
  rules: [
    {
      id: 'illness_named',
      expression: "health != 'poor' or not blank(illness)",
      message: w('身体较差的应注明慢性病。', 'Where health is poor, name the chronic illness.'),
      fields: ['illness'],
    },
  ],
  flow: { check: null, accept: { days: 5 }, mendDays: 5, fourEyes: true },
  source: {
    subject: 'none',
    category: 'other',
    level: 'general',
    cadence: 'half-monthly',
    sharing: { type: 'conditional', condition: '仅用于养老服务和应急关爱，须说明用途并留痕' },
  },
};

/** 场所安全检查. */
const checks: DesignInput = {
  title: w('养老和救助场所安全检查', 'Safety checks of care and relief places'),
  abstract: w(
    '对养老、救助场所开展日常安全检查的记录，关联运营单位。（演示表单）',
    'Daily safety checks of places of care and relief, with the enterprise that runs them. (Demonstration)',
  ),
  caption: 'place_name',
  listed: ['place_name', 'operator', 'checked_on', 'result', 'faults'],
  fields: [
    { kind: 'text', name: 'place_name', title: w('场所名称', 'Place'), required: true, maxLength: 60 },
    { kind: 'relation', name: 'operator', title: w('运营单位', 'Run by'), to: 'enterprise', required: true },
    { kind: 'date', name: 'checked_on', title: w('检查日期', 'Checked on'), required: true, max: 'today' },
    {
      ...{ kind: 'table', name: 'points', title: w('检查项目', 'Points'), min: 1, max: 20 },
      fields: [
        { kind: 'text', name: 'item', title: w('项目', 'Point'), required: true, maxLength: 60 },
        { kind: 'boolean', name: 'fine', title: w('合格', 'In order'), required: true },
        {
          kind: 'integer',
          name: 'fault',
          title: w('扣分', 'Points lost'),
          min: 0,
          max: 20,
          visible: 'fine == false',
          required: 'fine == false',
        },
      ],
    },
    {
      kind: 'calculated',
      name: 'faults',
      title: w('扣分合计', 'Points lost together'),
      expression: 'sum(points.fault)',
      places: 0,
    },
    {
      kind: 'calculated',
      name: 'result',
      title: w('检查结论', 'Result'),
      expression: "if(faults >= 20, '停业整改', if(faults > 0, '限期整改', '合格'))",
    },
    {
      kind: 'date',
      name: 'mend_by',
      title: w('整改期限', 'To be mended by'),
      visible: 'faults > 0',
      required: 'faults > 0',
      min: 'today',
    },
    { kind: 'picture', name: 'photo', title: w('现场照片', 'Pictures'), most: 6 },
    { kind: 'signature', name: 'signed', title: w('被检查人签名', 'Signature of the person in charge') },
  ],
  flow: { check: { days: 2 }, accept: { days: 5 }, mendDays: 3, fourEyes: true },
  source: {
    subject: 'legal-person',
    category: 'other',
    level: 'general',
    cadence: 'half-monthly',
    sharing: { type: 'unconditional' },
  },
};

/** A record's id that is the same at every start. */
const idOf = (text: string): string => {
  const h = createHash('sha256').update(`jingwei demo forms ${text}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-7${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
};

type Course = 'draft' | 'submit' | 'check' | 'accept' | 'return';
const DAY = 86_400_000;

/**
 * Makes forms and records unless the department has forms of its own. What is there is left alone, so that a start after a kill goes on. With `city`
 * two things wait for it (called again when an integration has ended): the safety checks, which name its enterprises, and records that are accepted,
 * whose few rows would else be integrated, and everything made anew of them, before the city has come.
 */
export async function demoForms(ports: FormsPorts, city: boolean): Promise<void> {
  const [officer, collector] = [demoPerson('mzj-officer'), demoPerson('collector')];
  if (!officer?.organisation || !collector || !catalogueOf(ports.lake).organisations.has(officer.organisation)) return;
  const [other] = await ports.db.query<{ n: number }>(
    "SELECT count(*) AS n FROM forms.form WHERE name NOT IN ('elder-visit', 'place-safety')",
  );
  if (Number(other!.n) > 0) return;
  const now = ports.clock.now();
  const day = (ago: number) => cityDay(new Date(now.getTime() - ago * DAY));
  const form = async (name: string, given: DesignInput): Promise<number> => {
    const [there] = await ports.db.query<{ id: number }>(
      'SELECT id FROM forms.form WHERE organisation = $1 AND name = $2',
      [officer.organisation, name],
    );
    const id = there?.id ?? (await begin(ports, { name, design: design.parse(given) }, officer));
    const row = await formOf(ports.db.kysely, id);
    if (row.published === null) await publish(ports, id, { revision: row.revision, old: 'keep' }, officer);
    return id;
  };
  const found = await enterprises(ports);
  const waiting = city && found.length === 0;
  const record = async (at: number, key: string, values: Values, ago: number, course: Course) => {
    if (waiting && course === 'accept') return;
    if (await recordOf(ports.db.kysely, idOf(key))) return;
    const collectedAt = new Date(now.getTime() - ago * DAY - 3_600_000);
    let r = await create(
      ports,
      { id: idOf(key), form: at, values, submit: course !== 'draft', collectedAt },
      collector,
    );
    const step = async (action: 'check' | 'accept' | 'return', reason?: string) => {
      r = await take(ports, { form: at, record: r.id }, { action, revision: r.revision, reason }, officer);
    };
    const { design: d } = { design: at === safety ? checks : visits };
    if (course === 'return' && r.state === 'submitted') await step('return', '住址不完整，请补充门牌号后重新提交。');
    if ((course === 'check' || course === 'accept') && d.flow?.check && r.state === 'submitted') await step('check');
    if (course === 'accept' && (r.state === 'submitted' || r.state === 'checked')) await step('accept');
  };
  const elder = await form('elder-visit', visits);
  const safety = await form('place-safety', checks);
  const person = (
    name: string,
    age: number,
    home: string,
    health: 'good' | 'fair' | 'poor',
    ago: number,
    more: Values = {},
  ): Values => ({
    ...{ elder: name, age, home, health, visited: day(ago), bell: health === 'good' },
    ...(health === 'good' ? {} : { illness: ['bp'] }),
    ...more,
  });
  const need = (kind: string, detail: string, cost: number) => ({ kind, detail, cost });
  const spot = (lon: number, lat: number) => ({ spot: { lon, lat, accuracy: 12, system: 'wgs84' as const } });
  await record(
    elder,
    'v1',
    person('陈阿大', 83, '浙江省慈溪市浒山街道西二环线示例小区3幢201室', 'fair', 6, {
      needs: [need('meal', '每日午餐', 300), need('clean', '每周一次', 160)],
      ...spot(121.2366, 30.1697),
    }),
    6,
    'accept',
  );
  await record(
    elder,
    'v2',
    person('胡桂珍', 88, '浙江省慈溪市宗汉街道示例村12号', 'poor', 5, {
      illness: ['bp', 'heart'],
      needs: [need('medical', '陪诊', 200)],
      remark: '子女在外地，每周电话联系一次。',
    }),
    5,
    'accept',
  );
  await record(elder, 'v3', person('岑水根', 76, '浙江省慈溪市古塘街道示例新村7幢102室', 'good', 4), 4, 'accept');
  await record(elder, 'v4', person('余秀英', 81, '浙江省慈溪市坎墩街道示例路', 'fair', 3), 3, 'return');
  await record(
    elder,
    'v5',
    person('罗阿毛', 90, '浙江省慈溪市周巷镇示例村35号', 'poor', 1, {
      illness: ['dm'],
      bell: true,
      needs: [need('bath', '每月两次', 240), need('repair', '卫生间装扶手', 600)],
    }),
    1,
    'submit',
  );
  await record(elder, 'v6', person('沈月娥', 72, '浙江省慈溪市逍林镇示例路18号', 'good', 0), 0, 'draft');
  const [whole] = await ports.db.query<{ n: number }>('SELECT count(*) AS n FROM forms.task');
  if (Number(whole!.n) === 0) {
    const targets = ['胡桂珍', '罗阿毛', '余秀英'].map((name) => ({
      title: `${name}（回访）`,
      values: { elder: name },
    }));
    await makeTask(
      ports,
      elder,
      {
        title: w('重点老人回访', 'Second visits'),
        note: '身体较差或无呼叫铃的老人，当面核实需求落实情况。',
        days: 10,
        targets,
        assignees: [{ login: collector.login, divisions: [] }],
      },
      officer,
    );
  }
  if (waiting) return;
  const operator = (i: number, name: string) => found[i] ?? { title: name };
  const point = (item: string, fault = 0) => ({ item, fine: fault === 0, ...(fault ? { fault } : {}) });
  await record(
    safety,
    's1',
    {
      place_name: '示例颐养院',
      operator: operator(0, '示例养老服务有限公司'),
      checked_on: day(7),
      points: [point('消防通道畅通'), point('灭火器在有效期内'), point('食品留样')],
    },
    7,
    'accept',
  );
  await record(
    safety,
    's2',
    {
      place_name: '示例日间照料中心',
      operator: operator(1, '示例社区服务中心'),
      checked_on: day(2),
      points: [point('消防通道畅通', 5), point('用电安全')],
      mend_by: day(-10),
    },
    2,
    'check',
  );
  await record(
    safety,
    's3',
    {
      place_name: '示例救助站',
      operator: operator(2, '示例物业管理有限公司'),
      checked_on: day(1),
      points: [point('监控正常'), point('应急照明', 2)],
      mend_by: day(-5),
    },
    1,
    'submit',
  );
}

/** Some enterprises of the city, where it is integrated already. */
async function enterprises(ports: FormsPorts): Promise<{ id: string; title: string }[]> {
  const rows = await ports.lake.query<{ entity: number; name: string }>(
    "SELECT entity, name FROM v.legal_person_v1 WHERE contains(name, '服务') ORDER BY entity LIMIT 3",
  );
  return rows.map((r) => ({ id: String(r.entity), title: r.name }));
}
