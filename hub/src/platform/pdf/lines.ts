/** Lines of mixed Chinese and Latin text: between Chinese characters anywhere, else at spaces; no line begins with a closing mark. */

/** What no line begins with (行首禁则) and what no line ends with (行尾禁则). */
const NOT_FIRST = new Set('，。、；：？！）》」』】”’…—%％‰℃·,.;:?!)]}');
const NOT_LAST = new Set('（《「『【“‘([{〔');

/** Parts that are not broken: a Chinese character or a word, with the marks that stay with it. */
export function pieces(text: string): string[] {
  const out: string[] = [];
  let word = '';
  const end = () => {
    if (word) out.push(word);
    word = '';
  };
  for (const c of text) {
    const code = c.codePointAt(0)!;
    if (c === ' ') {
      word += c;
      end();
    } else if (code >= 0x2e80 || NOT_FIRST.has(c) || NOT_LAST.has(c)) {
      // Marks inside of a Latin word (3.14, a/b) stay in it.
      if (code < 0x80) word += c;
      else {
        end();
        out.push(c);
      }
    } else word += c;
  }
  end();
  const joined: string[] = [];
  for (const p of out) {
    const last = joined.at(-1);
    if (last !== undefined && (NOT_FIRST.has([...p][0]!) || NOT_LAST.has([...last].at(-1)!)))
      joined[joined.length - 1] = last + p;
    else joined.push(p);
  }
  return joined;
}

/** Lines of a text; what is longer than a line by itself is cut where it must be. */
export function breakLines(text: string, width: number, measure: (part: string) => number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const piece of pieces(paragraph)) {
      if (measure((line + piece).trimEnd()) <= width) {
        line += piece;
        continue;
      }
      if (line) lines.push(line.trimEnd());
      line = piece;
      while (measure(line.trimEnd()) > width && [...line].length > 1) {
        const characters = [...line];
        let n = characters.length - 1;
        while (n > 1 && measure(characters.slice(0, n).join('')) > width) n -= 1;
        lines.push(characters.slice(0, n).join(''));
        line = characters.slice(n).join('');
      }
    }
    lines.push(line.trimEnd());
  }
  return lines;
}
