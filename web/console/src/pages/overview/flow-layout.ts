/** Places of the nodes and threads of the flow; pure, so that it can be tested. Lengths are CSS pixels. */
import { withoutCommonStart } from '../../format/index.ts';

export interface FlowNode {
  key: string;
  /** Empty: the texts name it by its key. */
  title: string;
  rows: number;
  x: number;
  y: number;
  width: number;
  height: number;
  labelY: number;
  label: 'left' | 'right';
  colour: string;
  owner?: string;
  to?: string;
}

export interface FlowLink {
  key: string;
  title: string;
  rows: number;
  path: string;
  colour: string;
}

export interface FlowInput {
  width: number;
  height: number;
  departments: { id: string; title: string; rows: number }[];
  /** Name of the node that gathers the departments that have no room of their own. */
  others: (n: number) => string;
  accepted: number;
  quarantined: number;
  duplicate: number;
  linked: number;
  unlinked: number;
  entities: number | null;
  /** Accepted rows that wait to be matched, that are not about legal persons, and that only take earlier rows back. */
  waiting: number;
  apart: number;
  withdrawing: number;
}

const nodeWidth = 10;
const gap = 5;
const named = 13;

/** Names without what they all begin with (the city's name), cut to what the drawing has room for. */
export function shortNames(names: readonly string[], room: number): string[] {
  return withoutCommonStart(names).map((rest) => {
    const width = (text: string) => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e7f ? 2 : 1), 0);
    if (width(rest) <= room) return rest;
    let cut = rest;
    while (width(cut) > room - 1) cut = cut.slice(0, -1);
    return `${cut.trimEnd()}…`;
  });
}

/** A thread between two vertical stretches of equal or different height. */
export function thread(x0: number, top0: number, h0: number, x1: number, top1: number, h1: number): string {
  const mid = (x0 + x1) / 2;
  const f = (n: number) => n.toFixed(1);
  return `M${f(x0)} ${f(top0)}C${f(mid)} ${f(top0)} ${f(mid)} ${f(top1)} ${f(x1)} ${f(top1)}V${f(top1 + h1)}C${f(mid)} ${f(top1 + h1)} ${f(mid)} ${f(top0 + h0)} ${f(x0)} ${f(top0 + h0)}Z`;
}

/**
 * Heights for rows that fill a column: proportional, but nothing that exists is thinner than `least`. Where there is not even room
 * for that, all that exist are of one height.
 */
export function heights(rows: number[], room: number, least: number): number[] {
  const there = rows.filter((r) => r > 0).length;
  if (there * least >= room) return rows.map((r) => (r > 0 ? room / there : 0));
  const small = new Set<number>();
  for (;;) {
    const free = room - small.size * least;
    const rest = rows.reduce((a, r, i) => a + (small.has(i) ? 0 : r), 0);
    // What the thin ones take makes the others thinner, so that one of those may be too thin now.
    const more = rows.flatMap((r, i) => (r > 0 && !small.has(i) && (r / rest) * free < least ? [i] : []));
    if (more.length === 0) return rows.map((r, i) => (r === 0 ? 0 : small.has(i) ? least : (r / rest) * free));
    for (const i of more) small.add(i);
  }
}

export function flowLayout(input: FlowInput): { nodes: FlowNode[]; links: FlowLink[] } {
  const { width, height } = input;
  const nodes: FlowNode[] = [];
  const links: FlowLink[] = [];
  const shown = input.departments.slice(0, named);
  const rest = input.departments.slice(named);
  const left: { id: string; title: string; rows: number }[] = [...shown];
  if (rest.length) left.push({ id: '', title: input.others(rest.length), rows: rest.reduce((a, d) => a + d.rows, 0) });
  const x = [Math.min(228, width * 0.21), width * 0.39, width * 0.57, width * 0.74, width - 118];
  const top = 12;
  // Below the last node there is room for its two lines of label.
  const room = height - top - 36;

  // Departments, and the one column through which all rows go.
  const leftHeights = heights(
    left.map((d) => d.rows),
    room - gap * Math.max(0, left.length - 1),
    12,
  );
  const received = input.accepted + input.quarantined + input.duplicate;
  const middleRoom = room * 0.86;
  const middleTop = top + (room - middleRoom) / 2;
  const inner = heights(
    left.map((d) => d.rows),
    middleRoom,
    2,
  );
  let y = top;
  let into = middleTop;
  left.forEach((department, i) => {
    const h = leftHeights[i]!;
    nodes.push({
      key: `d-${department.id || 'others'}`,
      title: department.title,
      rows: department.rows,
      x: x[0]!,
      y,
      width: nodeWidth,
      height: h,
      labelY: y + h / 2 + 4,
      label: 'left',
      colour: 'var(--jw-primary)',
      ...(department.id ? { owner: department.id } : {}),
    });
    links.push({
      key: `l-${department.id || 'others'}`,
      title: department.title,
      rows: department.rows,
      path: thread(x[0]! + nodeWidth, y, h, x[1]!, into, inner[i]!),
      colour: 'var(--jw-primary)',
    });
    y += h + gap;
    into += inner[i]!;
  });
  const column = (
    key: string,
    rows: number,
    at: { x: number; y: number; h: number },
    colour: string,
    to: string,
  ): FlowNode => {
    const node: FlowNode = {
      key,
      title: '',
      rows,
      x: at.x,
      y: at.y,
      width: nodeWidth,
      height: at.h,
      labelY: at.y + Math.max(12, at.h / 2 - 2),
      label: 'right',
      colour,
      to,
    };
    nodes.push(node);
    return node;
  };
  column('received', received, { x: x[1]!, y: middleTop, h: middleRoom }, 'var(--jw-primary)', '/exchange/runs');

  // What became of them: accepted, known already, quarantined.
  const outcome = [
    { key: 'accepted', rows: input.accepted, colour: 'var(--jw-primary)', to: '/exchange/runs' },
    { key: 'duplicate', rows: input.duplicate, colour: 'var(--jw-ink3)', to: '/exchange/runs' },
    { key: 'quarantined', rows: input.quarantined, colour: 'var(--jw-weft)', to: '/exchange/quarantine' },
  ].filter((o) => o.rows > 0);
  const space = 40;
  const outHeights = heights(
    outcome.map((o) => o.rows),
    room - space * Math.max(0, outcome.length - 1),
    4,
  );
  const from = heights(
    outcome.map((o) => o.rows),
    middleRoom,
    2,
  );
  let accepted: FlowNode | undefined;
  y = top;
  into = middleTop;
  outcome.forEach((one, i) => {
    const node = column(one.key, one.rows, { x: x[2]!, y, h: outHeights[i]! }, one.colour, one.to);
    if (one.key === 'accepted') accepted = node;
    links.push({
      key: `o-${one.key}`,
      title: '',
      rows: one.rows,
      path: thread(x[1]! + nodeWidth, into, from[i]!, x[2]!, y, outHeights[i]!),
      colour: one.colour,
    });
    y += outHeights[i]! + space;
    into += from[i]!;
  });

  // Matched rows become golden records: many rows, fewer legal persons, so the thread grows narrow.
  const toGolden = (linked: FlowNode, entities: number) => {
    const h = Math.max(18, linked.height * 0.5);
    const at = linked.y + (linked.height - h) / 2;
    column('golden', entities, { x: x[4]!, y: at, h }, 'var(--jw-weft)', '/credit/search');
    links.push({
      key: 'g-golden',
      title: '',
      rows: entities,
      path: thread(x[3]! + nodeWidth, linked.y, linked.height, x[4]!, at, h),
      colour: 'var(--jw-weft)',
    });
  };

  // Of the accepted: those that found their legal person, those that did not (yet), those that wait, all others.
  if (accepted) {
    const found = [
      { key: 'linked', rows: input.linked, colour: 'var(--jw-primary)', to: '/credit/search' },
      { key: 'unlinked', rows: input.unlinked, colour: 'var(--jw-warn)', to: '/refinery/review' },
      { key: 'waiting', rows: input.waiting, colour: 'var(--jw-line-strong)', to: '/system/jobs' },
      { key: 'apart', rows: input.apart, colour: 'var(--jw-ink3)', to: '/exchange/sources' },
      { key: 'withdrawing', rows: input.withdrawing, colour: 'var(--jw-line-strong)', to: '/exchange/runs' },
    ].filter((f) => f.rows > 0);
    const most = Math.max(60, accepted.height);
    const foundHeights = heights(
      found.map((f) => f.rows),
      most - space * Math.max(0, found.length - 1),
      4,
    );
    const out = heights(
      found.map((f) => f.rows),
      accepted.height,
      2,
    );
    y = top;
    into = accepted.y;
    found.forEach((one, i) => {
      const node = column(one.key, one.rows, { x: x[3]!, y, h: foundHeights[i]! }, one.colour, one.to);
      links.push({
        key: `f-${one.key}`,
        title: '',
        rows: one.rows,
        path: thread(x[2]! + nodeWidth, into, out[i]!, x[3]!, y, foundHeights[i]!),
        colour: one.colour,
      });
      if (one.key === 'linked' && input.entities) toGolden(node, input.entities);
      y += foundHeights[i]! + space;
      into += out[i]!;
    });
  }
  return { nodes, links };
}
