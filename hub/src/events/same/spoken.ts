/**
 * What a report's words speak of: which matter of the city's catalogue, and which of its states (小类), by the words, phrases and hints
 * that the catalogue declares. Where something is, and what it does to people, says little of what it is. Pure.
 */

/** What the catalogue says of a matter's words. A phrase has a gap: `水…膝盖` is 水 and, some characters on in the same clause, 膝盖. */
export interface Worded {
  id: string;
  title: { zh: string };
  /** How people speak of it. */
  words: readonly string[];
  phrases?: readonly string[] | undefined;
  /** What speaks for it a little: never enough by itself. */
  hints?: readonly string[] | undefined;
  states?: readonly { id: string; words: readonly string[] }[] | undefined;
}

/** What stands beside something says where, not what: 公园东侧、靠近公交站; so do towns, and lanes say no vehicle. */
const BESIDE =
  /[\u4e00-\u9fff]{0,4}(?:公园|公交站|广场|学校|小学|中学|医院|市场|商场|超市|水库|避难场所)(?=附近|旁边?|门口|门前|对面|[东西南北]侧|边上)|(?:靠近|位于|就在)(?:公交站|公园|学校|医院|市场)|[\u4e00-\u9fff]{2}镇|[\u4e00-\u9fff]{2,3}街道|希望(?:相关部门|尽快)[^，。]*|麻烦处理一下|要求相关部门[^，。]*|诉求：[^。]*|请(?:核实处理|派单)/g;
const LANE = /非?机动车道/g;
/** What follows is what it does, or may do, to people and things, to the end of the clause; or what something lies in, on or at. */
const EFFECT =
  /(?:绿化带|花坛|草坪|电线杆|围墙|河)(?:里|边|旁|上|中)(?!的)|(?:导致|影响|差点|险些|担心|害怕|生怕|怕|容易|以免|免得|万一|造成|使得|收摊后|喇叭(?=按)|会(?=撞|摔|掉|绊|砸|陷|卡|踩|勒)|挡住|压住|堵住|占了|拦住)[^，。；！？,;!?、]*/g;
/** What a word in such a part counts, what a hint counts, and what a word of a state adds to a matter that is spoken of. */
const IN_EFFECT = 0.35;
const HINT = 0.4;
const STATE = 0.3;
/** Characters between the two parts of a phrase. */
const GAP = 10;
/** Score from which a matter is taken, and by which it stands before the next. */
const ENOUGH = 0.5;
const BEFORE = 0.5;

interface Hit {
  from: number;
  to: number;
  word: string;
  weight: number;
}

const patterns = new Map<string, RegExp>();
function patternOf(phrase: string): RegExp {
  let known = patterns.get(phrase);
  if (!known) {
    const parts = phrase.split('…').map((p) => p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    known = new RegExp(parts.join(`[^，。；！？,;!?：:]{0,${GAP}}?`));
    patterns.set(phrase, known);
  }
  return known;
}

/** Where a word or phrase stands in a text; the first place outside `beside` if there is one. */
function place(text: string, word: string, beside: readonly (readonly [number, number])[]): Hit | undefined {
  const within = (at: number) => beside.some(([from, to]) => at >= from && at < to);
  if (word.includes('…')) {
    // Most are not there: their first part tells it sooner than a pattern.
    const found = text.includes(word.slice(0, word.indexOf('…'))) ? patternOf(word).exec(text) : null;
    if (!found) return undefined;
    const weight = [...word].length - 1.5;
    const hit = { from: found.index, to: found.index + found[0].length, word: found[0] };
    return { ...hit, weight: weight * (within(found.index) ? IN_EFFECT : 1) };
  }
  const first = text.indexOf(word);
  if (first < 0) return undefined;
  let at = first;
  while (at >= 0 && within(at)) at = text.indexOf(word, at + 1);
  const from = at < 0 ? first : at;
  return { from, to: from + word.length, word, weight: ([...word].length - 0.5) * (at < 0 ? IN_EFFECT : 1) };
}

/** The best of what was found, no two of them over each other. */
function apart(hits: Hit[]): Hit[] {
  const kept: Hit[] = [];
  for (const h of hits.sort((a, b) => b.weight - a.weight || a.from - b.from))
    if (kept.every((k) => h.to <= k.from || h.from >= k.to)) kept.push(h);
  return kept;
}

interface Heard {
  text: string;
  effects: (readonly [number, number])[];
}
function hear(text: string): Heard {
  const own = text.replace(BESIDE, '').replace(LANE, '车道');
  return { text: own, effects: [...own.matchAll(EFFECT)].map((m) => [m.index, m.index + m[0].length] as const) };
}

/** How many matters share a word: worked out once for a catalogue. */
const shared = new WeakMap<readonly Worded[], Map<string, number>>();
function commonOf(matters: readonly Worded[]): Map<string, number> {
  let known = shared.get(matters);
  if (!known) {
    known = new Map();
    for (const m of matters)
      for (const w of new Set([...m.words, ...(m.phrases ?? [])])) known.set(w, (known.get(w) ?? 0) + 1);
    shared.set(matters, known);
  }
  return known;
}

/**
 * The matter that a text speaks of, with the words that said so: longer and rarer words weigh more; null where nothing fits or two fit alike,
 * since a wrong class is worse than one that a person chooses.
 */
export function classify(
  catalogue: { readonly matters: readonly Worded[] },
  text: string,
): { matter: string; words: string[] } | null {
  const { text: said, effects } = hear(text);
  const common = commonOf(catalogue.matters);
  const scored = catalogue.matters
    .map((m) => {
      const found = (w: string): Hit[] => {
        const hit = place(said, w, effects);
        return hit ? [{ ...hit, weight: hit.weight / common.get(w)! }] : [];
      };
      const strong = apart([...m.words, ...(m.phrases ?? [])].flatMap(found));
      const free = (w: string): boolean => {
        const at = said.indexOf(w);
        return at >= 0 && strong.every((h) => at + w.length <= h.from || at >= h.to);
      };
      const score =
        strong.reduce((sum, h) => sum + h.weight, 0) +
        HINT * Math.min(3, (m.hints ?? []).filter(free).length) +
        (said.includes(m.title.zh) ? 4 : 0);
      const states = score ? (m.states ?? []).filter((s) => s.words.some((w) => place(said, w, []))).length : 0;
      return { matter: m.id, words: strong.map((h) => h.word), score: score + STATE * Math.min(2, states) };
    })
    .filter((s) => s.score > 0)
    .sort((a, b) => b.score - a.score);
  const [best, next] = scored;
  if (!best || best.score < ENOUGH || (next && best.score - next.score < BEFORE)) return null;
  return { matter: best.matter, words: best.words };
}

/** A state that a text tells of, `tree-fallen/road`, and the words that told it. */
export interface State {
  id: string;
  words: string;
}

/** States that a text tells of, of the matters named. Empty where it tells none. */
export function statesOf(
  catalogue: { readonly matters: readonly Worded[] },
  matters: readonly (string | null | undefined)[],
  text: string,
): State[] {
  const { text: said } = hear(text);
  return catalogue.matters
    .filter((m) => matters.includes(m.id))
    .flatMap((m) =>
      (m.states ?? []).flatMap((s): State[] => {
        const hits = s.words.flatMap((w) => place(said, w, []) ?? []).sort((p, q) => q.weight - p.weight);
        return hits[0] ? [{ id: `${m.id}/${s.id}`, words: hits[0].word }] : [];
      }),
    );
}
