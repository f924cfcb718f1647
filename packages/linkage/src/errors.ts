/** Where in a model, a table or a label something is wrong. */
export interface Place {
  file?: string;
  line?: number;
  /** Path inside the model, `comparisons[2].levels[0]`. */
  path?: string;
  table?: string;
  column?: string;
  record?: string;
}

/** One mistake: a stable code, a sentence in Chinese and English, and where it is. */
export interface Mistake {
  code: string;
  zh: string;
  en: string;
  place?: Place;
}

/** What goes wrong in a way that the user can mend. `code` is stable; `zh` is the Chinese sentence, `message` the English one. */
export class LinkageError extends Error {
  readonly code: string;
  readonly zh: string;
  readonly place: Place | undefined;
  /** All mistakes where several were found at once (a model), else one. */
  readonly mistakes: readonly Mistake[];

  constructor(mistake: Mistake, all: readonly Mistake[] = [mistake]) {
    const at = (m: Mistake) => {
      const p = m.place;
      if (!p) return '';
      const parts = [p.file, p.line === undefined ? undefined : `line ${p.line}`, p.path, p.table, p.column, p.record];
      const text = parts.filter((x) => x !== undefined && x !== '').join(', ');
      return text ? ` (${text})` : '';
    };
    super(all.map((m) => m.en + at(m)).join('; '));
    this.name = 'LinkageError';
    this.code = mistake.code;
    this.zh = all.map((m) => m.zh + at(m)).join('；');
    this.place = mistake.place;
    this.mistakes = all;
  }
}

/** Throws a `LinkageError` of one mistake. */
export function fail(code: string, zh: string, en: string, place?: Place): never {
  throw new LinkageError({ code: `linkage.${code}`, zh, en, ...(place ? { place } : {}) });
}
