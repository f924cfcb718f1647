/** Reads a CAP message of 1.2 or 1.1 and judges it: accepted whole, or refused with every fault at its place. */
import { Problem, type ProblemKind } from '../../platform/problem.ts';
import * as k from '../problems.ts';
import { categories } from '../pure/index.ts';
import { circleOf, ringOf } from './geometry.ts';
import * as m from './model.ts';
import { identifierParts } from './profile.ts';
import { type Node, textOf, treeOf } from './tree.ts';

const NAMESPACES: Record<string, '1.1' | '1.2'> = {
  'urn:oasis:names:tc:emergency:cap:1.2': '1.2',
  'urn:oasis:names:tc:emergency:cap:1.1': '1.1',
};
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';
/** Faults told at most. */
const MOST_FAULTS = 30;

/** A message that was accepted. */
export interface ReadCap {
  version: '1.1' | '1.2';
  alert: m.CapAlert;
  /** It carries a signature, which is kept and not verified. */
  signed: boolean;
  /** What was mended or is unusual, as stable words: `severity-colour`, `cap-1.1`. */
  notes: string[];
}

/** [name, least, most] of an element's children, in the schema's order. */
const many = Number.POSITIVE_INFINITY;
type Shape = Record<string, [number, number]>;
const alertShape: Shape = {
  ...{
    identifier: [1, 1],
    sender: [1, 1],
    sent: [1, 1],
    status: [1, 1],
    msgType: [1, 1],
    source: [0, 1],
    scope: [1, 1],
  },
  ...{ restriction: [0, 1], addresses: [0, 1], code: [0, many], note: [0, 1], references: [0, 1], incidents: [0, 1] },
  info: [0, many],
};
const infoShape: Shape = {
  ...{
    language: [0, 1],
    category: [1, many],
    event: [1, 1],
    responseType: [0, many],
    urgency: [1, 1],
    severity: [1, 1],
  },
  ...{ certainty: [1, 1], audience: [0, 1], eventCode: [0, many], effective: [0, 1], onset: [0, 1], expires: [0, 1] },
  ...{ senderName: [0, 1], headline: [0, 1], description: [0, 1], instruction: [0, 1], web: [0, 1], contact: [0, 1] },
  ...{ parameter: [0, many], resource: [0, many], area: [0, many] },
};
const pairShape: Shape = { valueName: [1, 1], value: [1, 1] };
const resourceShape: Shape = {
  ...{ resourceDesc: [1, 1], mimeType: [0, 1], size: [0, 1], uri: [0, 1], derefUri: [0, 1], digest: [0, 1] },
};
const areaShape: Shape = {
  ...{ areaDesc: [1, 1], polygon: [0, many], circle: [0, many], geocode: [0, many], altitude: [0, 1], ceiling: [0, 1] },
};

/** Reads a message. Throws the first fault with all of them as its details. */
export function readCap(bytes: Uint8Array): ReadCap {
  const root = treeOf(textOf(bytes));
  const version = NAMESPACES[root.uri];
  if (root.name !== 'alert' || !version)
    throw new Problem(
      k.capVersion,
      { namespace: root.uri.slice(0, 100) || root.name },
      { line: root.line, column: root.column },
    );
  const reader = new Reader(version);
  const alert = reader.alert(root);
  const [first, ...rest] = reader.faults;
  if (first)
    throw rest.length ? new Problem(first.kind, first.params, first.place, reader.faults.slice(0, MOST_FAULTS)) : first;
  return { version, alert, signed: reader.signed, notes: [...reader.notes] };
}

class Reader {
  readonly faults: Problem[] = [];
  readonly notes = new Set<string>();
  signed = false;
  readonly #version: '1.1' | '1.2';
  #national = false;

  constructor(version: '1.1' | '1.2') {
    this.#version = version;
    if (version === '1.1') this.notes.add('cap-1.1');
  }

  fault(kind: ProblemKind, params: Record<string, unknown>, node: Node, pointer: string): void {
    this.faults.push(new Problem(kind, params, { line: node.line, column: node.column, pointer }));
  }

  /** The children of a node by name; what does not belong, lacks or is too often is a fault. */
  parts(node: Node, shape: Shape, at: string): (name: string) => Node[] {
    const found = new Map<string, Node[]>();
    for (const child of node.children) {
      if (child.uri === SIGNATURE && at === '/alert') {
        this.signed = true;
        continue;
      }
      if (!shape[child.name] || child.uri !== node.uri)
        this.fault(k.capUnknown, { element: child.name }, child, `${at}/${child.name}`);
      else found.set(child.name, [...(found.get(child.name) ?? []), child]);
    }
    for (const [name, [least, most]] of Object.entries(shape)) {
      const there = found.get(name) ?? [];
      if (there.length < least) this.fault(k.capMissing, { element: name }, node, `${at}/${name}`);
      if (there.length > most) this.fault(k.capTwice, { element: name }, there[1]!, `${at}/${name}`);
    }
    return (name) => found.get(name) ?? [];
  }

  alert(root: Node): m.CapAlert {
    const at = '/alert';
    const of = this.parts(root, alertShape, at);
    const text = (name: string) => this.text(of(name)[0]);
    const identifier = this.plain(of('identifier')[0], `${at}/identifier`);
    this.#national = identifierParts(identifier) !== undefined;
    const status = this.one(of('status')[0], m.statuses, `${at}/status`);
    const msgType = this.one(of('msgType')[0], m.msgTypes, `${at}/msgType`);
    const scope = this.one(of('scope')[0], m.scopes, `${at}/scope`);
    const references = this.references(of('references')[0], `${at}/references`);
    if (['Update', 'Cancel', 'Ack', 'Error'].includes(msgType) && !references.length && !of('references').length)
      this.fault(k.capNoReference, { type: msgType }, of('msgType')[0] ?? root, `${at}/references`);
    for (const [name, when] of [
      ['restriction', 'Restricted'],
      ['addresses', 'Private'],
    ] as const)
      if (scope === when && !text(name))
        this.fault(k.capScope, { scope, element: name }, of('scope')[0] ?? root, `${at}/${name}`);
    return {
      ...{
        identifier,
        sender: this.plain(of('sender')[0], `${at}/sender`),
        sent: this.time(of('sent')[0], `${at}/sent`) ?? '',
      },
      ...{ status, msgType, scope, references },
      ...this.optional(of, ['source', 'restriction', 'addresses', 'note', 'incidents']),
      codes: of('code')
        .map((n) => this.text(n))
        .filter(Boolean),
      infos: of('info').map((n, i) => this.info(n, `${at}/info/${i}`)),
    };
  }

  info(node: Node, at: string): m.CapInfo {
    const of = this.parts(node, infoShape, at);
    const filled = (name: string) => {
      const there = of(name)[0];
      if (there && !this.text(there)) this.fault(k.capEmpty, { element: name }, there, `${at}/${name}`);
      return this.text(there);
    };
    const pairs = (name: string) => of(name).map((n, i) => this.pair(n, `${at}/${name}/${i}`));
    const times: Partial<m.CapInfo> = {};
    for (const name of ['effective', 'onset', 'expires'] as const) {
      const value = this.time(of(name)[0], `${at}/${name}`);
      if (value) times[name] = value;
    }
    return {
      language: this.text(of('language')[0]) || 'en-US',
      categories: of('category').map((n, i) => this.one(n, categories, `${at}/category/${i}`)),
      event: filled('event'),
      responseTypes: of('responseType').map((n, i) => this.one(n, m.responseTypes, `${at}/responseType/${i}`)),
      urgency: this.one(of('urgency')[0], m.urgencies, `${at}/urgency`),
      severity: this.severity(of('severity')[0], `${at}/severity`),
      certainty: this.certainty(of('certainty')[0], `${at}/certainty`),
      ...times,
      ...this.optional(of, ['audience', 'senderName', 'headline', 'description', 'instruction', 'web', 'contact']),
      ...{ eventCodes: pairs('eventCode'), parameters: pairs('parameter') },
      resources: of('resource').map((n, i) => this.resource(n, `${at}/resource/${i}`)),
      areas: of('area').map((n, i) => this.area(n, `${at}/area/${i}`)),
    };
  }

  resource(node: Node, at: string): m.CapResource {
    const of = this.parts(node, resourceShape, at);
    if (this.#version === '1.2' && !of('mimeType').length)
      this.fault(k.capMissing, { element: 'mimeType' }, node, `${at}/mimeType`);
    return {
      resourceDesc: this.text(of('resourceDesc')[0]),
      mimeType: this.text(of('mimeType')[0]),
      ...this.optional(of, ['size', 'uri', 'digest']),
    };
  }

  area(node: Node, at: string): m.CapArea {
    const of = this.parts(node, areaShape, at);
    const polygons = of('polygon').flatMap((n, i) => {
      const ring = this.text(n) ? ringOf(this.text(n)) : { zh: '为空', en: 'it is empty' };
      if (Array.isArray(ring)) return [ring];
      this.faults.push(
        new Problem(
          {
            ...k.capPolygon,
            zh: k.capPolygon.zh.replace('{message}', ring.zh),
            en: k.capPolygon.en.replace('{message}', ring.en),
          },
          {},
          { line: n.line, column: n.column, pointer: `${at}/polygon/${i}` },
        ),
      );
      return [];
    });
    const circles = of('circle').flatMap((n, i) => {
      const circle = circleOf(this.text(n));
      if (!circle) this.fault(k.capCircle, { value: this.text(n).slice(0, 60) }, n, `${at}/circle/${i}`);
      return circle ? [circle] : [];
    });
    return {
      ...{ areaDesc: this.text(of('areaDesc')[0]), polygons, circles },
      geocodes: of('geocode').map((n, i) => this.pair(n, `${at}/geocode/${i}`)),
      ...this.optional(of, ['altitude', 'ceiling']),
    };
  }

  pair(node: Node, at: string): m.CapPair {
    const of = this.parts(node, pairShape, at);
    return { name: this.text(of('valueName')[0]), value: this.text(of('value')[0]) };
  }

  references(node: Node | undefined, at: string): m.CapReference[] {
    if (!node) return [];
    const text = this.text(node);
    if (!text) this.fault(k.capEmpty, { element: 'references' }, node, at);
    return text
      .split(/\s+/)
      .filter(Boolean)
      .flatMap((one) => {
        const [sender, identifier, sent, more] = one.split(',');
        if (!sender || !identifier || !sent || more !== undefined || Number.isNaN(Date.parse(sent))) {
          this.fault(k.capReference, { value: one.slice(0, 120) }, node, at);
          return [];
        }
        return [{ sender, identifier, sent }];
      });
  }

  text(node: Node | undefined): string {
    return node?.text.trim() ?? '';
  }

  optional<K extends string>(of: (name: string) => Node[], names: readonly K[]): Partial<Record<K, string>> {
    const found: Partial<Record<K, string>> = {};
    for (const name of names) {
      const value = this.text(of(name)[0]);
      if (value) found[name] = value;
    }
    return found;
  }

  /** Identifiers and senders: neither empty nor with what would break references. */
  plain(node: Node | undefined, at: string): string {
    const value = this.text(node);
    if (!node) return value;
    const element = at.slice(at.lastIndexOf('/') + 1);
    if (!value) this.fault(k.capEmpty, { element }, node, at);
    else if (/[\s,<&]/.test(value)) this.fault(k.capText, { element }, node, at);
    return value;
  }

  one(node: Node | undefined, allowed: readonly string[], at: string): string {
    const value = this.text(node);
    if (node && !allowed.includes(value))
      this.fault(k.capValue, { element: node.name, value: value.slice(0, 60) }, node, at);
    return value;
  }

  severity(node: Node | undefined, at: string): string {
    const national: Record<string, string> = { RED: 'Extreme', ORANGE: 'Severe', YELLOW: 'Moderate', BLUE: 'Minor' };
    const value = this.text(node);
    // Clients of the national network write the colour in its place.
    if (this.#national && national[value.toUpperCase()]) {
      this.notes.add('severity-colour');
      return national[value.toUpperCase()]!;
    }
    return this.one(node, m.severities, at);
  }

  certainty(node: Node | undefined, at: string): string {
    if (this.#version === '1.1' && this.text(node) === 'Very Likely') return 'Likely';
    return this.one(node, m.certainties, at);
  }

  time(node: Node | undefined, at: string): string | undefined {
    if (!node) return undefined;
    const value = this.text(node);
    // CAP 1.1 asked for any time of XML Schema; 1.2 for a numeric offset.
    const form =
      this.#version === '1.2'
        ? /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/
        : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/;
    if (!form.test(value) || Number.isNaN(Date.parse(value))) {
      this.fault(k.capTime, { element: node.name, value: value.slice(0, 40) }, node, at);
      return undefined;
    }
    return value;
  }
}
