/** The SQL of a class: its rows, and the truth about them. */
import { census } from './city/enterprises.ts';
import { codeSql, conditionsOf, featuresOf, maskSql } from './defects.ts';
import type { ClassModel, ColumnContext, Recipe, Role } from './model.ts';
import type { DefectRates } from './options.ts';
import { type Sizes, subscribersOf } from './plan.ts';
import { representative } from './recipes.ts';
import { hashOf, permuted, pickOf, saltOf } from './sql.ts';

/** What the SQL of a class depends on. */
export interface RowPlan {
  seed: number | string;
  enterprises: number;
  today: string;
  rates: DefectRates;
  sizes: Sizes;
  /** Share of enterprises with a former name. */
  formerShare: number;
  /** Rows of the class on day one. */
  rows: number;
  day: 1 | 2;
  /** Day two: only what changed, as I, U, D rows. */
  changes: boolean;
}

/** Shares of rows that are updated, deleted and added on day two, in ten thousand. */
export const dayTwo = { updated: 50, deleted: 20, added: 30 };

/** Columns of the trace that a `changes` class delivers after its own. */
export const traceColumns = ['dsc_biz_operation', 'dsc_biz_timestamp'] as const;

/** SQL of a class: columns, source, whole statements. */
export interface ClassSql {
  columns: string[];
  /** SELECT that answers the rows, in order; every column VARCHAR, blank is NULL. */
  rows: string;
  /** SELECT that answers row number, enterprise, person, defects and (day two) operation. */
  truth: string;
  /** SELECT that answers enterprise and index of the attribute (in `attributes`) that changed on day two. */
  updates: string;
  attributes: Role[];
}

const mark = '\u0001';

/**
 * The column of a class that an update changes: null when attributes or a column that follows updates take care of it;
 * undefined when nothing of a record can change, so that none is updated.
 */
function movingColumn(model: ClassModel): string | null | undefined {
  const context: ColumnContext = {
    h: 'h',
    w: 'w',
    salt: 0n,
    index: 'c',
    subscriber: 's',
    day: 'd',
    month: 'm',
    digits: 1,
    when: {},
    updates: true,
    moves: false,
    today: '',
  };
  const columns = Object.entries(model.columns);
  if (columns.some(([, r]) => r.role && changing.includes(r.role)) || columns.some(([, r]) => follows(r, context)))
    return null;
  const able = columns.filter(([name, r]) => {
    if (model.key.includes(name) || r.role) return false;
    return r.sql({ ...context, h: mark }).includes(mark);
  });
  return able.at(-1)?.[0];
}

const changing: readonly Role[] = ['address', 'representative', 'status', 'capital'];

/** Whether a recipe's value follows updates. */
function follows(recipe: Recipe, context: ColumnContext): boolean {
  return recipe.sql({ ...context, w: mark }).includes(mark) || recipe.sql(context).includes('r.v');
}

/** Builds the SQL of a class. */
export function classSql(model: ClassModel, plan: RowPlan): ClassSql {
  const n = census(plan.enterprises);
  const salt = saltOf(plan.seed, model.id);
  const hash = (column: number, index = 'c'): string => hashOf(index, salt, column);
  const rows = model.rows;
  const pool = 'pool' in rows ? (plan.sizes.pools.get(rows.pool) ?? 0) : 0;
  // New rows of a register are about entities founded that day; those of other once-only classes about members not yet in it.
  const spare = rows.shape === 'once' ? (rows.core ? n.newcomers : pool - plan.rows) : Number.POSITIVE_INFINITY;
  const bodies = rows.shape === 'once' && (rows.pool === 'social' || rows.pool === 'institution');
  const added =
    plan.day === 1 || plan.rows === 0 || bodies ? 0 : Math.min(spare, Math.round((plan.rows * dayTwo.added) / 10_000));
  const N = plan.rows;
  const subscribers = rows.shape === 'periods' ? subscribersOf(N, pool, rows.months) : 1;
  const [year, month] = [Number(plan.today.slice(0, 4)), Number(plan.today.slice(5, 7))];
  const lastMonth = year * 12 + month - 2;

  // Which record is a row of the file about: a duplicate repeats one of the fifteen before it, which are never duplicates.
  const repeated = `CASE WHEN range % 16 = 0 AND range <= ${N} AND ${hash(0, 'range')} % 65536 < ${Math.round(Math.min(0.0625, plan.rates.duplicate) * 16 * 65536)} THEN range - 1 - (${hash(1, 'range')} % 15)::BIGINT ELSE range END`;
  const fate = `${hash(2)} % 10000`;
  let member = '1';
  let subscriber = 'c - 1';
  let period = '0';
  if (rows.shape === 'once') member = `1 + CASE WHEN c <= ${pool} THEN ${permuted('c - 1', pool, salt)} ELSE c - 1 END`;
  if (rows.shape === 'events') {
    const u = `(${hash(3)} // 2 % 1048576 / 1048576.0)`;
    member = `1 + floor(${pool} * CASE WHEN ${hash(3)} % 2 = 0 THEN ${u} * ${u} ELSE ${u} END)::BIGINT`;
  }
  if (rows.shape === 'periods') {
    subscriber = `(c - 1) % ${subscribers}`;
    const step = `(c - 1) // ${subscribers}`;
    if (rows.months === 1) period = `CASE WHEN c > ${N} THEN ${lastMonth + 1} ELSE ${lastMonth} - ${step} END`;
    else if (rows.months === 3) period = `${lastMonth - ((lastMonth + 1) % 3)} - 3 * (${step})`;
    else period = `${(year - 1) * 12 + 11} - 12 * (${step})`;
    member = `1 + ${permuted(subscriber, pool, salt)}`;
  }
  const moving = movingColumn(model);
  const updatable =
    plan.day === 1 || moving === undefined
      ? '0'
      : `CASE WHEN c <= ${N} AND ${fate} < ${dayTwo.updated} THEN 1 ELSE 0 END`;
  const deletable =
    plan.day === 1 || model.register
      ? 'false'
      : `c <= ${N} AND ${fate} BETWEEN ${dayTwo.updated} AND ${dayTwo.updated + dayTwo.deleted - 1}`;
  const strangers =
    !model.register && (rows.shape === 'events' || rows.shape === 'periods' || (rows.shape === 'once' && !rows.core));
  // A subscriber of another city is one in every period.
  const who = rows.shape === 'periods' ? `(${subscriber})` : 'c';
  const adults = plan.sizes.adults;
  const base = `WITH r0 AS (SELECT range AS i, ${repeated} AS c FROM range(1, ${N + added + 1})),
    r AS (SELECT i, c, ${updatable} AS v, ${deletable} AS gone, ${hash(4)} AS d1, ${hash(5)} AS d2, ${hash(6)} AS d3, ${hash(7)} AS d4, ${hash(8)} AS t,
      ${member} AS k, ${subscriber} AS s, ${period} AS m, DATE '${plan.today}' AS today,
      ${strangers && plan.rates.outsider > 0 ? `${hash(9, who)} % 65536 < ${Math.round(plan.rates.outsider * 65536)}` : 'false'} AS stranger,
      ${n.enterprises + n.newcomers + 1} + (${hash(10, who)} % ${n.outsiders})::BIGINT AS outsider FROM r0)`;

  // Few rows of a large city: the enterprises are read past the rows instead of being indexed, and the rows put in order again.
  const small =
    (rows.shape === 'once' || rows.shape === 'events' || (rows.shape === 'periods' && !rows.person)) &&
    N + added < plan.enterprises / 4;
  let from = 'FROM r';
  const joins: string[] = [];
  if (rows.shape === 'persons') {
    joins.push(`JOIN adult a ON a.k = 1 + ${permuted('r.c - 1', adults, salt)} JOIN person p ON p.p = a.p`);
    joins.push(`JOIN ent e ON e.e = 1 + (r.d4 // 1024 % ${n.enterprises})::BIGINT`);
  } else if (rows.shape === 'linked') {
    joins.push(`JOIN ${rows.table} x ON x.k = 1 + (r.c - 1) % ${Math.max(1, N)} JOIN ent e ON e.e = x.e`);
    // An outer join would hand out the rows without a match after the others and so lose their order.
    if (rows.table === 'holder')
      joins.push('JOIN person p ON p.p = coalesce(x.p, 1) JOIN ent o ON o.e = coalesce(x.company, 1)');
    if (rows.table === 'officer') joins.push('JOIN person p ON p.p = x.p');
    if (rows.table === 'branch') joins.push('JOIN ent o ON o.e = x.branch');
  } else if (small) {
    from = `FROM ent e JOIN (SELECT r.*, g.e AS member FROM pool_${rows.pool} g JOIN r ON g.k = r.k) r ON e.e = CASE WHEN r.stranger THEN r.outsider ELSE r.member END`;
  } else {
    joins.push(
      `JOIN pool_${rows.pool} g ON g.k = r.k JOIN ent e ON e.e = CASE WHEN r.stranger THEN r.outsider ELSE g.e END`,
    );
    if (rows.shape === 'periods' && rows.person)
      joins.push(
        `JOIN adult a ON a.k = 1 + (${hashOf('r.s', salt, 11)} % ${adults})::BIGINT JOIN person p ON p.p = a.p`,
      );
  }

  const life = (from: string, to: string): string =>
    `(${from} + ((r.t // 64 % 10000)::BIGINT * greatest(0, ${to} - ${from}) // 10000)::INTEGER)`;
  const day =
    rows.shape === 'periods'
      ? `least(make_date((r.m // 12)::INTEGER, (r.m % 12 + 1)::INTEGER, (1 + r.t % 28)::INTEGER), r.today + ${plan.day - 1})`
      : rows.shape === 'persons'
        ? '(r.today - 1 - (r.t % 3000)::INTEGER)'
        : life("greatest(e.established, DATE '2012-01-01')", 'coalesce(e.closed, r.today)');

  const names = Object.keys(model.columns);
  const context: ColumnContext = {
    h: '',
    w: '',
    salt: 0n,
    index: 'r.c',
    subscriber: 'r.s',
    day,
    month: 'r.m',
    digits: String(Math.ceil(N * 1.01) + 2).length,
    when: {},
    updates: plan.day === 2,
    moves: false,
    today: plan.today,
  };
  const firstCitizen = Object.values(model.columns).find((r) => r.role === 'citizen');
  const idSql = firstCitizen
    ? firstCitizen.sql({ ...context, when: { otherRepresentative: 'false', stale: 'false' } })
    : null;
  const features = featuresOf(model, idSql);
  const when = conditionsOf(model, features, plan.rates, plan.seed, plan.formerShare);
  context.when = when;

  const firstDate = names.find((c) => model.columns[c]?.role === 'date');
  const columns = names.map((column, position) => {
    const recipe = model.columns[column] as Recipe;
    const own: ColumnContext = { ...context, salt: saltOf(plan.seed, `${model.id} ${column}`) };
    own.h = hashOf('r.c', salt, 16 + position);
    own.w = `hash(r.c::BIGINT * 256 + ${salt + BigInt(16 + position)} + r.v * 4398046511104)`;
    if (column === moving) {
      own.moves = true;
      // What knows how to move moves by itself; the rest takes another hash.
      if (!recipe.sql({ ...own, updates: true }).includes('r.v')) own.h = own.w;
    }
    const sql = written(recipe, own, features.code, column === firstDate, model.key[0] === column);
    return `${sql} AS ${column}`;
  });
  const trace =
    model.mode === 'changes' || plan.changes
      ? [
          `${plan.day === 1 ? "'I'" : `CASE WHEN r.gone THEN 'D' WHEN r.v = 1 THEN 'U' ELSE 'I' END`} AS ${traceColumns[0]}`,
          plan.day === 1
            ? `(TIMESTAMP '${plan.today} 00:00:00' - to_seconds((${hashOf('r.c', salt, 12)} % 7776000)::INTEGER))::VARCHAR AS ${traceColumns[1]}`
            : `(TIMESTAMP '${plan.today} 00:00:00' + to_seconds((86400 + ${hashOf('r.c', salt, 13)} % 86399)::INTEGER))::VARCHAR AS ${traceColumns[1]}`,
        ]
      : [];
  const filters: string[] = [];
  if (plan.day === 2) {
    if (plan.changes) filters.push(`r.i = r.c AND (r.v = 1 OR r.gone OR r.c > ${N}) AND NOT ${when.missing}`);
    else filters.push('NOT r.gone');
  }
  const source = `${from} ${joins.join(' ')}${filters.length ? ` WHERE ${filters.join(' AND ')}` : ''}`;
  const order = small ? ' ORDER BY r.i' : '';
  const enterprise = rows.shape === 'persons' ? 'NULL' : `CASE WHEN r.stranger THEN NULL ELSE e.e END`;
  const person = joins.some((j) => j.includes('person p')) && rows.shape !== 'linked' ? 'p.p' : 'NULL';
  const number = plan.day === 1 ? 'r.i' : 'row_number() OVER (ORDER BY r.i)';
  return {
    updates: `${base} SELECT e.e AS e, (CASE ${features.attributes.map((a, i) => `WHEN ${when[`updated-${a}`]} THEN ${i}`).join(' ') || 'WHEN false THEN 0'} END)::INTEGER AS attribute ${source}${filters.length ? ' AND' : ' WHERE'} r.v = 1 AND r.i = r.c`,
    attributes: features.attributes,
    columns: [...names, ...(trace.length ? traceColumns : [])],
    rows: `${base} SELECT ${[...columns, ...trace].join(', ')} ${source}${order}`,
    truth: `${base} SELECT ${number}::UINTEGER AS row, (${enterprise})::UINTEGER AS enterprise, (${person})::UINTEGER AS person, ${maskSql(when)} AS defects, r.c::UINTEGER AS record${
      plan.day === 2
        ? ", CASE WHEN r.gone THEN 'D' WHEN r.v = 1 THEN 'U' WHEN r.c > ".concat(
            String(N),
            " THEN 'I' ELSE '' END AS operation",
          )
        : ''
    } ${source}${order}`,
  };
}

/** SQL of a column with its defects. */
function written(
  recipe: Recipe,
  c: ColumnContext,
  firstCode: string | null,
  firstDate: boolean,
  isKey: boolean,
): string {
  const when = c.when;
  const cases = (value: string, ...pairs: [string | undefined, string][]): string => {
    const arms = pairs.filter(([w]) => w !== undefined && w !== 'false').map(([w, sql]) => `WHEN ${w} THEN ${sql}`);
    return arms.length ? `CASE ${arms.join(' ')} ELSE ${value} END` : value;
  };
  const value = recipe.sql(c);
  switch (recipe.role) {
    case 'code':
    case 'organisation-code':
    case 'registration-number': {
      const code = codeSql[recipe.role];
      if (recipe.role !== firstCode) return cases(code, [when.noCode, 'NULL']);
      const another = recipe.role === 'code' ? 'e.other_code' : 'substr(e.other_code, 9, 9)';
      return cases(
        code,
        [when.plainCode, code],
        [when.noCode, 'NULL'],
        [when.character, `spoil_character(${code}, r.d4 // 4096)`],
        [when.order, `spoil_order(${code}, r.d4 // 4096)`],
        [when.another, another],
        [when.wide, `widen(${code})`],
        [when.lower, `lower(${code})`],
        [when.space, `left(${code}, 8) || ' ' || substr(${code}, 9)`],
      );
    }
    case 'name':
      return cases(
        'e.name',
        [when.plainName, 'e.name'],
        [when.former, 'e.former'],
        [when.typed, 'spoil_name(e.name, r.d4 // 4096)'],
        [when.short, 'e.short'],
        ...(firstCode === null ? [[when.space, "' ' || e.name || ' '"] as [string | undefined, string]] : []),
      );
    case 'address':
      return cases('e.address', [when.otherAddress, 'e.address_alt'], [when.stale, 'e.address_old']);
    case 'representative':
      return representative(when, 'name');
    case 'status':
      return cases(
        value,
        [
          when.otherStatus,
          `CASE e.status WHEN '存续' THEN ${recipe.sql(c).match(/ELSE ('[^']*') END$/)?.[1] ?? "'注销'"} ELSE ${recipe.sql(c).match(/WHEN '存续' THEN ('[^']*')/)?.[1] ?? "'存续'"} END`,
        ],
        [when.stale, recipe.sql(c).match(/WHEN '存续' THEN ('[^']*')/)?.[1] ?? "'存续'"],
      );
    case 'capital':
      return cases(
        'e.capital::VARCHAR',
        [when.otherCapital, '(e.capital * 2)::DECIMAL(18,2)::VARCHAR'],
        [when.stale, '(e.capital / 2)::DECIMAL(18,2)::VARCHAR'],
      );
    case 'citizen':
      return cases(value, [when.identity15, `shorten_identity(${value})`]);
    case 'date': {
      const plain = value.startsWith('strftime') ? value : `(${value})::DATE::VARCHAR`;
      if (!firstDate) return plain;
      return cases(
        plain,
        [when.plainDate, plain],
        [when.wrongDate, pickOf(['0000-00-00', '20210231', '2023-13-05', '2022-02-30'], 'r.d4')],
        [when.dateStyle, `write_date((${value.startsWith('strftime') ? c.day : value})::DATE, r.d4)`],
      );
    }
    default:
      return isKey ? cases(value, [when.missing, 'NULL']) : value;
  }
}
