/**
 * The contract of the interface (接口契约): what clients may rely on of every route, compact enough to be kept and compared. A change may add; what takes away or
 * asks for more breaks it, and is told with its place. New values of an enumeration in an answer are no break: clients meet them as unknown values.
 */
/**
 * A shape: a name of a type (`string`, `"a"|"b"`, `#Name`), a list of one shape, one of several shapes (`["|", …]`), or fields; a field with `?` at its end
 * may be missing.
 */
export type Shape = string | [Shape] | ['|', ...Shape[]] | { [field: string]: Shape };

/** What is promised of one route. */
export interface Promised {
  access: string;
  /** Parameters by place and name: `query.limit?`. */
  asks: Record<string, Shape>;
  body?: Shape;
  status: number;
  /** Absent: no body. A media type for what is streamed. */
  answers?: Shape;
  /** The day on which it ends, when that was declared. */
  sunset?: string;
}

/** The whole contract. */
export interface Contract {
  version: 1;
  routes: Record<string, Promised>;
  /** Named shapes that routes refer to. */
  shapes: Record<string, Shape>;
}

type Json = Record<string, unknown>;

/** The description of the interface (`describeApi`, /api/openapi.json) as far as it is read. */
export interface Described {
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Record<string, Json> };
}

/** The contract that a description makes. */
export function contractOf(described: Described): Contract {
  const out: Contract = { version: 1, routes: {}, shapes: {} };
  for (const [path, methods] of Object.entries(described.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const responses = operation.responses as Record<string, Json>;
      const status = Number(Object.keys(responses).find((code) => code < '300'));
      const content = Object.entries((responses[status]?.content ?? {}) as Record<string, Json>)[0];
      const asked = Object.values(((operation.requestBody as Json)?.content ?? {}) as Record<string, Json>)[0];
      const asks = (
        (operation.parameters ?? []) as { name: string; in: string; required: boolean; schema: Json }[]
      ).map((p): [string, Shape] => [`${p.in}.${p.name}${p.required ? '' : '?'}`, shapeOf(p.schema)]);
      const end = operation['x-deprecation'] as { sunset: string } | undefined;
      out.routes[`${method.toUpperCase()} ${path}`] = {
        access: String(operation['x-access']),
        asks: Object.fromEntries(asks.sort(([a], [b]) => (a < b ? -1 : 1))),
        ...(asked ? { body: shapeOf(asked.schema as Json) } : {}),
        status,
        ...(content
          ? { answers: content[0] === 'application/json' ? shapeOf(content[1].schema as Json) : content[0] }
          : {}),
        ...(end ? { sunset: end.sunset } : {}),
      };
    }
  for (const [name, schema] of Object.entries(described.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (name !== 'Problem') out.shapes[name] = shapeOf(schema);
  return out;
}

/** A JSON schema as a shape. Bounds, formats and patterns are left out: a tighter bound is told of by the changelog. */
function shapeOf(schema: Json): Shape {
  if (typeof schema.$ref === 'string') return `#${schema.$ref.split('/').at(-1)}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum))
    return schema.enum
      .map((v) => JSON.stringify(v))
      .sort()
      .join('|');
  const several = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (several) {
    const shapes = several.map(shapeOf);
    const plain = shapes.every((s) => typeof s === 'string' && !s.startsWith('#'));
    return plain ? shapes.sort().join('|') : ['|', ...shapes];
  }
  if (schema.type === 'array') return [shapeOf((schema.items ?? {}) as Json)];
  if (schema.type === 'object' && schema.properties) {
    const required = new Set((schema.required ?? []) as string[]);
    const fields = Object.entries(schema.properties as Record<string, Json>);
    return Object.fromEntries(
      fields
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, part]): [string, Shape] => [required.has(name) ? name : `${name}?`, shapeOf(part)]),
    );
  }
  if (schema.type === 'object')
    return schema.additionalProperties ? { '*': shapeOf(schema.additionalProperties as Json) } : 'object';
  return Array.isArray(schema.type) ? [...schema.type].sort().join('|') : String(schema.type ?? 'any');
}

/** What of a contract the present one breaks, each with its place; empty: it holds. `today` (YYYY-MM-DD): what has ended by then may be gone. */
export function broken(before: Contract, now: Contract, today: string): string[] {
  const out: string[] = [];
  const compare = new Comparison(before.shapes, now.shapes, out);
  for (const [name, promised] of Object.entries(before.routes)) {
    const present = now.routes[name];
    if (!present) {
      if (promised.sunset === undefined || promised.sunset > today) out.push(`${name}: removed`);
      continue;
    }
    if (present.access !== promised.access && present.access !== 'public')
      out.push(`${name}: access was ${promised.access}, is ${present.access}`);
    if (present.status !== promised.status) out.push(`${name}: status was ${promised.status}, is ${present.status}`);
    compare.asked(promised.asks, present.asks, name);
    if (promised.body === undefined && present.body !== undefined) out.push(`${name}: asks for a body`);
    else if (promised.body !== undefined && present.body !== undefined)
      compare.asked(promised.body, present.body, `${name} body`);
    if (promised.answers !== undefined)
      compare.answered(promised.answers, present.answers ?? 'nothing', `${name} answer`);
  }
  return out;
}

class Comparison {
  readonly #before: Record<string, Shape>;
  readonly #now: Record<string, Shape>;
  readonly #out: string[];
  /** Pairs of named shapes that are being compared or were: shapes may refer to themselves. */
  readonly #seen: Set<string>;

  constructor(before: Record<string, Shape>, now: Record<string, Shape>, out: string[], seen: Iterable<string> = []) {
    this.#seen = new Set(seen);
    this.#before = before;
    this.#now = now;
    this.#out = out;
  }

  /** What a client sends: every shape of before must still be taken. */
  asked(before: Shape, now: Shape, place: string): void {
    this.#each(before, now, place, 'asked', (b, n) => {
      const given = fieldsOf(b);
      const present = fieldsOf(n);
      for (const [field, { shape }] of given) {
        const other = present.get(field);
        if (!other) this.#out.push(`${place}.${field}: is not taken any more`);
        else this.asked(shape, other.shape, `${place}.${field}`);
      }
      for (const [field, { needed }] of present)
        if (needed && !given.get(field)?.needed) this.#out.push(`${place}.${field}: is required now`);
    });
  }

  /** What a client reads: every field of before must still be there. */
  answered(before: Shape, now: Shape, place: string): void {
    this.#each(before, now, place, 'answered', (b, n) => {
      const present = fieldsOf(n);
      for (const [field, { shape, needed }] of fieldsOf(b)) {
        const other = present.get(field);
        if (!other) this.#out.push(`${place}.${field}: removed`);
        else {
          if (needed && !other.needed) this.#out.push(`${place}.${field}: may be missing now`);
          this.answered(shape, other.shape, `${place}.${field}`);
        }
      }
    });
  }

  #each(
    before: Shape,
    now: Shape,
    place: string,
    way: 'asked' | 'answered',
    fields: (before: Record<string, Shape>, now: Record<string, Shape>) => void,
  ): void {
    const [b, n] = [this.#open(before, this.#before), this.#open(now, this.#now)];
    if (typeof before === 'string' && before.startsWith('#')) {
      const pair = `${way} ${before} ${JSON.stringify(now)}`;
      if (this.#seen.has(pair)) return;
      this.#seen.add(pair);
    }
    if (isUnion(b) || isUnion(n)) {
      this.#union(alternatives(b), alternatives(n), place, way);
      return;
    }
    if (Array.isArray(b) && Array.isArray(n)) {
      this[way](b[0]!, n[0]!, `${place}[]`);
      return;
    }
    if (isFields(b) && isFields(n)) {
      fields(b, n);
      return;
    }
    if (typeof b === 'string' && typeof n === 'string') {
      if (this.#fits(b, n, way)) return;
    } else if (n === 'any' && way === 'asked') return;
    this.#out.push(`${place}: was ${short(b)}, is ${short(n)}`);
  }

  /** One of several: whatever a client may send must fit one that is taken; whatever is answered must fit one that was. */
  #union(before: Shape[], now: Shape[], place: string, way: 'asked' | 'answered'): void {
    const [each, among] = way === 'asked' ? [before, now] : [now, before];
    for (const one of each) {
      let nearest: { far: number; found: string[] } | undefined;
      for (const other of among) {
        const found: string[] = [];
        const trial = new Comparison(this.#before, this.#now, found, this.#seen);
        trial[way](way === 'asked' ? one : other, way === 'asked' ? other : one, place);
        if (found.length === 0) {
          nearest = undefined;
          break;
        }
        // What is of the same kind tells where it differs; of another kind it only tells that it is another.
        const far = found.length + (found.some((text) => text.startsWith(`${place}: was`)) ? 1_000 : 0);
        if (!nearest || far < nearest.far) nearest = { far, found };
      }
      if (nearest) this.#out.push(...nearest.found);
    }
  }

  /** Of texts of alternatives: what is taken must hold all of before; what is answered may have new values, but no new types. */
  #fits(before: string, now: string, way: 'asked' | 'answered'): boolean {
    if (before === now || (way === 'asked' && now === 'any')) return true;
    const [b, n] = [before.split('|'), now.split('|')];
    const literal = (of: string) => /^"/.test(of);
    if (way === 'asked') {
      const integer = n.includes('number') ? ['integer'] : [];
      return b.every((one) => n.includes(one) || integer.includes(one) || (literal(one) && n.includes('string')));
    }
    return n.every(
      (one) =>
        b.includes(one) ||
        (one === 'integer' && b.includes('number')) ||
        (literal(one) && (b.includes('string') || b.some(literal))),
    );
  }

  #open(shape: Shape, shapes: Record<string, Shape>): Shape {
    let open = shape;
    for (let deep = 0; typeof open === 'string' && /^#\w+$/.test(open) && deep < 10; deep++)
      open = shapes[open.slice(1)] ?? 'any';
    return open;
  }
}

const isFields = (shape: Shape): shape is Record<string, Shape> => typeof shape === 'object' && !Array.isArray(shape);
const isUnion = (shape: Shape): shape is ['|', ...Shape[]] =>
  Array.isArray(shape) && shape[0] === '|' && shape.length > 1;
const alternatives = (shape: Shape): Shape[] =>
  isUnion(shape) ? (shape.slice(1) as Shape[]) : typeof shape === 'string' ? shape.split('|') : [shape];
const short = (shape: Shape) => (typeof shape === 'string' ? shape : JSON.stringify(shape)).slice(0, 120);

function fieldsOf(shape: Record<string, Shape>): Map<string, { shape: Shape; needed: boolean }> {
  return new Map(
    Object.entries(shape).map(([name, part]) => [
      name.replace(/\?$/, ''),
      { shape: part, needed: !name.endsWith('?') && name !== '*' },
    ]),
  );
}

/** The contract as it is kept: a line for each route and shape, so that a change is a line of a comparison. */
export function contractText(contract: Contract): string {
  const lines = (of: object) =>
    Object.entries(of)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  return `{\n  "version": 1,\n  "routes": {\n${lines(contract.routes)}\n  },\n  "shapes": {\n${lines(contract.shapes)}\n  }\n}\n`;
}
