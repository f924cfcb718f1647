/** Rows of a CSV text (RFC 4180; LF or CRLF; quotes doubled inside quotes), each with the place in the text where it begins. */
export function* csvRows(text: string): Generator<[row: string[], from: number]> {
  let row: string[] = [];
  let at = 0;
  let from = 0;
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      let parts = '';
      at += 1;
      for (;;) {
        const end = text.indexOf('"', at);
        if (end < 0) {
          parts += text.slice(at);
          at = text.length;
          break;
        }
        parts += text.slice(at, end);
        at = end + 1;
        if (text[at] !== '"') break;
        parts += '"';
        at += 1;
      }
      cell = parts;
    } else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== '\n') end += 1;
      cell = text.slice(at, end);
      at = end;
    }
    row.push(cell.endsWith('\r') ? cell.slice(0, -1) : cell);
    if (text[at] === '\r') at += 1;
    if (text[at] === ',') {
      at += 1;
      if (at < text.length) continue;
      // The text ends behind a comma: with an empty cell.
      row.push('');
    }
    // Behind a quoted cell only a comma or the end of the line may stand; anything else is passed over.
    while (at < text.length && text[at] !== '\n') at += 1;
    at += 1;
    yield [row, from];
    row = [];
    from = at;
  }
}
