/** Collects the mistakes of a model, each with its line and path. */
import type { Mistake } from './errors.ts';

/** A mapping as it was read. */
export type Raw = Record<string, unknown>;
/** Whether a value is a mapping. */
export const isObject = (v: unknown): v is Raw => typeof v === 'object' && v !== null && !Array.isArray(v);
/** Where in a model something stands. */
export type Path = (string | number)[];

/** Looks at values, keeps what is wrong with them and answers something to go on with. */
export class Check {
  readonly mistakes: Mistake[] = [];
  readonly #file: string | undefined;
  readonly #lineOf: (path: Path) => number | undefined;

  constructor(file: string | undefined, lineOf: (path: Path) => number | undefined) {
    this.#file = file;
    this.#lineOf = lineOf;
  }

  bad(code: string, path: Path, zh: string, en: string): void {
    const line = this.#lineOf(path);
    const text = path.map((p, i) => (typeof p === 'number' ? `[${p}]` : i === 0 ? p : `.${p}`)).join('');
    this.mistakes.push({
      code: `linkage.model.${code}`,
      zh,
      en,
      place: { ...(this.#file ? { file: this.#file } : {}), ...(line ? { line } : {}), path: text },
    });
  }

  keys(value: Raw, path: Path, allowed: readonly string[]): void {
    for (const key of Object.keys(value)) {
      if (!allowed.includes(key)) {
        this.bad(
          'unknown-key',
          [...path, key],
          `未知的键“${key}”，可用：${allowed.join('、')}`,
          `unknown key '${key}'; known: ${allowed.join(', ')}`,
        );
      }
    }
  }

  text(value: unknown, path: Path, fallback?: string): string {
    if (typeof value === 'string' && value !== '') return value;
    if (value === undefined && fallback !== undefined) return fallback;
    this.bad('text', path, '应为文字', 'must be a text');
    return fallback ?? '';
  }

  object(value: unknown, path: Path): Raw {
    if (isObject(value)) return value;
    this.bad('object', path, '应为键值对', 'must be a mapping of keys to values');
    return {};
  }

  list(value: unknown, path: Path): unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    this.bad('list', path, '应为列表', 'must be a list');
    return [];
  }

  oneOf<T extends string>(value: unknown, path: Path, allowed: readonly T[], fallback: T): T {
    if (value === undefined) return fallback;
    if (allowed.includes(value as T)) return value as T;
    this.bad('choice', path, `应为其中之一：${allowed.join('、')}`, `must be one of ${allowed.join(', ')}`);
    return fallback;
  }

  number(value: unknown, path: Path, low: number, high: number): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= low && value <= high) return value;
    this.bad('number', path, `应为 ${low} 到 ${high} 之间的数`, `must be a number from ${low} to ${high}`);
    return undefined;
  }

  bool(value: unknown, path: Path, fallback: boolean): boolean {
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    this.bad('boolean', path, '应为 true 或 false', 'must be true or false');
    return fallback;
  }
}
