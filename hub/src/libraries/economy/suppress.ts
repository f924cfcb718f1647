/**
 * Confidentiality of figures of groups (统计法: what one enterprise reported is not to be recognised). A figure of fewer than
 * `fewest` enterprises, or of which one makes more than `dominance`, is withheld; of what stands in the same line others are
 * withheld with it, until what is withheld together is itself a figure that may be told: subtraction leads to no more.
 */

/** What a figure is made of: enterprises, their sum, the largest of them. */
export interface Made {
  n: number;
  sum: number;
  top: number;
}

/** The limits as they are declared. */
export interface Limits {
  fewest: number;
  dominance: number;
}

/** Whether a figure may not be told by itself. One of nobody tells nothing. */
export const unsafe = (x: Made, { fewest, dominance }: Limits): boolean =>
  x.n > 0 && (x.n < fewest || x.top > dominance * x.sum);

/**
 * Codes of a line that are withheld. The line's total is known, and so are the others; `already` are withheld for another
 * reason. Throws nothing: where nothing is left to withhold, all of it is.
 */
export function withheld(line: ReadonlyMap<string, Made>, limits: Limits, already: Iterable<string> = []): Set<string> {
  const hidden = new Set([...already].filter((code) => line.has(code)));
  for (const [code, x] of line) if (unsafe(x, limits)) hidden.add(code);
  for (;;) {
    if (hidden.size === 0) return hidden;
    const together = { n: 0, sum: 0, top: 0 };
    for (const code of hidden) {
      const x = line.get(code)!;
      together.n += x.n;
      together.sum += x.sum;
      together.top = Math.max(together.top, x.top);
    }
    const filled = [...hidden].filter((code) => line.get(code)!.n > 0).length;
    if (filled !== 1 && !unsafe(together, limits)) return hidden;
    // The smallest that is still told costs the reader least.
    const next = [...line].filter(([code, x]) => !hidden.has(code) && x.n > 0).sort((a, b) => a[1].sum - b[1].sum)[0];
    if (!next) return new Set(line.keys());
    hidden.add(next[0]);
  }
}
