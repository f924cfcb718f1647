/** Targets of a task as people paste them: one a line, out of a spreadsheet (tab) or with a comma: name, and where wanted its division or grid. */

export interface TargetLine {
  title: string;
  division?: string;
}
export interface LineFault {
  line: number;
  zh: string;
  en: string;
}

const MOST = 5000;

/** Reads the lines; blank ones are passed over, a target that is there twice is said. */
export function readTargets(text: string): { targets: TargetLine[]; faults: LineFault[] } {
  const targets: TargetLine[] = [];
  const faults: LineFault[] = [];
  const seen = new Map<string, number>();
  for (const [n, raw] of text.split(/\r?\n/).entries()) {
    const line = n + 1;
    const [title = '', division = ''] = raw.split(/\t|[,，]/).map((part) => part.normalize('NFC').trim());
    if (!raw.trim()) continue;
    if (!title) faults.push({ line, zh: `第 ${line} 行没有名称。`, en: `Line ${line} has no name.` });
    else if (title.length > 200 || division.length > 40)
      faults.push({ line, zh: `第 ${line} 行太长。`, en: `Line ${line} is too long.` });
    else {
      const key = `${title}\n${division}`;
      const before = seen.get(key);
      if (before)
        faults.push({
          line,
          zh: `第 ${line} 行与第 ${before} 行相同。`,
          en: `Line ${line} is the same as line ${before}.`,
        });
      else targets.push({ title, ...(division ? { division } : {}) });
      seen.set(key, before ?? line);
    }
  }
  if (targets.length > MOST)
    faults.push({ line: 0, zh: `一个任务最多 ${MOST} 个对象。`, en: `A task has ${MOST} targets at most.` });
  return { targets, faults };
}
