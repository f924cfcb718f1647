/** What may stand where somebody writes: views, columns of the views that the statement names, words of the language. Pure. */
import { tokensOf } from './pure.ts';

/** A view as completion needs it. */
export interface Offered {
  name: string;
  title: string;
  columns: { name: string; title: string; type: string }[];
}

/** One suggestion. */
export interface Suggestion {
  kind: 'view' | 'column' | 'word';
  text: string;
  /** What it is called or of which type. */
  note: string;
}

export const keywords =
  'SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET JOIN LEFT INNER FULL CROSS ON USING AS AND OR NOT IN IS NULL LIKE BETWEEN CASE WHEN THEN ELSE END DISTINCT UNION ALL WITH RECURSIVE EXISTS ASC DESC OVER PARTITION QUALIFY FILTER CAST TRY_CAST INTERVAL PIVOT UNPIVOT VALUES EXCLUDE REPLACE COLUMNS LATERAL'.split(
    ' ',
  );
const functions =
  'count sum avg min max median round coalesce nullif length lower upper substr left right trim replace contains starts_with regexp_matches regexp_extract string_agg date_trunc date_diff year month day strftime today row_number rank lag lead quantile_cont list array_agg'.split(
    ' ',
  );

const known = new Set(keywords);
/** Whether a word belongs to the language. */
export const isKeyword = (word: string): boolean => known.has(word.toUpperCase());

/** The word that ends at a place, with dots in it. */
export function wordBefore(text: string, at: number): string {
  return /[\p{L}\p{N}_.]*$/u.exec(text.slice(0, at))?.[0] ?? '';
}

/** Names of the views that a statement names. */
export function viewsIn(text: string, views: readonly Offered[]): Offered[] {
  const words = new Set(tokensOf(text).map((t) => t.text.toLowerCase().replaceAll('"', '')));
  return views.filter((v) => words.has(v.name));
}

/** Aliases of views: `FROM v.person_v1 p` makes p one. */
function aliases(text: string, views: readonly Offered[]): Map<string, Offered> {
  const found = new Map<string, Offered>();
  const tokens = tokensOf(text);
  tokens.forEach((t, i) => {
    const view = views.find((v) => v.name === t.text.toLowerCase());
    if (!view) return;
    found.set(view.name, view);
    const next = tokens[i + 1]?.text.toUpperCase() === 'AS' ? tokens[i + 2] : tokens[i + 1];
    if (next?.kind === 'word' && !isKeyword(next.text)) found.set(next.text.toLowerCase(), view);
  });
  return found;
}

/** At most twelve suggestions for the word before a place; empty where nothing fits or the word is whole already. */
export function suggest(text: string, at: number, views: readonly Offered[]): Suggestion[] {
  const word = wordBefore(text, at).toLowerCase();
  const dot = word.lastIndexOf('.');
  const [owner, part] = [word.slice(0, Math.max(dot, 0)), word.slice(dot + 1)];
  const fits = (name: string) =>
    name.toLowerCase().startsWith(part) || (part.length > 1 && name.toLowerCase().includes(part));
  const order = (a: Suggestion, b: Suggestion) =>
    Number(!a.text.toLowerCase().startsWith(part)) - Number(!b.text.toLowerCase().startsWith(part));
  const ofView = (v: Offered): Suggestion[] =>
    v.columns.map((c) => ({ kind: 'column', text: c.name, note: `${c.title} · ${c.type}` }));
  const names = (): Suggestion[] => views.map((v) => ({ kind: 'view', text: v.name, note: v.title }));
  let all: Suggestion[];
  if (owner === 'v') all = names().filter((s) => fits(s.text) || s.note.includes(part));
  else if (owner) all = ofViewNamed(aliases(text, views).get(owner.replace(/^v\./, ''))).filter((s) => fits(s.text));
  else if (!part) return [];
  else {
    const columns = viewsIn(text, views).flatMap(ofView);
    const words: Suggestion[] = [...keywords, ...functions].map((w) => ({ kind: 'word', text: w, note: '' }));
    const views1 = names().map((s) => ({ ...s, text: `v.${s.text}` }));
    const fitting = (s: Suggestion) => fits(s.text.replace(/^v\./, '')) || (part.length > 1 && s.note.includes(part));
    all = [
      ...columns.filter(fitting),
      ...words.filter((s) => s.text.toLowerCase().startsWith(part)),
      ...views1.filter(fitting),
    ];
  }
  function ofViewNamed(view: Offered | undefined): Suggestion[] {
    return view ? ofView(view) : [];
  }
  const once = new Map(all.sort(order).map((s) => [`${s.kind} ${s.text}`, s]));
  const list = [...once.values()].slice(0, 12);
  return list.length === 1 && list[0]!.text.toLowerCase() === (owner ? part : word) ? [] : list;
}
