/**
 * The one way in which the hub says that something is wrong: a stable code, a sentence in Chinese and in English and
 * the place. Over HTTP it becomes application/problem+json (RFC 9457); on the command line a line and an exit code.
 */

/** Where the fault lies: any of a file, a line, a row, a field, a JSON pointer, a setting. */
export interface Place {
  file?: string;
  line?: number;
  row?: number;
  column?: number;
  field?: string;
  pointer?: string;
  setting?: string;
}

/** A kind of problem; declared once, beside the code that raises it. */
export interface ProblemKind {
  /** Stable, dotted, starts with the room: `exchange.push.key-missing`. */
  code: string;
  /** HTTP status that it maps to. */
  status: number;
  /** Sentences with `{name}` placeholders. */
  zh: string;
  en: string;
}

const kinds = new Map<string, ProblemKind>();

/** Declares a kind of problem. A code declared twice is a programming error and stops the start. */
export function problemKind(code: string, status: number, zh: string, en: string): ProblemKind {
  if (kinds.has(code)) throw new Error(`problem code declared twice: ${code}`);
  const kind = { code, status, zh, en };
  kinds.set(code, kind);
  return kind;
}

/** Every declared kind, for the documentation and the OpenAPI description. */
export function allProblemKinds(): ProblemKind[] {
  return [...kinds.values()].sort((a, b) => a.code.localeCompare(b.code));
}

/** Fills the `{name}` placeholders of a sentence. */
export function fill(sentence: string, params: Record<string, unknown>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
}

/** An error that a person may see. `details` lists several faults found together, each with its place. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly params: Record<string, unknown>;
  readonly place: Place | undefined;
  readonly details: Problem[];

  constructor(kind: ProblemKind, params: Record<string, unknown> = {}, place?: Place, details: Problem[] = []) {
    super(`${kind.code}: ${fill(kind.en, params)}`);
    this.name = 'Problem';
    this.kind = kind;
    this.params = params;
    this.place = place;
    this.details = details;
  }

  /** The sentences, the code and the place as plain data (the body of problem+json, the `--json` of the command line). */
  toJSON(): {
    type: string;
    code: string;
    status: number;
    title: { zh: string; en: string };
    place?: Place;
    details?: unknown[];
  } {
    return {
      type: `urn:jingwei:problem:${this.kind.code}`,
      code: this.kind.code,
      status: this.kind.status,
      title: { zh: fill(this.kind.zh, this.params), en: fill(this.kind.en, this.params) },
      ...(this.place ? { place: this.place } : {}),
      ...(this.details.length ? { details: this.details.map((d) => d.toJSON()) } : {}),
    };
  }
}
