/** How a row found its legal person, told from what the match kept. */
import type { Lake, LakeRow } from '../platform/lake/index.ts';
import { ident } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { LinkMethod } from './api.ts';
import { type ClassPlan, identityRoles, pairHash, roleColumn } from './plan.ts';
import { unknownFact } from './problems.ts';

/** Every method in words. */
export const methodInWords: Readonly<Record<LinkMethod | 'refused' | 'open', { zh: string; en: string }>> = {
  register: { zh: '登记来源建立的主体', en: 'made known by a register' },
  'code-and-name': { zh: '代码与名称指向同一主体', en: 'code and name point to the same legal person' },
  'code-and-former-name': {
    zh: '代码与曾用名指向同一主体',
    en: 'code and a former name point to the same legal person',
  },
  'code-and-similar-name': {
    zh: '代码指向该主体，名称只差一处笔误或为简称',
    en: 'the code points to it; the name differs by one mistake or is shortened',
  },
  'code-alone': { zh: '行内没有名称，代码指向该主体', en: 'the row has no name; the code points to it' },
  'code-and-evidence': {
    zh: '代码指向该主体，地址、人员等佐证一致，名称未知',
    en: 'the code points to it and address, person or numbers agree; the name is unknown',
  },
  'name-despite-code': {
    zh: '名称唯一属于该主体，代码属于另一主体且名称不符，代码不予采信',
    en: 'the name is its alone; the code belongs to another whose name is different, and is not believed',
  },
  'name-alone': {
    zh: '代码缺失或无人使用，名称唯一属于该主体',
    en: "the code is absent or nobody's; the name is its alone",
  },
  'former-name-alone': {
    zh: '代码缺失或无人使用，曾用名唯一属于该主体',
    en: "the code is absent or nobody's; the former name is its alone",
  },
  'name-and-evidence': {
    zh: '名称为多家共用，地址、人员等佐证只指向该主体',
    en: 'several bear the name; address, person or numbers point to this one only',
  },
  'similar-name-and-code': { zh: '名称相近且代码只差一处', en: 'a similar name, and a code one mistake apart' },
  'similar-name-and-evidence': {
    zh: '名称相近且地址、人员等佐证一致',
    en: 'a similar name, and address, person or numbers agree',
  },
  regno: { zh: '按旧注册号关联', en: 'by the old registration number' },
  decided: { zh: '由人工核对决定', en: 'decided by a person' },
  refused: { zh: '人工核对认为不是已知主体', en: 'a person decided that it is nobody known' },
  open: { zh: '没有足够依据，留待核对', en: 'not enough speaks for anyone; left for review' },
};

/** What the match kept of a row. */
export interface LinkStory {
  run: number;
  row: number;
  entity: number | null;
  method: (LinkMethod | 'refused') | null;
  score: number | null;
  other: number | null;
  evidence: string[];
  review: string | null;
  given: { role: string; written: string | null; cleaned: string | null }[];
}

/** Reads what the match kept of a received row of the class. */
export async function linkOf(lake: Pick<Lake, 'first'>, plan: ClassPlan, fact: bigint): Promise<LinkStory> {
  const run = Number(fact >> 32n);
  const row = Number(fact & 0xffffffffn);
  const roles = identityRoles.filter((r) => plan.identity[r]);
  const written = roles.map((r) => `${ident(plan.identity[r]!.name)} AS ${ident(`w_${roleColumn(r)}`)}`);
  const raw = await lake.first<LakeRow>(
    `SELECT ${pairHash(plan)}::VARCHAR AS pair${written.length ? `, ${written.join(', ')}` : ''} FROM ${plan.table} WHERE _run = $run AND _row = $row`,
    { run, row },
  );
  if (!raw) throw new Problem(unknownFact, { fact: String(fact) });
  const kept = await lake.first<LakeRow>(
    `SELECT p.*, l.entity AS row_entity, l.method AS row_method, l.score AS row_score, l.evidence AS row_evidence, r.review::VARCHAR AS review_id
     FROM rf.pair p LEFT JOIN rf.row_link l ON l.fact = $fact AND l.pair = p.pair LEFT JOIN rf.review r ON r.pair = p.pair
     WHERE p.pair = $pair::UBIGINT`,
    { fact, pair: raw.pair as string },
  );
  const text = (v: unknown) => (v === null || v === undefined || v === '' ? null : String(v));
  return {
    run,
    row,
    entity: ((kept?.entity ?? kept?.row_entity) as number | null | undefined) ?? null,
    method: ((kept?.method ?? kept?.row_method) as LinkStory['method'] | undefined) ?? null,
    score: ((kept?.score ?? kept?.row_score) as number | null | undefined) ?? null,
    other: (kept?.other as number | null | undefined) ?? null,
    evidence: text(kept?.row_evidence)?.split(',').filter(Boolean) ?? [],
    review: text(kept?.review_id),
    given: roles.map((r) => ({
      role: r,
      written: text(raw[`w_${roleColumn(r)}`]),
      cleaned: text(kept?.[`clean_${roleColumn(r)}`]),
    })),
  };
}
