/**
 * Judges a query and makes it one over the viewer's own projections. Everything that is not known to be harmless is refused: kinds of nodes,
 * of tables, of expressions, functions. A name without a schema is a common table expression that is in scope or a view of the contract;
 * both are renamed, so that the engine is never given a name that a person wrote to look up by itself (a file, a system table).
 */
import { randomBytes } from 'node:crypto';
import { isTree, type SqlTree } from '../platform/declared/index.ts';
import type { LakeSession } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import { allowedFunctions, ROWS } from './functions.ts';
import * as k from './problems.ts';
import { placeOf } from './pure/text.ts';
import { locationOf, type Parsed, parse, written } from './tree.ts';

/** What the viewer may name; thrown as a Problem where a view is not theirs. */
export type Offer = (view: string) => void;

/** A query that may be run, once its views stand as temporary views of the session. */
export interface Judged {
  /** As it is run: over `temp.main.w_<view>`. */
  sql: string;
  /** Views that it reads, without their schema. */
  views: string[];
  parameters: string[];
}

/** Name of a view's projection in the session. */
export const projected = (view: string): string => `w_${view}`;

const NODES = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE']);
const TABLES = new Set(['BASE_TABLE', 'SUBQUERY', 'JOIN', 'EMPTY', 'EXPRESSION_LIST', 'TABLE_FUNCTION', 'PIVOT']);
const EXPRESSIONS = new Set(
  `CONSTANT COLUMN_REF STAR FUNCTION WINDOW OPERATOR CASE CAST COMPARISON CONJUNCTION BETWEEN COLLATE SUBQUERY PARAMETER LAMBDA
   LAMBDA_REF POSITIONAL_REFERENCE`.split(/\s+/),
);
const TYPES: Readonly<Record<string, string>> = {
  text: 'VARCHAR',
  integer: 'INTEGER',
  large: 'BIGINT',
  number: 'DOUBLE',
  day: 'DATE',
  boolean: 'BOOLEAN',
};

class Judge {
  readonly views = new Set<string>();
  readonly parameters = new Set<string>();
  #names = 0;
  readonly #tag = randomBytes(6).toString('hex');
  readonly #parsed: Parsed;
  readonly #text: string;
  readonly #offer: Offer;
  readonly #functions: ReadonlySet<string>;
  readonly #types: ReadonlyMap<string, string>;

  constructor(
    parsed: Parsed,
    text: string,
    offer: Offer,
    functions: ReadonlySet<string>,
    types: ReadonlyMap<string, string>,
  ) {
    this.#parsed = parsed;
    this.#text = text;
    this.#offer = offer;
    this.#functions = functions;
    this.#types = types;
  }

  #at(node: SqlTree) {
    const at = locationOf(node, this.#parsed.mark);
    return at === undefined
      ? { line: 1, column: 1 }
      : placeOf(this.#text, Buffer.from(this.#text, 'utf8').subarray(0, at).toString('utf8').length);
  }

  #refuse(what: string, node: SqlTree): never {
    throw new Problem(k.forbidden, { what }, this.#at(node));
  }

  /** Visits a value; objects are changed in place. `scope`: names of common table expressions as they are now called. */
  visit(value: unknown, scope: ReadonlyMap<string, string>): void {
    if (Array.isArray(value)) {
      for (const v of value) this.visit(v, scope);
      return;
    }
    if (!isTree(value)) return;
    let inner = scope;
    if ('cte_map' in value) inner = this.#query(value, scope);
    else if (typeof value.class === 'string') {
      if (value.class === 'CONSTANT') return;
      if (value.class === 'PARAMETER') {
        this.#parameter(value);
        return;
      }
      this.#expression(value);
    } else if ('alias' in value && 'sample' in value) {
      if (this.#table(value, scope)) return;
    } else if (/_(NODE|REF|STATEMENT)$/.test(String(value.type ?? ''))) this.#refuse(String(value.type), value);
    for (const [key, v] of Object.entries(value)) if (key !== 'cte_map') this.visit(v, inner);
  }

  #query(node: SqlTree, scope: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const type = String(node.type);
    if (!NODES.has(type)) this.#refuse(type.replace('_NODE', ''), node);
    const inner = new Map(scope);
    for (const entry of (node.cte_map as { map: SqlTree[] }).map) {
      const name = String(entry.key);
      const own = `c_${this.#tag}_${++this.#names}`;
      const body = isTree((entry.value as SqlTree).query)
        ? ((entry.value as SqlTree).query as SqlTree).node
        : undefined;
      if (!isTree(body)) this.#refuse(name, node);
      const recursive = body.type === 'RECURSIVE_CTE_NODE';
      if (recursive) body.cte_name = own;
      entry.key = own;
      // Only what reads itself may name itself; what stands later in the list cannot be named at all.
      this.visit(entry.value, recursive ? new Map(inner).set(name.toLowerCase(), own) : inner);
      inner.set(name.toLowerCase(), own);
    }
    return inner;
  }

  #expression(node: SqlTree): void {
    const kind = String(node.class);
    if (!EXPRESSIONS.has(kind)) this.#refuse(kind, node);
    if (kind === 'COLUMN_REF') {
      const names = node.column_names as string[];
      // `v.<view>.<column>`: the view is called by its name alone now.
      if (names.length >= 3 && names[0]!.toLowerCase() === 'v') node.column_names = names.slice(1);
    } else if (kind === 'FUNCTION' || kind === 'WINDOW') {
      const name = String(node.function_name ?? '').toLowerCase();
      const schema = String(node.schema ?? '').toLowerCase();
      const catalog = String(node.catalog ?? '').toLowerCase();
      if (!['', 'main'].includes(schema) || !['', 'system'].includes(catalog) || !this.#functions.has(name))
        this.#refuse(name || kind, node);
    }
  }

  /** Values of parameters are bound as texts and become what they are declared to be. */
  #parameter(node: SqlTree): void {
    const name = String(node.identifier);
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw new Problem(k.parameterName, {}, this.#at(node));
    const type = this.#types.get(name);
    if (type === undefined) throw new Problem(k.parameterUnknown, { name }, { ...this.#at(node), field: name });
    this.parameters.add(name);
    const child = { ...node };
    for (const key of Object.keys(node)) delete node[key];
    Object.assign(node, {
      ...{ class: 'CAST', type: 'OPERATOR_CAST', alias: '', query_location: child.query_location, child },
      ...{ cast_type: { id: TYPES[type], type_info: null }, try_cast: false },
    });
  }

  /** Answers whether nothing within needs a visit. */
  #table(node: SqlTree, scope: ReadonlyMap<string, string>): boolean {
    const type = String(node.type);
    if (!TABLES.has(type)) this.#refuse(type.replace('_REF', ''), node);
    if (type === 'PIVOT' && node.pivot_enum) this.#refuse('PIVOT', node);
    if (type === 'TABLE_FUNCTION') {
      const call = node.function as SqlTree;
      const name = String(call.function_name ?? '').toLowerCase();
      const plain = ['', 'main'].includes(String(call.schema ?? '')) && !call.catalog;
      if (call.class !== 'FUNCTION' || !ROWS.has(name) || !plain) this.#refuse(name, node);
      this.visit(call.children, scope);
      this.visit(call.filter, scope);
      return true;
    }
    if (type !== 'BASE_TABLE') return false;
    const schema = String(node.schema_name ?? '').toLowerCase();
    const table = String(node.table_name);
    const shown = [node.catalog_name, node.schema_name, table].filter(Boolean).join('.');
    if (node.catalog_name || node.at_clause || !['', 'v'].includes(schema)) this.#refuse(shown, node);
    if (!node.alias) node.alias = table;
    const own = schema === '' ? scope.get(table.toLowerCase()) : undefined;
    if (own !== undefined) {
      node.table_name = own;
      return true;
    }
    const view = table.toLowerCase();
    try {
      this.#offer(view);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new Problem(error.kind, { ...error.params, view: shown }, this.#at(node));
    }
    this.views.add(view);
    Object.assign(node, { catalog_name: 'temp', schema_name: 'main', table_name: projected(view) });
    return true;
  }
}

/** Holds the statement as the engine wrote it against what was judged: it names projections and its own expressions, nothing else. */
function hold(value: unknown, views: ReadonlySet<string>, functions: ReadonlySet<string>): void {
  if (Array.isArray(value)) for (const v of value) hold(v, views, functions);
  if (!isTree(value)) return;
  const wrong = (what: unknown): never => {
    throw new Problem(k.forbidden, { what: String(what) }, { line: 1, column: 1 });
  };
  if (value.class === 'CONSTANT') return;
  if (typeof value.class === 'string') {
    if (!EXPRESSIONS.has(value.class)) wrong(value.class);
    if (value.class === 'FUNCTION' || value.class === 'WINDOW') {
      const name = String(value.function_name).toLowerCase();
      if (!functions.has(name) && !ROWS.has(name)) wrong(name);
    }
  } else if ('cte_map' in value && !NODES.has(String(value.type))) wrong(value.type);
  else if ('alias' in value && 'sample' in value) {
    if (!TABLES.has(String(value.type))) wrong(value.type);
    if (value.type === 'TABLE_FUNCTION' && !ROWS.has(String((value.function as SqlTree).function_name).toLowerCase()))
      wrong((value.function as SqlTree).function_name);
    if (value.type === 'BASE_TABLE') {
      const { catalog_name: c, schema_name: s, table_name: t } = value;
      const view = c === 'temp' && s === 'main' && views.has(String(t));
      if (!view && !(!c && !s && /^c_[0-9a-f]{12}_\d+$/.test(String(t)))) wrong(t);
    }
  }
  for (const v of Object.values(value)) hold(v, views, functions);
}

/**
 * Judges a text. `types`: types of the parameters that values are given for.
 * @throws Problem with line and column.
 */
export async function judge(
  session: Pick<LakeSession, 'first' | 'query'>,
  text: string,
  offer: Offer,
  types: ReadonlyMap<string, string> = new Map(),
): Promise<Judged> {
  const functions = await allowedFunctions(session);
  const parsed = await parse(session, text);
  const own = new Judge(parsed, text, offer, functions, types);
  own.visit(parsed.node, new Map());
  const sql = await written(session, parsed);
  const again = await parse(session, sql);
  hold(again.node, new Set([...own.views].map(projected)), functions);
  return { sql, views: [...own.views].sort(), parameters: [...own.parameters] };
}
