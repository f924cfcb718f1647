/**
 * How the command line speaks: people get sentences and a progress bar, scripts get one JSON document (`--json`).
 * Exit codes: 0 done, 1 a problem was found or the work failed, 2 the words were off (or, of `verify`: no conclusion), 3 no hub
 * could be reached, 130 interrupted.
 */

/** Exit codes, stable for scripts. */
export const EXIT = { ok: 0, problem: 1, usage: 2, inconclusive: 2, unreachable: 3, interrupted: 130 } as const;

/** The shape of a problem as the hub and `Problem#toJSON` give it. */
export interface ProblemView {
  code: string;
  title: { zh: string; en: string };
  place?: object;
  details?: unknown[];
}

/** Where output goes and in which language and form. */
export class Output {
  readonly json: boolean;
  readonly language: 'zh' | 'en';
  readonly #out: NodeJS.WritableStream;
  readonly #err: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  #barShown = false;
  #lastBar = 0;
  #complete: string | undefined;

  constructor(
    options: { json?: boolean; language?: string | undefined },
    out: NodeJS.WritableStream = process.stdout,
    err: NodeJS.WritableStream = process.stderr,
  ) {
    this.json = options.json ?? false;
    this.language = (options.language ?? '').toLowerCase().startsWith('zh') ? 'zh' : 'en';
    this.#out = out;
    this.#err = err;
  }

  /** Picks the sentence of the chosen language. */
  text(sentence: { zh: string; en: string }): string {
    return sentence[this.language];
  }

  /** A line for people; silent in JSON mode. */
  say(line: string): void {
    if (this.json) return;
    this.#clearBar();
    this.#out.write(`${line}\n`);
  }

  /** The answer of the command: printed as JSON in JSON mode, else by `human`. */
  answer(value: unknown, human: () => void): void {
    this.#clearBar();
    if (this.json) this.#out.write(`${JSON.stringify(value, null, 2)}\n`);
    else human();
  }

  /** A table with columns as wide as their widest cell; Chinese characters count as two. */
  table(rows: readonly (readonly unknown[])[], header: readonly string[]): void {
    const cells = [header, ...rows].map((r) => r.map((c) => (c === null || c === undefined ? '' : String(c))));
    const widths = header.map((_, i) => Math.max(...cells.map((r) => displayWidth(r[i] ?? ''))));
    for (const r of cells) {
      this.say(
        r
          .map((c, i) => c + ' '.repeat(widths[i]! - displayWidth(c)))
          .join('  ')
          .trimEnd(),
      );
    }
  }

  /** A progress bar on a terminal, a line every ten seconds elsewhere, nothing in JSON mode. */
  progress(done: number, total: number | undefined, note: string): void {
    if (this.json) return;
    const now = Date.now();
    const complete = done === total;
    // The end is said once, whenever it comes.
    if (complete ? this.#complete === note : now - this.#lastBar < (this.#err.isTTY ? 100 : 10_000)) return;
    this.#lastBar = now;
    this.#complete = complete ? note : undefined;
    const share = total ? Math.min(1, done / total) : undefined;
    const figures = total ? `${Math.floor(share! * 100)}%` : String(done);
    if (!this.#err.isTTY) {
      this.#err.write(`${figures} ${note}\n`);
      return;
    }
    const width = 28;
    const filled = share === undefined ? 0 : Math.round(share * width);
    const bar = share === undefined ? '' : `[${'█'.repeat(filled)}${'░'.repeat(width - filled)}] `;
    this.#err.write(`\r\u001b[K${bar}${figures} ${note}`.slice(0, (this.#err.columns ?? 100) + 4));
    this.#barShown = true;
  }

  /** A problem with its place and all that it collects. */
  problem(p: ProblemView): void {
    this.#clearBar();
    if (this.json) {
      this.#out.write(`${JSON.stringify({ problem: p }, null, 2)}\n`);
      return;
    }
    this.#err.write(`${p.code}: ${this.text(p.title)}${place(p.place)}\n`);
    for (const d of (p.details ?? []) as ProblemView[])
      this.#err.write(`  - ${d.code}: ${this.text(d.title)}${place(d.place)}\n`);
  }

  #clearBar(): void {
    if (this.#barShown) this.#err.write('\r\u001b[K');
    this.#barShown = false;
  }
}

/** How many terminal cells a text takes. */
export function displayWidth(text: string): number {
  let n = 0;
  for (const c of text)
    n += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(c)
      ? 2
      : 1;
  return n;
}

function place(p: object | undefined): string {
  if (!p) return '';
  const { file, line, ...rest } = p as Record<string, unknown>;
  const at = file ? `${String(file)}${line ? `:${String(line)}` : ''}` : line ? `line ${String(line)}` : '';
  const more = Object.entries(rest)
    .map(([k, v]) => `${k} ${String(v)}`)
    .join(', ');
  return ` (${[at, more].filter(Boolean).join(', ')})`;
}
