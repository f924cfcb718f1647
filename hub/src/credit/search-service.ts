/** Search as the routes offer it: reads the query, asks the index (or the lake), protects and explains what comes back. */
import type { z } from 'zod';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { VaultPort } from '../platform/room.ts';
import type { SearchAnswer, SearchHit, searchBody } from './api.ts';
import type { Metadata } from './metadata.ts';
import { pageTooDeep, personForbidden, queryEmpty, queryTooLong } from './problems.ts';
import type { EngineAnswer, EngineHit, EngineQuery } from './search/engine.ts';
import { searchLake } from './search/fallback.ts';
import type { SearchIndex } from './search/index.ts';
import { MAX_QUERY, type QueryText, readQuery } from './search/text.ts';
import { divisionTitle, industryTitle } from './titles.ts';
import type { Viewer } from './view.ts';

/** Hits that can be paged through. */
const DEEPEST = 10_000;

/** What search needs. */
export interface SearchPorts {
  lake: Lake;
  index: SearchIndex;
  metadata: Metadata;
  vault: Pick<VaultPort, 'tokenOf'>;
}

const hints = {
  post: {
    code: 'credit.number-not-in-url',
    zh: '证件号码和手机号码不在网址中查询，请用查询框提交',
    en: 'Identity and telephone numbers are not looked up from a URL; submit them by POST',
  },
  purpose: {
    code: 'credit.number-needs-purpose',
    zh: '按证件号码或手机号码查询，须先说明查询目的',
    en: 'State the purpose before looking up an identity or telephone number',
  },
  person: {
    code: 'credit.person-not-searched',
    zh: '您没有查询自然人的权限，未按人员查找',
    en: 'You may not look up natural persons; persons were not searched',
  },
  lake: {
    code: 'credit.index-building',
    zh: '查询索引正在建立，本次由数据湖直接查得，简称与近似名称暂不支持',
    en: 'The index is being built; this answer comes from the lake, without abbreviations and similar names',
  },
};

/** Answers a search. `inUrl` tells that the query stands in a URL, where personal numbers do not belong. */
export async function search(
  ports: SearchPorts,
  viewer: Viewer,
  asked: z.output<typeof searchBody>,
  inUrl: boolean,
): Promise<SearchAnswer> {
  const start = performance.now();
  const length = [...asked.q].length;
  if (length > MAX_QUERY) throw new Problem(queryTooLong, { max: MAX_QUERY, length }, { field: 'q' });
  if (asked.page * asked.size > DEEPEST) throw new Problem(pageTooDeep, { max: DEEPEST }, { field: 'page' });
  const query = readQuery(asked.q);
  if (!query.folded) throw new Problem(queryEmpty, {}, { field: 'q' });
  const answer: SearchAnswer = {
    q: query.shown,
    by: asked.by,
    total: 0,
    exact: true,
    page: asked.page,
    size: asked.size,
    hits: [],
    facets: { status: [], town: [], industry: [] },
    hints: [],
    engine: ports.index.ready ? 'index' : 'lake',
    tookMs: 0,
  };
  const entities = await byNumber(ports, viewer, query, asked.by, inUrl, answer);
  const mayPerson = viewer.look.principal.permissions.has('person.read');
  const any = asked.by === 'auto';
  if (asked.by === 'person' && !mayPerson) answer.hints.push(hints.person);
  const request: EngineQuery = {
    query,
    ways: {
      name: any || asked.by === 'name',
      pinyin: any || asked.by === 'pinyin',
      code: any || asked.by === 'code',
      address: any || asked.by === 'address',
      person: (any || asked.by === 'person') && mayPerson,
    },
    entities,
    status: asked.status ?? [],
    town: asked.town ?? [],
    industry: asked.industry ?? [],
    offset: (asked.page - 1) * asked.size,
    size: asked.size,
  };
  const found = await ask(ports, request, answer);
  answer.total = found.total;
  answer.hits = await Promise.all(found.hits.map((hit) => protect(ports.metadata, viewer, hit)));
  answer.facets = {
    status: found.facets.status.map(([value, count]) => ({ value, title: value, count })),
    town: found.facets.town.map(([value, count]) => ({ value, title: divisionTitle(value) ?? value, count })),
    industry: found.facets.industry.map(([value, count]) => ({ value, title: industryTitle(value) ?? value, count })),
  };
  await viewer.finish('credit.search', 'legal-person', { hits: answer.hits.length });
  answer.tookMs = Math.round((performance.now() - start) * 10) / 10;
  return answer;
}

async function ask(ports: SearchPorts, request: EngineQuery, answer: SearchAnswer): Promise<EngineAnswer> {
  if (ports.index.ready) {
    try {
      return await ports.index.search(request);
    } catch (error) {
      // A worker that ended between the question and the answer: the lake still knows.
      if (ports.index.ready) throw error;
    }
  }
  answer.engine = 'lake';
  answer.hints.push(hints.lake);
  return searchLake(ports.lake, request);
}

/** Enterprises that an identity or telephone number leads to, by its token. */
async function byNumber(
  { lake, vault }: SearchPorts,
  viewer: Viewer,
  query: QueryText,
  by: SearchAnswer['by'],
  inUrl: boolean,
  answer: SearchAnswer,
): Promise<number[]> {
  if (!query.number || (by !== 'auto' && by !== 'number')) return [];
  if (inUrl) {
    answer.hints.push(hints.post);
    return [];
  }
  const token = vault.tokenOf(query.number.kind, query.number.value);
  const object = `person/${token}`;
  if (by === 'auto' && !viewer.look.principal.permissions.has('person.read')) {
    answer.hints.push(hints.person);
    return [];
  }
  if (by === 'auto' && !viewer.purpose) {
    answer.hints.push(hints.purpose);
    return [];
  }
  await viewer.requirePerson(object, personForbidden);
  const rows = await lake.query<{ entity: number }>(
    `SELECT entity FROM v.legal_person_v1 WHERE phone = $token OR legal_representative_id = $token
     UNION SELECT entity FROM v.legal_person_relation_v1 WHERE person_token = $token AND entity > 0 ORDER BY 1 LIMIT 1000`,
    { token },
  );
  await viewer.record('credit.person', object, { search: true, enterprises: rows.length });
  return rows.map((r) => r.entity);
}

/** A hit as this person may see it: the legal representative and a matched person's name are personal. */
async function protect(metadata: Metadata, viewer: Viewer, hit: EngineHit): Promise<SearchHit> {
  const guard = await metadata.guard('legal-representative');
  return {
    ...hit,
    legalRepresentative: viewer.cell(guard, 'person-name', hit.legalRepresentative),
    highlights: hit.highlights.map((h) => {
      if (h.field !== 'person') return h;
      const cell = viewer.cell(guard, 'person-name', h.text);
      return cell.shown === 'plain' ? h : { ...h, text: cell.value ?? '', ranges: [] };
    }),
  };
}
