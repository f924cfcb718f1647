/** Options pasted out of a spreadsheet or a list: `code<tab>name`, `code name` or names alone; a code that is missing is numbered. */
export function readOptions(text: string): { code: string; title: { zh: string } }[] {
  const found: { code: string; title: { zh: string } }[] = [];
  const taken = new Set<string>();
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  for (const line of lines.slice(0, 500)) {
    const cells = line.split(/\t|[,，;；]/).map((cell) => cell.trim());
    const spaced = /^([0-9A-Za-z.-]{1,20})\s+(\S.*)$/.exec(line);
    const [code, name] = cells.length > 1 ? [cells[0]!, cells[1]!] : spaced ? [spaced[1]!, spaced[2]!] : ['', line];
    if (!name) continue;
    let unique = code.slice(0, 40);
    for (let n = found.length + 1; unique === '' || taken.has(unique); n++) unique = String(n);
    taken.add(unique);
    found.push({ code: unique, title: { zh: name.slice(0, 200) } });
  }
  return found;
}
