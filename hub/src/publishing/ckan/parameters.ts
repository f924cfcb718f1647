/** Parameters of an action, from a query string, a form or JSON: CKAN's clients send numbers and lists as texts too. */
import { invalid } from './errors.ts';

/** What a request gave. */
export class Parameters {
  readonly #given: ReadonlyMap<string, unknown>;
  constructor(given: Record<string, unknown>) {
    this.#given = new Map(Object.entries(given).filter(([, v]) => v !== undefined && v !== null));
  }

  text(name: string, most = 8000): string | undefined {
    const value = this.#given.get(name);
    if (value === undefined) return undefined;
    const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean')
      throw invalid({ [name]: ['Must be a Unicode string value'] });
    const text = String(one);
    if (text.length > most) throw invalid({ [name]: ['Must be shorter'] });
    return text;
  }

  needed(...names: string[]): string {
    for (const name of names) {
      const text = this.text(name, 400);
      if (text) return text;
    }
    throw invalid({ [names[0]!]: ['Missing value'] });
  }

  /** A whole number between bounds; more than `most` is taken as `most`, as CKAN does. */
  whole(name: string, otherwise: number, most: number, least = 0): number {
    const text = this.text(name);
    if (text === undefined || text === '') return otherwise;
    if (!/^-?\d{1,15}$/.test(text)) throw invalid({ [name]: ['Invalid integer'] });
    const value = Number(text);
    if (value < least) throw invalid({ [name]: ['Must be a natural number'] });
    return Math.min(value, most);
  }

  yes(name: string, otherwise = false): boolean {
    const text = this.text(name)?.toLowerCase();
    return text === undefined ? otherwise : ['true', '1', 'yes', 't', 'y', 'on'].includes(text);
  }

  /** A list: JSON, Python's way of writing one, commas, or a repeated key. */
  list(name: string, most = 100): string[] {
    const value = this.#given.get(name);
    if (value === undefined || value === '') return [];
    const list = Array.isArray(value) ? value : listIn(String(value));
    if (list.length > most || list.some((v) => typeof v !== 'string' && typeof v !== 'number'))
      throw invalid({ [name]: ['Not a list'] });
    return list.map(String);
  }

  /** A JSON value that may stand in a text. */
  json(name: string): unknown {
    const value = this.#given.get(name);
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
}

function listIn(text: string): unknown[] {
  const own = text.trim();
  if (!own.startsWith('[')) return own.split(',').map((s) => s.trim());
  for (const form of [own, own.replaceAll("'", '"')])
    try {
      const found: unknown = JSON.parse(form);
      if (Array.isArray(found)) return found;
    } catch {
      // The next form.
    }
  throw invalid({ list: ['Not a list'] });
}
